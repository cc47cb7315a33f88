"""Numbers as an operator types them, with suffixes, percentages, ranges, steps; and as told."""

import re
from dataclasses import dataclass

_NUMBER = re.compile(
    r"""(?P<sign>[+-]?)\$?\s*
        (?P<digits>\d{1,3}(?:,\d{3})+(?:\.\d*)?|\d+(?:_\d+)*(?:\.\d*)?|\.\d+)
        (?P<exponent>[eE][+-]?\d{1,3})?
        \s*(?P<suffix>[kKMBG%¢]?)""",
    re.VERBOSE | re.ASCII,
)
_EXPONENT = {"": 0, "k": 3, "K": 3, "M": 6, "B": 9, "G": 9, "%": -2, "¢": -2}
_LADDER = (1.0, 1.5, 2.0, 3.0, 5.0, 7.0)


@dataclass(frozen=True, slots=True)
class Range:
    """An input known only within bounds, low below high."""

    low: float
    high: float


def parse_number(text: str) -> float:
    """The number in `8.4k`, `12%`, `1e6`, `10_000`, `10,000`, `$3.50` or `18.8¢`.

    Raises ValueError with a sentence on what can be typed.
    """
    typed = text.strip()
    if not typed:
        raise ValueError("type a number, for example 8.4k, 12% or $3.50")
    match = _NUMBER.fullmatch(typed)
    if match is None:
        raise ValueError(f"{_shown(typed)} is not a number; write it like 8.4k, 12%, 1e6 or $3.50")
    digits = match["digits"].replace(",", "").replace("_", "")
    # One decimal literal, so that 8.4k is 8400 and 18.8% is 0.188 to the last bit.
    exponent = int((match["exponent"] or "e0")[1:]) + _EXPONENT[match["suffix"]]
    number = float(f"{match['sign']}{digits}e{exponent}")
    if number in (float("inf"), float("-inf")):
        raise ValueError(f"{_shown(typed)} is too large")
    return number


def parse_value(text: str) -> float | Range:
    """A number, or the range in `1.3..4.3` or `1.3 to 4.3`.

    Raises ValueError when either end is not a number or the low end is not below the high one.
    """
    ends = re.split(r"\s*\.{2,}\s*|\s+to\s+", text.strip())
    if len(ends) == 1:
        return parse_number(text)
    if len(ends) != 2 or not all(ends):
        raise ValueError(f"{_shown(text)} is not a range; write it like 1.3..4.3")
    low, high = (parse_number(end) for end in ends)
    if low >= high:
        raise ValueError(f"the low end of {_shown(text)} must be below the high end")
    return Range(low, high)


def step(value: float, direction: int, *, smallest: float = 0.0) -> float:
    """The next value on the ladder 1, 1.5, 2, 3, 5, 7, 10, … above or below `value`.

    Down from `smallest` leads to 0 and up from 0 to `smallest`, where the field allows 0.
    Raises ValueError for a value that no ladder has.
    """
    if direction not in (1, -1):
        raise ValueError("a step goes up (+1) or down (-1)")
    if not 0 <= value <= 1e300:
        raise ValueError("only a number from 0 on can be stepped")
    if value < smallest or value == 0:
        return smallest if direction > 0 else 0.0
    if direction < 0 and value == smallest:
        return 0.0
    decade = int(f"{value:e}".partition("e")[2])
    rungs = [
        float(f"{rung}e{power}") for power in range(decade - 1, decade + 2) for rung in _LADDER
    ]
    if direction > 0:
        return next(rung for rung in rungs if rung > value)
    return max(smallest, next(rung for rung in reversed(rungs) if rung < value))


def step_share(value: float, points: float) -> float:
    """A share moved by percentage points, kept within 0 and 1."""
    return min(1.0, max(0.0, round(value + points / 100, 6)))


def step_decade(value: float, direction: int) -> float:
    """Ten times the value, or a tenth of it."""
    return value * 10 if direction > 0 else value / 10


def _shown(text: str) -> str:
    text = text.strip()
    return repr(text if len(text) <= 24 else text[:23] + "…")


def grouped(value: float) -> str:
    """A number to six digits with its thousands grouped, whole from 100,000 on."""
    return f"{value:,.0f}" if abs(value) >= 1e5 else f"{value:,.6g}"
