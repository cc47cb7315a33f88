"""Bounds of the calculator's inputs, each violation said in one sentence that names the field."""

import math


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
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"{field} must be a number")
    if not math.isfinite(value):
        raise ValueError(f"{field} must be a finite number, not {value}")
    if value < low or (above and value == low):
        bound = f"more than {low:g}" if above else f"at least {low:g}"
        raise ValueError(f"{field} must be {bound}, not {value:g}")
    if value > high:
        raise ValueError(f"{field} must be at most {high:g}, not {value:g}")
