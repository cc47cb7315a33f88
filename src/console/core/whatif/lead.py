"""Who of two bills is cheaper, and every volume at which that changes.

Between the stairs two bills are straight lines, so each crossing is solved for, none is searched
for; and where bounds already say who leads, neither teeth nor pieces are looked at one by one.
"""

import math
from bisect import bisect_left

from console.core.whatif.curve import Curve, Pieces, Stairs

_TIE = 1e-12
"""Bills closer than this, relative to themselves, are equal: the last bits of a product differ."""

Lead = tuple[float, int]
"""From a volume on, who is cheaper: +1 the one bill, −1 the other."""


def leads(one: Curve, other: Curve, q_max: float, most: int) -> list[Lead]:
    """Who is cheaper at the start, then every change of it up to `q_max`, in order.

    No more than a few over `most` are looked for. Empty where both bills are equal everywhere.
    """
    end = min(q_max, one.feasible_to, other.feasible_to)
    mine, theirs = _rising(one.stairs), _rising(other.stairs)
    if mine == theirs:
        mine = theirs = None  # They add as much to the one bill as to the other.
    ours, others = one.pieces, other.pieces
    _, paid, paid_slope = others[-1]
    # Whatever is less than this apart is looked at closely; it need not be more than a guess.
    tie = 4 * _TIE * (abs(paid + paid_slope * end) if end < math.inf else 0.0)
    found: list[Lead] = []
    place = at_other = 0
    left = 0.0
    for right in _marks(others, mine, theirs, end):
        while at_other < len(others) - 1 and others[at_other + 1][0] <= left:
            at_other += 1
        while place < len(ours) - 1 and ours[place + 1][0] <= left:
            place += 1
        _, paid, paid_slope = others[at_other]
        # A bill with teeth lies between two parallel lines a step apart, and so does the lead.
        rise, more, down, up = paid_slope, 0.0, 0.0, 0.0
        my_teeth = their_teeth = None
        if mine is not None:
            more, down, own_rise, my_teeth = _from(mine, left)
            rise -= own_rise
        if theirs is not None:
            flat, up, other_rise, their_teeth = _from(theirs, left)
            paid += flat
            rise += other_rise
        last = len(ours) - 1
        while last > place and ours[last][0] >= right:
            last -= 1
        begin = left
        while place <= last:
            if len(found) > most:
                return found
            _, own, own_slope = ours[place]
            own += more
            stop = right if place == last else ours[place + 1][0]
            slope = rise - own_slope
            low, high = paid - own - down, paid - own + up
            following = place + 1
            if low + slope * begin > tie and low + slope * stop > tie:
                _turn(found, begin, 1)
                if one.convex and place < last:
                    following = _above(ours, place, last, paid - more - down - tie, rise)
            elif high + slope * begin < -tie and high + slope * stop < -tie:
                _turn(found, begin, -1)
                if one.convex and place < last:
                    following = _below(ours, place, last, paid - more + up + tie, rise)
            elif begin < stop:
                span = (begin, stop, own, own_slope, paid, paid_slope)
                if my_teeth is None and their_teeth is None:
                    _straight(found, *span)
                else:
                    _toothed(found, most, span, my_teeth, their_teeth, low, high, slope)
            if following > last:
                break
            place, begin = following, ours[following][0]
        left = right
    if end < q_max and one.feasible_to != other.feasible_to:
        _turn(found, end, -1 if end == one.feasible_to else 1)
    return found


def _rising(stairs: Stairs | None) -> Stairs | None:
    """The stairs, unless they cost nothing."""
    return stairs if stairs is not None and stairs.step else None


def _from(stairs: Stairs, q: float) -> tuple[float, float, float, Stairs | None]:
    """What stairs add from q on: a constant, up to a step more, so much a request, their teeth.

    While the least replicas do there are no teeth; a single one is a tooth like any other.
    """
    step, size, least, spare = stairs
    if least > 1 and q < least * size:
        return (least + spare) * step, 0.0, 0.0, None
    return spare * step, step, step / size, stairs


def _above(ours: Pieces, place: int, last: int, constant: float, slope: float) -> int:
    """The next piece within which a lead may end that lasts to this one's end.

    The lead is a line less the pieces. These bend upwards, so it ends once at most, and between
    which starts is found by halving.
    """
    after = bisect_left(
        ours, True, place + 1, last + 1,
        key=lambda piece: constant + slope * piece[0] <= piece[1] + piece[2] * piece[0],
    )  # fmt: skip
    return max(place + 1, after - 1)


def _below(ours: Pieces, place: int, last: int, constant: float, slope: float) -> int:
    """The next piece within which a lag may end; one beyond the last where it never does.

    It shrinks up to the first piece that rises more than the line, and never after it.
    """
    if slope <= ours[place][2]:
        return last + 1
    peak = bisect_left(ours, slope, place + 1, last + 1, key=lambda piece: piece[2])
    after = bisect_left(
        ours, True, place + 1, min(peak, last) + 1,
        key=lambda piece: constant + slope * piece[0] >= piece[1] + piece[2] * piece[0],
    )  # fmt: skip
    return last + 1 if after > peak else max(place + 1, after - 1)


def _turn(found: list[Lead], at: float, lead: int) -> None:
    """Note who leads from a volume on, where it is not who led before."""
    if not found or found[-1][1] != lead:
        found.append((at, lead))


def _marks(others: Pieces, mine: Stairs | None, theirs: Stairs | None, end: float) -> list[float]:
    """Where a piece of the other bill begins, or teeth do, after 0; and the end."""
    marks = [piece[0] for piece in others[1:]]
    for each in (mine, theirs):
        if each is not None and each.least > 1:
            marks.append(each.least * each.size)
    return [*sorted({mark for mark in marks if 0 < mark < end}), end] if marks else [end]


_Span = tuple[float, float, float, float, float, float]
"""Two lines between two volumes: left, right, then constant and slope of one and of the other."""


def _toothed(
    found: list[Lead],
    most: int,
    span: _Span,
    mine: Stairs | None,
    theirs: Stairs | None,
    low: float,
    high: float,
    slope: float,
) -> None:
    """Who leads where bills have teeth.

    The lead lies between two parallel lines, `low` and `high` at 0, so only where those have
    different signs need the teeth be looked at one by one.
    """
    at, right, own, own_slope, paid, paid_slope = span
    stop, after = right, 0
    if slope:
        # Where the two lines change their signs, the first before the second.
        begin, stop = (-high / slope, -low / slope) if slope > 0 else (-low / slope, -high / slope)
        after = 1 if slope > 0 else -1
        edge = min(right, max(_edge_below(begin, each.size) for each in (mine, theirs) if each))
        if edge > at:
            _turn(found, at, -after)
            at = edge
    while at < right and at <= stop:
        if len(found) > most:
            return
        following = right
        own_here, paid_here = own, paid
        if mine is not None:
            n = _tooth(at, mine.size)
            own_here += n * mine.step
            following = min(following, n * mine.size)
        if theirs is not None:
            n = _tooth(at, theirs.size)
            paid_here += n * theirs.step
            following = min(following, n * theirs.size)
        if following > at:
            _straight(found, at, following, own_here, own_slope, paid_here, paid_slope)
        at = following
    if after and at < right:
        _turn(found, at, after)


def _tooth(q: float, size: float) -> float:
    """The number of the tooth that begins at or holds q."""
    load = q / size
    return float(math.floor(load + 1e-9 * load)) + 1.0


def _edge_below(q: float, size: float) -> float:
    """The last volume up to q at which a staircase adds a replica."""
    if not 0 < q < math.inf:
        return max(q, 0.0)
    return max(0.0, math.floor(q / size - 1e-9 * (q / size))) * size


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
