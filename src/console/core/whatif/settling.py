"""From which volume on one bill is cheaper than another for good."""

import math
from collections.abc import Sequence

from console.core.whatif.curve import Curve, Stairs
from console.core.whatif.lead import Lead, leads

_ALL = 1_000_000
_MOST_TEETH = 2_000
"""Teeth of two staircases that are looked at one by one."""


def settled(
    one: Curve, other: Curve, turns: Sequence[Lead], first: int, known_to: float
) -> float | None:
    """From where on `one` is cheaper at every volume; None where it never is.

    `first` says who leads at first, `turns` every change of it up to `known_to`. Where two
    staircases grow almost alike, their last `_MOST_TEETH` teeth are looked at: it may then have
    led for good a little earlier.
    """
    if one.feasible_to < math.inf:
        return None
    if other.feasible_to < math.inf:
        return _since(one, other, other.feasible_to * (1 + 1e-6))
    bend = max(one.pieces[-1][0], other.pieces[-1][0])
    found = _last_turn(one, other, bend)
    if found != 0.0:
        return found
    # From its last bend on it leads; where it took that lead lies before.
    if bend > known_to:
        return _since(one, other, bend * (1 + 1e-9)) if bend else 0.0
    at, lead = turns[-1] if turns else (0.0, first)
    return at if lead > 0 else _since(one, other, bend * (1 + 1e-9)) if bend else 0.0


def _since(one: Curve, other: Curve, q: float) -> float | None:
    """Where `one` took the lead that it has at q; None where it has none."""
    found = leads(one, other, q, _ALL)
    return found[-1][0] if found and found[-1][1] > 0 else None


def _last_turn(one: Curve, other: Curve, bend: float) -> float | None:
    """The last volume above `bend` at which `one` takes the lead to keep it.

    0 where it leads from the bend on, None where it never leads for good.
    """
    constant = other.pieces[-1][1] - one.pieces[-1][1]
    slope = other.pieces[-1][2] - one.pieces[-1][2]
    if other.stairs is not None:
        return _last_tooth(one.stairs or _FLAT, other.stairs, constant, slope, bend)
    if one.stairs is None:
        if slope < 0 or (slope == 0 and constant <= 0):
            return None
        root = -constant / slope if slope else 0.0
    else:
        stairs = one.stairs
        gain = stairs.size * slope
        if gain <= stairs.step:
            return None
        # From tooth k on one leads even right after a step; it took the lead in the tooth before.
        lead = stairs.spare * stairs.step - constant
        k = max(stairs.first, math.floor((lead + gain) / (gain - stairs.step)))
        root = (lead + k * stairs.step) / slope
    return root if root > bend else 0.0


_FLAT = Stairs(step=0.0, size=math.inf)


def _last_tooth(
    mine: Stairs, theirs: Stairs, constant: float, slope: float, bend: float
) -> float | None:
    """The last turn between two staircases, looked for from where none can be any more."""
    rise = slope + theirs.step / theirs.size - mine.step / mine.size
    # Mine has at most one replica more than its load, theirs never fewer.
    least = constant + theirs.spare * theirs.step - (1 + mine.spare) * mine.step
    flat = max(mine.first * mine.size if mine.step else 0.0, theirs.first * theirs.size)
    if rise <= 1e-12 * abs(slope):
        return None
    right = max(bend, flat, -least / rise)
    for _ in range(_MOST_TEETH):
        if right <= bend:
            return 0.0
        left = max(bend, _edge_before(mine, right), _edge_before(theirs, right))
        inside = (left + right) / 2
        gap = theirs.replicas(inside) * theirs.step - mine.replicas(inside) * mine.step
        lead_left = constant + gap + slope * left
        lead_right = constant + gap + slope * right
        if lead_right <= 0:
            return right
        if lead_left < 0:
            return -(constant + gap) / slope
        right = left
    return right


def _edge_before(stairs: Stairs, q: float) -> float:
    """The last volume below q at which a staircase adds a replica."""
    if not stairs.size < math.inf:
        return 0.0
    load = q / stairs.size
    return max(0.0, math.ceil(load - 1e-9 * load) - 1) * stairs.size
