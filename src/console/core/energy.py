"""Joules of a window of time, from sampled power or from a cumulative counter."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from console.core.entry import EnergySource

Point = tuple[float, float]
"""A time in seconds, and watts or joules at that time; sequences of them are in time order."""

HOLE = 3
"""Points further apart than this many of the usual (median) interval have a hole between them."""


class Spent(NamedTuple):
    """The joules of one request, how they are known, and how far off they may be (± joules)."""

    joules: float
    how: EnergySource
    error_j: float | None = None


def integrate(points: Sequence[Point], t0: float, t1: float) -> float | None:
    """Joules between two times, from power in watts by the trapezoid rule.

    None when the points do not cover the window: an edge outside, or a hole within.
    """
    hole = _hole(points)
    window = _window(points, t0, t1, hole)
    joules = 0.0
    for (start, watts), (end, watts_then) in pairwise(window):
        if end - start > hole:
            return None
        joules += (watts + watts_then) / 2 * (end - start)
    return joules if window else None


def counter_delta(points: Sequence[Point], t0: float, t1: float) -> float | None:
    """Joules between two times, from a cumulative counter in joules.

    A hole inside the window does no harm, for the counter went on. None when an edge is outside
    or in a hole, and when the counter fell: the driver was loaded anew and the count is lost.
    """
    window = _window(points, t0, t1, _hole(points))
    if not window or fell(points, t0, t1):
        return None
    return window[-1][1] - window[0][1]


def fell(points: Sequence[Point], t0: float, t1: float) -> bool:
    """Whether a counter fell between two times, or between the points around either of them."""
    first = max(0, bisect_right(points, t0, key=_time) - 1)
    last = bisect_left(points, t1, key=_time) + 1
    return any(later < earlier for (_, earlier), (_, later) in pairwise(points[first:last]))


def _hole(points: Sequence[Point]) -> float:
    """The distance from which neighbouring points have a hole between them."""
    steps = sorted(later - earlier for (earlier, _), (later, _) in pairwise(points))
    return HOLE * steps[len(steps) // 2] if steps else 0.0


def _window(points: Sequence[Point], t0: float, t1: float, hole: float) -> list[Point]:
    """The points from t0 to t1 with the edges interpolated; none when an edge is not covered."""
    first, last = _at(points, t0, hole), _at(points, t1, hole)
    if t1 < t0 or first is None or last is None:
        return []
    inside = points[bisect_left(points, t0, key=_time) : bisect_left(points, t1, key=_time)]
    return [(t0, first), *inside, (t1, last)]


def _at(points: Sequence[Point], at: float, hole: float) -> float | None:
    """The value at a time, on the line between its neighbours; None outside and in a hole."""
    after = bisect_left(points, at, key=_time)
    if after == len(points):
        return None
    end, value_then = points[after]
    if end == at:
        return value_then
    if after == 0:
        return None
    start, value = points[after - 1]
    if end - start > hole:
        return None
    return value + (value_then - value) * (at - start) / (end - start)


def _time(point: Point) -> float:
    return point[0]
