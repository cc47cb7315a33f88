"""A GPU snapshot as one line of JSON, and back."""

import json
from collections.abc import Callable, Mapping
from functools import cache
from types import NoneType, UnionType
from typing import Any, get_args, get_origin

from console.core.gpu import Card, Instance, Process, Snapshot
from console.core.text import one_line

_LARGEST = 2**63
"""No counter of a driver's is beyond it, and sums of such numbers stay numbers."""

_LONGEST = 60
"""Characters of a wrong value that are shown."""


def to_json(snapshot: Snapshot) -> str:
    """One line of JSON with every field: the form of `gpu --json`; unknown is null."""
    return json.dumps(_plain(snapshot, whole=True), separators=(",", ":"))


def to_line(snapshot: Snapshot) -> str:
    """The same without what has its default: the form of traces and of the NVML child's pipe."""
    return json.dumps(_plain(snapshot, whole=False), separators=(",", ":"))


def from_json(line: str | bytes) -> Snapshot:
    """A snapshot from its line of JSON, its text made safe to show.

    Raises ValueError when the line is not one.
    """
    try:
        document = json.loads(line)
        if not isinstance(document, dict) or not isinstance(document.get("cards"), list):
            raise ValueError("an object with cards is expected")
        snapshot = _object(Snapshot, document)
        assert isinstance(snapshot, Snapshot)
        return snapshot
    except RecursionError:
        raise ValueError("not a GPU snapshot: it is nested too deep") from None
    except (ValueError, TypeError) as error:
        raise ValueError(f"not a GPU snapshot: {error}") from None


def _plain(value: object, *, whole: bool) -> object:
    """A value as JSON has it; without `whole`, fields that have their default are left out."""
    if isinstance(value, Snapshot | Card | Instance | Process):
        defaults = value._field_defaults
        return {
            name: _plain(item, whole=whole)
            for name, item in zip(value._fields, value, strict=True)
            if whole or name not in defaults or item != defaults[name] or name == "cards"
        }
    if isinstance(value, tuple):
        return [_plain(item, whole=whole) for item in value]
    return dict(value) if isinstance(value, Mapping) else value


def _object(kind: type, document: object) -> object:
    """A record from its JSON object, each field of the type that is declared."""
    if not isinstance(document, dict):
        raise ValueError("an object is expected")
    readers = _readers(kind)
    values: dict[str, Any] = {}
    for name, value in document.items():
        read = readers.get(name)
        if read is None:
            raise ValueError(f"{one_line(name)} is unknown")
        try:
            values[name] = read(value)
        except _Unlike:
            raise ValueError(f"{name} is {_shown(value)}") from None
    return kind(**values)


def _shown(value: object) -> str:
    """A value for a sentence."""
    try:
        text = one_line(repr(value))
    except ValueError:  # Python writes no number of thousands of digits
        return "far too large"
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


class _Unlike(Exception):
    """A value is not of the type that is declared."""


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise _Unlike
    return one_line(value)


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise _Unlike
    return value


def _whole(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or abs(value) > _LARGEST:
        raise _Unlike
    return value


def _number(value: object) -> float:
    # JSON has one kind of number: a float may come as an int, but true is no number.
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise _Unlike
    if not -_LARGEST <= value <= _LARGEST:  # nor is NaN, which is in no order
        raise _Unlike
    return float(value)


_SCALARS: dict[object, Callable[[object], Any]] = {
    str: _text,
    bool: _flag,
    int: _whole,
    float: _number,
}


def _reader(declared: object) -> Callable[[object], Any]:
    """What reads a JSON value of a declared type."""
    origin, arguments = get_origin(declared), get_args(declared)
    if origin is UnionType:
        (inner,) = (each for each in arguments if each is not NoneType)
        read = _reader(inner)
        return lambda value: None if value is None else read(value)
    if origin is tuple:
        return lambda value: tuple(_object(arguments[0], item) for item in _list(value))
    if origin is Mapping:
        read_item = _reader(arguments[1])
        return lambda value: {
            one_line(name): read_item(item) for name, item in _table(value).items()
        }
    return _SCALARS[declared]


def _list(value: object) -> list[object]:
    if not isinstance(value, list):
        raise _Unlike
    return value


def _table(value: object) -> dict[str, object]:
    if not isinstance(value, dict):
        raise _Unlike
    return value


@cache
def _readers(kind: type) -> dict[str, Callable[[object], Any]]:
    return {name: _reader(declared) for name, declared in kind.__annotations__.items()}
