"""Monthly bills as curves over requests a day, and every volume at which two of them cross.

A curve is straight pieces plus the staircase of whole replicas. Between the stairs two bills are
straight lines, so each crossing is solved for, none is searched for.
"""

import math
from bisect import insort
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


Lead = tuple[float, int]
"""From a volume on, who is cheaper: +1 the one bill, −1 the other."""


def leads(one: Curve, other: Curve, q_max: float, most: int) -> list[Lead]:
    """Who is cheaper at the start, then every change of it up to `q_max`, in order.

    No more than a few over `most` are looked for. Empty where both bills are equal everywhere.
    """
    end = min(q_max, one.feasible_to, other.feasible_to)
    mine, theirs = _teeth(one.stairs), _teeth(other.stairs)
    ours, others = one.pieces, other.pieces
    mine_start, theirs_start = mine.start, theirs.start
    starts = _marks(ours, others, mine_start, theirs_start, end)
    # Whatever is less than this apart is looked at closely; it need not be more than a guess.
    tie = 4 * _TIE * (abs(others[-1][1] + others[-1][2] * end) if end < math.inf else 0.0)
    found: list[Lead] = []
    at_one = at_other = 0
    last_one, last_other = len(ours) - 1, len(others) - 1
    left = starts[0]
    for right in starts[1:]:
        if left == right:
            continue
        if len(found) > most:
            return found
        while at_one < last_one and ours[at_one + 1][0] <= left:
            at_one += 1
        while at_other < last_other and others[at_other + 1][0] <= left:
            at_other += 1
        _, own, own_slope = ours[at_one]
        _, paid, paid_slope = others[at_other]
        in_mine, in_theirs = left >= mine_start, left >= theirs_start
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
            if not found or found[-1][1] < 0:
                found.append((left, 1))
        elif high + begins < -tie and high + ends < -tie:
            if not found or found[-1][1] > 0:
                found.append((left, -1))
        elif in_mine or in_theirs:
            span = (left, right, own, own_slope, paid, paid_slope)
            teeth = (mine if in_mine else _NONE, theirs if in_theirs else _NONE)
            _toothed(found, most, span, teeth, low, high, slope)
        else:
            _straight(found, left, right, own, own_slope, paid, paid_slope)
        left = right
    if end < q_max and one.feasible_to != other.feasible_to:
        _turn(found, end, -1 if end == one.feasible_to else 1)
    return found


def kind_of(one: Curve, other: Curve, q: float) -> Kind:
    """Why the cheaper side changes at q requests a day."""
    if one.feasible_to != other.feasible_to and q == min(one.feasible_to, other.feasible_to):
        return Kind.INFEASIBLE
    for curve in (one, other):
        if curve.stairs is not None and curve.stairs.begins(q):
            return Kind.STEP
    return Kind.INTERIOR


def _turn(found: list[Lead], at: float, lead: int) -> None:
    """Note who leads from a volume on, where it is not who led before."""
    if not found or found[-1][1] != lead:
        found.append((at, lead))


def _marks(ours: Pieces, others: Pieces, mine: float, theirs: float, end: float) -> list[float]:
    """Where a piece or a staircase begins, and the end."""
    starts = [piece[0] for piece in ours if piece[0] < end]
    more = {mine, theirs}
    if len(others) > 1:
        more.update(piece[0] for piece in others[1:])
    for mark in more:
        if mark < end:
            insort(starts, mark)
    starts.append(end)
    return starts


class _Teeth(NamedTuple):
    """A staircase as a ramp of `rise` a request, `start` a volume on, and a step above it."""

    start: float
    flat: float
    spare: float
    rise: float
    size: float
    step: float


_NONE = _Teeth(math.inf, 0.0, 0.0, 0.0, 0.0, 0.0)


def _teeth(stairs: Stairs | None) -> _Teeth:
    if stairs is None:
        return _NONE
    step, size, _, spare = stairs
    first = stairs.first
    return _Teeth(first * size, (first + spare) * step, spare * step, step / size, size, step)


_Span = tuple[float, float, float, float, float, float]
"""Two lines between two volumes: left, right, then constant and slope of one and of the other."""


def _toothed(
    found: list[Lead],
    most: int,
    span: _Span,
    teeth: tuple[_Teeth, _Teeth],
    low: float,
    high: float,
    slope: float,
) -> None:
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
        _turn(found, left, before)
    while at < right and at <= stop:
        if len(found) > most:
            return
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
            _straight(found, at, following, own_here, own_slope, paid_here, paid_slope)
        at = following
    if before and at < right:
        _turn(found, at, -before)


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
    found: list[Lead],
    left: float,
    right: float,
    own: float,
    own_slope: float,
    paid: float,
    paid_slope: float,
) -> None:
    """Who leads along two straight lines between two volumes."""
    at_left = _lead(paid + paid_slope * left, own + own_slope * left)
    at_right = _lead(paid + paid_slope * right, own + own_slope * right)
    if at_left * at_right < 0:
        _turn(found, left, at_left)
        _turn(found, (own - paid) / (paid_slope - own_slope), at_right)
    elif at_left or at_right:
        _turn(found, left, at_left or at_right)


def _lead(paid: float, own: float) -> int:
    """+1 when one's own is cheaper, −1 when the other side is, 0 when they are equal."""
    if abs(paid - own) <= _TIE * (abs(paid) + abs(own)):
        return 0
    return 1 if own < paid else -1
