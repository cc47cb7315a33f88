"""Monthly bills as curves over requests a day, and every volume at which two of them cross.

A curve is straight pieces plus the staircase of whole replicas. Between the stairs two bills are
straight lines, so each crossing is solved for, none is searched for.
"""

import math
from bisect import insort
from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple

_TIE = 1e-12
"""Bills closer than this, relative to themselves, are equal: the last bits of a product differ."""


class Side(StrEnum):
    """Who is cheaper: the other side, most of the time an API, or the operator's own design."""

    API = "api"
    SELF = "self"


class Kind(StrEnum):
    """Why the cheaper side changes: two lines meet, a replica is added, replicas run out."""

    INTERIOR = "interior"
    STEP = "step"
    INFEASIBLE = "infeasible"


class Stairs(NamedTuple):
    """Whole replicas at `step` dollars each: one more every `size` requests a day.

    Never fewer than `least`, and `spare` more than are needed.
    """

    step: float
    size: float
    least: float = 1.0
    spare: float = 0.0

    @property
    def first(self) -> float:
        """The replicas at the smallest volume that is not none at all."""
        return max(self.least, 1.0)

    def replicas(self, q: float) -> float:
        """Replicas at q requests a day, spares included."""
        load = q / self.size
        return max(self.least, math.ceil(load - 1e-9 * load)) + self.spare

    def begins(self, q: float) -> bool:
        """Whether a replica is added just above q requests a day."""
        load = q / self.size
        nearest = round(load)
        return nearest >= self.first and abs(load - nearest) <= 1e-9 * nearest


Pieces = tuple[tuple[float, float, float], ...]
"""Straight pieces of a bill as (start, constant, slope), in rising order of start, from 0 on."""


class Curve(NamedTuple):
    """A monthly bill over requests a day.

    `pieces` are the bill without its stairs; `feasible_to` is the last volume that can be carried.
    """

    pieces: Pieces
    stairs: Stairs | None = None
    feasible_to: float = math.inf

    def at(self, q: float) -> float | None:
        """Dollars a month at q requests a day; None beyond what can be carried."""
        if q > self.feasible_to * (1 + 1e-9):
            return None
        place = len(self.pieces) - 1
        while place and q < self.pieces[place][0]:
            place -= 1
        _, constant, slope = self.pieces[place]
        usd = constant + slope * q
        return usd if self.stairs is None else usd + self.stairs.step * self.stairs.replicas(q)


def paid_curve(slope: float, commit: float) -> Curve:
    """An API's bill: its commitment up to where the requests cost as much."""
    if commit <= 0:
        return Curve(((0.0, 0.0, slope),))
    if slope <= 0:
        return Curve(((0.0, commit, 0.0),))
    return Curve(((0.0, commit, 0.0), (commit / slope, 0.0, slope)))


Change = tuple[float, Kind, Side]


def changes(one: Curve, other: Curve, q_max: float) -> Iterator[Change]:
    """Who is cheaper at the start, then where the other becomes it, in order.

    `Side.SELF` is `one`.
    """
    end = min(q_max, one.feasible_to, other.feasible_to)
    sign = 0
    for at, cheaper in _signs(one, other, end):
        if cheaper != sign:
            sign = cheaper
            yield at, _kind(one, other, at), Side.SELF if cheaper > 0 else Side.API
    if end < q_max and one.feasible_to != other.feasible_to:
        left = -1 if end == one.feasible_to else 1
        if left != sign:
            yield end, Kind.INFEASIBLE, Side.SELF if left > 0 else Side.API


def _kind(one: Curve, other: Curve, q: float) -> Kind:
    for curve in (one, other):
        if curve.stairs is not None and curve.stairs.begins(q):
            return Kind.STEP
    return Kind.INTERIOR


def _signs(one: Curve, other: Curve, end: float) -> Iterator[tuple[float, int]]:
    """From where on which side leads: +1 is `one`; nothing but teeth bends a bill between marks."""
    mine, theirs = _Teeth(one.stairs), _Teeth(other.stairs)
    ours, others = one.pieces, other.pieces
    starts = _marks(ours, others, mine.from_, theirs.from_, end)
    # Whatever is less than this apart is looked at closely; it need not be more than a guess.
    tie = 4 * _TIE * (abs(others[-1][1] + others[-1][2] * end) if end < math.inf else 0.0)
    at_one = at_other = sign = 0
    last_one, last_other = len(ours) - 1, len(others) - 1
    for place in range(len(starts) - 1):
        left, right = starts[place], starts[place + 1]
        if left == right:
            continue
        while at_one < last_one and ours[at_one + 1][0] <= left:
            at_one += 1
        while at_other < last_other and others[at_other + 1][0] <= left:
            at_other += 1
        _, own, own_slope = ours[at_one]
        _, paid, paid_slope = others[at_other]
        in_mine, in_theirs = left >= mine.from_, left >= theirs.from_
        own = own + (mine.spare if in_mine else mine.flat)
        paid = paid + (theirs.spare if in_theirs else theirs.flat)
        # A bill with teeth lies between two parallel lines a step apart, and so does the lead.
        low = high = paid - own
        slope = paid_slope - own_slope
        if in_mine:
            low, slope = low - mine.step, slope - mine.rise
        if in_theirs:
            high, slope = high + theirs.step, slope + theirs.rise
        begins, ends = slope * left, slope * right
        if low + begins > tie and low + ends > tie:
            if sign < 1:
                sign = 1
                yield left, 1
        elif high + begins < -tie and high + ends < -tie:
            if sign > -1:
                sign = -1
                yield left, -1
        else:
            # What is looked at closely may end otherwise than it began.
            sign = 0
            if in_mine or in_theirs:
                span = (left, right, own, own_slope, paid, paid_slope)
                teeth = (mine if in_mine else _NONE, theirs if in_theirs else _NONE)
                yield from _toothed(span, teeth, low, high, slope)
            else:
                yield from _straight(left, right, own, own_slope, paid, paid_slope)


def _marks(ours: Pieces, others: Pieces, mine: float, theirs: float, end: float) -> list[float]:
    """Where a piece or a staircase begins, and the end."""
    more = {piece[0] for piece in others if piece[0] > 0}
    more.update((mine, theirs))
    starts = [piece[0] for piece in ours if piece[0] < end]
    for mark in more:
        if mark < end:
            insort(starts, mark)
    starts.append(end)
    return starts


class _Teeth:
    """A staircase as a ramp of `rise` a request, `from_` a volume on, and a step above it."""

    __slots__ = ("flat", "from_", "rise", "size", "spare", "step")

    def __init__(self, stairs: Stairs | None) -> None:
        self.flat = self.spare = self.rise = self.size = self.step = 0.0
        self.from_ = math.inf
        if stairs is None:
            return
        self.size, self.step = stairs.size, stairs.step
        self.spare = stairs.spare * stairs.step
        self.flat = (stairs.first + stairs.spare) * stairs.step
        self.from_ = stairs.first * stairs.size
        self.rise = stairs.step / stairs.size


_NONE = _Teeth(None)
_Span = tuple[float, float, float, float, float, float]
"""Two lines between two volumes: left, right, then constant and slope of one and of the other."""


def _toothed(
    span: _Span, teeth: tuple[_Teeth, _Teeth], low: float, high: float, slope: float
) -> Iterator[tuple[float, int]]:
    """Who leads where bills have teeth.

    The lead lies between two parallel lines, `low` and `high` at 0, so only where those have
    different signs need the teeth be looked at one by one.
    """
    left, right, own, own_slope, paid, paid_slope = span
    mine, theirs = teeth
    begin, stop, before = left, right, 0
    if slope > 0:
        begin, stop, before = -high / slope, -low / slope, -1
    elif slope < 0:
        begin, stop, before = low / -slope, high / -slope, 1
    sizes = [each.size for each in teeth if each.size]
    at = max(left, min(right, _edge_below(begin, sizes)))
    if at > left:
        yield left, before
    while at < right and at <= stop:
        following = right
        n_mine = n_theirs = 0.0
        if mine.size:
            n_mine = _tooth(at, mine.size)
            following = min(following, n_mine * mine.size)
        if theirs.size:
            n_theirs = _tooth(at, theirs.size)
            following = min(following, n_theirs * theirs.size)
        if following > at:
            own_here, paid_here = own + n_mine * mine.step, paid + n_theirs * theirs.step
            yield from _straight(at, following, own_here, own_slope, paid_here, paid_slope)
        at = following
    if before and at < right:
        yield at, -before


def _tooth(q: float, size: float) -> float:
    """The number of the tooth that begins at or holds q."""
    load = q / size
    return float(math.floor(load + 1e-9 * load)) + 1.0


def _edge_below(q: float, sizes: list[float]) -> float:
    """The last volume up to q at which one of the staircases adds a replica."""
    if not 0 < q < math.inf:
        return max(q, 0.0)
    return max(max(0.0, math.floor(q / size - 1e-9 * (q / size))) * size for size in sizes)


def _straight(
    left: float, right: float, own: float, own_slope: float, paid: float, paid_slope: float
) -> Iterator[tuple[float, int]]:
    """Who leads along two straight lines between two volumes."""
    at_left = _lead(paid + paid_slope * left, own + own_slope * left)
    at_right = _lead(paid + paid_slope * right, own + own_slope * right)
    if at_left * at_right < 0:
        yield left, at_left
        yield (own - paid) / (paid_slope - own_slope), at_right
    elif at_left or at_right:
        yield left, at_left or at_right


def _lead(paid: float, own: float) -> int:
    """+1 when one's own is cheaper, −1 when the other side is, 0 when they are equal."""
    if abs(paid - own) <= _TIE * (abs(paid) + abs(own)):
        return 0
    return 1 if own < paid else -1
