"""Bounds of the calculator's inputs, each violation said in one sentence that names the field."""

import math
from collections.abc import Callable, Mapping
from dataclasses import fields
from functools import cache
from operator import attrgetter
from typing import Any, Self, TypeVar


def check_number(
    field: str,
    value: object,
    *,
    low: float = 0.0,
    high: float = 1e12,
    above: bool = False,
) -> None:
    """Refuse what is not a number from `low` to `high`; with `above`, `low` itself is refused too.

    Raises ValueError naming the field.
    """
    if type(value) is float and low < value <= high:
        return  # Nearly always, and a draw of Monte Carlo makes dozens of checks.
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"{field} must be a number")
    if not math.isfinite(value):
        raise ValueError(f"{field} must be a finite number, not {value}")
    if value < low or (above and value == low):
        bound = f"more than {low:g}" if above else f"at least {low:g}"
        raise ValueError(f"{field} must be {bound}, not {value:g}")
    if value > high:
        raise ValueError(f"{field} must be at most {high:g}, not {value:g}")


class Group:
    """A group of inputs that can be read from a mapping and changed by name."""

    __slots__ = ()

    @classmethod
    def from_mapping(cls, values: Mapping[str, Any]) -> Self:
        """The group with these values over its defaults; None means not stated.

        Raises ValueError for an unknown key, a missing one or an impossible value.
        """
        known = {field.name for field in fields(cls)}  # type: ignore[arg-type]
        for key in values:
            if key not in known:
                raise ValueError(f"{key} is unknown here; known are {', '.join(sorted(known))}")
        try:
            return cls(**{key: value for key, value in values.items() if value is not None})
        except TypeError as error:
            missing = str(error).partition("argument")[2].lstrip("s: ")
            raise ValueError(f"{missing} must be given") from None


T = TypeVar("T")


def unchecked(group: T, values: Mapping[str, Any]) -> T:
    """A copy of a frozen group with other values, for values that are known to pass its checks."""
    kind: Any = type(group)
    read, puts = _slots(kind)
    copy: T = object.__new__(kind)
    for put, value in zip(puts, read(group), strict=False):
        put(copy, value)
    for name, value in values.items():
        object.__setattr__(copy, name, value)
    return copy


@cache
def _slots(kind: type) -> tuple[Callable[[Any], tuple[Any, ...]], tuple[Callable[..., None], ...]]:
    """What reads all fields of a group at once, and what puts each into another."""
    names: tuple[str, ...] = kind.__slots__  # type: ignore[attr-defined]
    # The first is read twice: of a single name the value would come without a tuple round it.
    return attrgetter(*names, names[0]), tuple(getattr(kind, name).__set__ for name in names)


def check_shares(group: object, *names: str) -> None:
    """Refuse fields that are not between 0 and 1."""
    for name in names:
        check_number(name, getattr(group, name), high=1)


def check_amounts(group: object, *names: str, high: float = 1e12) -> None:
    """Refuse fields that are negative or absurd."""
    for name in names:
        check_number(name, getattr(group, name), high=high)


def check_sizes(group: object, *names: str, high: float = 1e12) -> None:
    """Refuse fields that are zero, negative or absurd."""
    for name in names:
        check_number(name, getattr(group, name), above=True, high=high)


def check_whole(group: object, *names: str) -> None:
    """Refuse fields that are neither None nor a whole number."""
    for name in names:
        value = getattr(group, name)
        if value is None:
            continue
        check_number(name, value, high=1e9)
        if value != int(value):
            raise ValueError(f"{name} must be a whole number, not {value:g}")
