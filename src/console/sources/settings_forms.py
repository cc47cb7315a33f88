"""The forms a setting's value can have: what is accepted, and how it is said in words."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import TypeVar
from urllib.parse import urlsplit

from console.core.tariff import DAYS
from console.core.text import one_line

T = TypeVar("T")

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.:_-]*[A-Za-z0-9])?", re.ASCII)
_FLAGS = {"true": True, "false": False, "1": True, "0": False, "yes": True, "no": False}


class Unfit(ValueError):
    """A value that does not fit, with words that say why, to follow the setting's name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A form of value, told in `words` as what it must be.

    `accept` takes a TOML value and gives the setting's, or raises ValueError; `parse` makes a TOML
    value of an environment variable's text. `secret` values are never repeated in an error.
    """

    words: str
    accept: Callable[[object], object]
    parse: Callable[[str], object] = str
    choices: tuple[str, ...] = ()
    secret: bool = False


def text(words: str = "a text") -> Form:
    """Any text but an empty one."""

    def accept(value: object) -> str:
        return require(typed_text(value), lambda typed: bool(typed.strip()))

    return Form(words=words, accept=accept)


def choice(names: Sequence[str]) -> Form:
    """One of some names."""

    def accept(value: object) -> str:
        return require(typed_text(value), lambda typed: typed in names)

    quoted = [f'"{name}"' for name in names]
    words = f"{', '.join(quoted[:-1])} or {quoted[-1]}"
    return Form(words=words, accept=accept, choices=tuple(names))


def whole(low: int, high: int) -> Form:
    """A whole number."""

    def accept(value: object) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise ValueError
        return value

    return Form(words=f"a whole number from {low:,} to {high:,}", accept=accept, parse=_number)


def seconds(low: str, high: str, unit: str = "seconds") -> Form:
    """A length of time in seconds, or in another unit, kept as a float."""

    def accept(value: object) -> float:
        return float(_decimal(value, Decimal(low), Decimal(high)))

    return Form(words=f"{unit} from {low} to {high}", accept=accept, parse=_number)


def dollars(high: int) -> Form:
    """Money, exactly as typed."""

    def accept(value: object) -> Decimal:
        return _decimal(value, Decimal(0), Decimal(high))

    return Form(words=f"dollars from 0 to {high:,}", accept=accept, parse=_number)


def factor(low: str, high: str) -> Form:
    """A number without a unit, exactly as typed."""

    def accept(value: object) -> Decimal:
        return _decimal(value, Decimal(low), Decimal(high))

    return Form(words=f"a number from {low} to {high}", accept=accept, parse=_number)


def flag() -> Form:
    """True or false."""

    def accept(value: object) -> bool:
        if not isinstance(value, bool):
            raise ValueError
        return value

    return Form(
        words="true or false", accept=accept, parse=lambda typed: _FLAGS.get(typed.lower(), typed)
    )


def url() -> Form:
    """A server's address; one that holds a password is refused, and never repeated."""

    def accept(value: object) -> str:
        typed = typed_text(value)
        parts = urlsplit(typed)
        good = (
            parts.scheme in ("http", "https")
            and parts.hostname
            and parts.port != 0
            and parts.username is None
            and not (parts.query or parts.fragment)
            and one_line(typed) == typed
            and " " not in typed
        )
        return require(typed.rstrip("/"), lambda _: bool(good))

    words = "an address like http://127.0.0.1:11434, without a user, a password or a query"
    return Form(words=words, accept=accept, secret=True)


def variable() -> Form:
    """The name of an environment variable; empty is none."""

    def accept(value: object) -> str | None:
        typed = typed_text(value)
        return require(typed, lambda name: not name or bool(_VARIABLE.fullmatch(name))) or None

    words = "the NAME of an environment variable, never the key itself (empty: none)"
    return Form(words=words, accept=accept, secret=True)


def file() -> Form:
    """A file's path; empty is none."""

    def accept(value: object) -> str | None:
        typed = typed_text(value)
        return require(typed, lambda path: path == "" or path[0] in "/~") or None

    words = "the path of a file from / or ~, never the key itself (empty: none)"
    return Form(words=words, accept=accept, secret=True)


def hosts() -> Form:
    """A list of host names or addresses, in lower case."""

    def accept(value: object) -> tuple[str, ...]:
        names = [typed_text(name).lower() for name in _list(value)]
        return tuple(require(name, lambda name: bool(_HOST.fullmatch(name))) for name in names)

    return Form(words='a list of hosts like ["gpu-box.lan", "10.0.0.5"]', accept=accept)


def texts(what: str) -> Form:
    """A list of texts, none of them empty."""

    def accept(value: object) -> tuple[str, ...]:
        typed = [typed_text(each) for each in _list(value)]
        return tuple(require(each, lambda text: bool(text.strip())) for each in typed)

    return Form(words=f"a list of {what}", accept=accept)


def choices(names: Sequence[str]) -> Form:
    """A list of some names."""

    def accept(value: object) -> tuple[str, ...]:
        typed = [typed_text(each) for each in _list(value)]
        return tuple(require(each, lambda name: name in names) for each in typed)

    return Form(words=f"a list of any of {', '.join(names)}", accept=accept)


def day() -> Form:
    """A date, kept as its ISO text."""

    def accept(value: object) -> str:
        if isinstance(value, str):
            value = date.fromisoformat(value)
        if not isinstance(value, date) or isinstance(value, datetime):
            raise ValueError
        return value.isoformat()

    return Form(words="a date like 2026-11-01", accept=accept)


def clock() -> Form:
    """A time of day."""

    def accept(value: object) -> time:
        typed = value if isinstance(value, time) else time.fromisoformat(typed_text(value))
        return require(typed, lambda at: at.tzinfo is None)

    return Form(words='a time like "16:00"', accept=accept)


def weekdays() -> Form:
    """Days of the week, as numbers from Monday."""

    def accept(value: object) -> frozenset[int]:
        days: set[int] = set()
        for part in typed_text(value).lower().replace(" ", "").split(","):
            first, _, last = part.partition("-")
            start, end = DAYS.index(first), DAYS.index(last or first)
            days.update(day % 7 for day in range(start, end + (7 if end < start else 0) + 1))
        return frozenset(days)

    return Form(words='days like "mon-fri" or "sat,sun"', accept=accept)


def keys() -> Form:
    """Keys as one text, comma-separated, or a list of texts."""

    def accept(value: object) -> str:
        names = (
            value.split(",")
            if isinstance(value, str)
            else [typed_text(key) for key in _list(value)]
        )
        names = [name.strip() for name in names]
        return ",".join(require(names, lambda names: bool(names) and all(names)))

    return Form(words='keys like "ctrl+g,f6"', accept=accept)


def shown(value: object) -> str:
    """A value as an error repeats it: on one line, and cut short."""
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            line = one_line(value)
            return json.dumps(line if len(line) <= 40 else line[:39] + "…", ensure_ascii=False)
        case Mapping():
            return "a table"
        case list():
            items = ", ".join(map(shown, value))
            return f"[{items}]" if len(items) <= 60 else "such a list"
        case _:
            return str(value)


def toml(value: object) -> str:
    """A setting's value as TOML."""
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return json.dumps(value, ensure_ascii=False)
        case tuple() | list():
            return f"[{', '.join(toml(item) for item in value)}]"
        case _:
            return str(value)


def typed_text(value: object) -> str:
    """A value that is text; ValueError for another."""
    if not isinstance(value, str):
        raise ValueError
    return value


def _list(value: object) -> list[object]:
    if not isinstance(value, list):
        raise ValueError
    return value


def _decimal(value: object, low: Decimal, high: Decimal) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise ValueError
    number = Decimal(value)
    if not number.is_finite() or not low <= number <= high:
        raise ValueError
    return number


def _number(typed: str) -> object:
    """A number in an environment variable; what is none stays text and is refused as such."""
    try:
        return int(typed)
    except ValueError:
        pass
    try:
        return Decimal(typed)
    except InvalidOperation:
        return typed


def require(value: T, holds: Callable[[T], bool]) -> T:
    """A value that holds; ValueError for another."""
    if not holds(value):
        raise ValueError
    return value
