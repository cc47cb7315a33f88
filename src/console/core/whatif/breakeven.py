"""Break-even: every volume at which the cheaper side changes, exactly, over the staircase.

Both sides are straight lines between the steps: the API costs max(commit, slope × q), the rig
base + n(q) × step + marginal × q, with one replica more every `requests_per_replica`.
"""

import math
from collections.abc import Sequence
from itertools import islice
from typing import NamedTuple

from console.core.whatif.api import attempt_price
from console.core.whatif.check import check_number
from console.core.whatif.curve import (
    Change,
    Curve,
    Kind,
    Side,
    Stairs,
    changes,
    paid_curve,
)
from console.core.whatif.inputs import Inputs
from console.core.whatif.rig import capacity, rig
from console.core.whatif.term import named


class Crossover(NamedTuple):
    """A volume at which the cheaper side changes."""

    requests_per_day: float
    kind: Kind
    cheaper_above: Side


class Region(NamedTuple):
    """A span of requests a day with one cheaper side."""

    start: float
    end: float
    cheaper: Side


class Lines(NamedTuple):
    """Both monthly bills as functions of requests a day.

    Slopes are dollars a month for one request a day more; `feasible_to` is the last volume the rig
    can carry, infinite without a limit of replicas.
    """

    api_slope: float
    api_commit: float
    base: float
    step: float
    marginal: float
    requests_per_replica: float
    min_replicas: float
    spare_replicas: float
    feasible_to: float

    @property
    def api_curve(self) -> Curve:
        """The API's bill."""
        return paid_curve(self.api_slope, self.api_commit)

    @property
    def own_curve(self) -> Curve:
        """The rig's bill."""
        return Curve(((0.0, self.base, self.marginal),), self.stairs, self.feasible_to)

    @property
    def stairs(self) -> Stairs:
        """The rig's replicas."""
        return Stairs(self.step, self.requests_per_replica, self.min_replicas, self.spare_replicas)

    def api(self, q: float) -> float:
        """The API's bill at q requests a day."""
        return max(self.api_commit, self.api_slope * q)

    def replicas(self, q: float) -> float:
        """Replicas at q requests a day, spares included."""
        return self.stairs.replicas(q)

    def own(self, q: float) -> float | None:
        """The rig's bill at q requests a day; None beyond what it can carry."""
        if q > self.feasible_to * (1 + 1e-9):
            return None
        return self.base + self.replicas(q) * self.step + self.marginal * q


def lines(inputs: Inputs) -> Lines:
    """The two bills of these inputs as lines; the inputs' own volume plays no part."""
    w, card, s = inputs.workload, inputs.api, inputs.self_host
    size = capacity(w, s)
    parts = rig(w, s, size.seconds_per_attempt)
    attempts = w.days_per_month * (1 + w.retry_rate)
    charged = (1 - card.discount) * (1 + card.tax_rate)
    base, step, marginal = 0.0, 0.0, 0.0
    for line in parts.lines:
        base = base + line.fixed
        step = step + line.per_replica
        marginal = marginal + line.per_attempt
    per_replica = size.requests_per_day_per_replica
    limit = s.max_replicas
    if limit is None:
        feasible_to = math.inf
    elif limit < s.min_replicas + s.spare_replicas:
        raise ValueError("max_replicas must be at least min_replicas and spare_replicas together")
    else:
        feasible_to = (limit - s.spare_replicas) * per_replica
    return Lines(
        api_slope=named(attempts * attempt_price(w, card).usd * charged, "API $ per request/day"),
        api_commit=card.min_commit_usd_per_month * (1 + card.tax_rate),
        base=named(base, "rig fixed $ a month"),
        step=named(step, "rig $ a month per replica"),
        marginal=named(attempts * marginal, "rig $ per request/day"),
        requests_per_replica=per_replica,
        min_replicas=s.min_replicas,
        spare_replicas=s.spare_replicas,
        feasible_to=feasible_to,
    )


class Breakeven(NamedTuple):
    """All crossovers up to `q_max`, the regions between them, and what holds beyond.

    `for_good_from` is the volume from which the own side stays cheaper for ever, None when there
    is none or the other side has replicas too. `complete` is False when more crossovers exist than
    were asked for; `lines` are the two bills where they are the rig's and an API's.
    """

    q_max: float
    crossovers: tuple[Crossover, ...]
    regions: tuple[Region, ...]
    for_good_from: float | None
    complete: bool
    lines: Lines | None = None

    @property
    def first(self) -> Crossover | None:
        """The crossover at the smallest volume."""
        return self.crossovers[0] if self.crossovers else None

    @property
    def self_wins_at_scale(self) -> bool:
        """Whether the rig is cheaper at every volume from some point on."""
        return self.for_good_from is not None


def breakeven(inputs: Inputs, q_max: float, *, limit: int = 2000) -> Breakeven:
    """Every crossover between 0 and `q_max` requests a day, at most `limit` of them.

    Raises ValueError when a price or a capacity is missing, or `q_max` is not positive and finite.
    """
    return cross(lines(inputs), q_max, limit=limit)


def cross(both: Lines, q_max: float, *, limit: int = 2000) -> Breakeven:
    """Every crossover of the two lines between 0 and `q_max` requests a day."""
    return meet(both.own_curve, both.api_curve, q_max, limit=limit)._replace(lines=both)


def meet(one: Curve, other: Curve, q_max: float, *, limit: int = 2000) -> Breakeven:
    """Every crossover of two bills between 0 and `q_max` requests a day; `one` is `Side.SELF`."""
    check_number("q_max", q_max, above=True)
    (start, *turns), complete = _turns(one, other, q_max, limit)
    found = tuple(Crossover(*turn) for turn in turns)
    ends = [*(turn[0] for turn in turns), q_max]
    regions = [
        Region(at, end, side)
        for (at, _, side), end in zip([(0.0, *start[1:]), *turns], ends, strict=True)
    ]
    return Breakeven(
        q_max=q_max,
        crossovers=found,
        # Where more was asked for than is told, what lies beyond the last one is not known.
        regions=tuple(regions if complete else regions[:-1]),
        for_good_from=_settled(one, other, turns, start[2], q_max if complete else 0.0),
        complete=complete,
    )


def volumes(one: Curve, other: Curve, q_max: float, limit: int) -> tuple[list[float], float | None]:
    """Only the volumes of the crossovers, and from where on `one` is cheaper for good."""
    (start, *turns), complete = _turns(one, other, q_max, limit)
    settled = _settled(one, other, turns, start[2], q_max if complete else 0.0)
    return [turn[0] for turn in turns], settled


def _turns(one: Curve, other: Curve, q_max: float, limit: int) -> tuple[list[Change], bool]:
    """Who leads at first, then each change of it, at most `limit`; and whether that is all."""
    found = list(islice(changes(one, other, q_max), limit + 2))
    if not found:
        # Two bills that are equal at every volume leave no reason to move off the API.
        found = [(0.0, Kind.INTERIOR, Side.API)]
    return found[: limit + 1], len(found) <= limit + 1


def _settled(
    one: Curve, other: Curve, turns: Sequence[Change], first: Side, known_to: float
) -> float | None:
    """From where on `one` is cheaper for good, given who leads at first and all turns so far."""
    settled = _for_good(one, other)
    if settled != 0.0:
        return settled
    # From its last bend on it leads; where it took that lead lies before.
    if max(one.pieces[-1][0], other.pieces[-1][0]) > known_to:
        return _leads_since(one, other)
    at, side = (turns[-1][0], turns[-1][2]) if turns else (0.0, first)
    return at if side is Side.SELF else _leads_since(one, other)


def _for_good(one: Curve, other: Curve) -> float | None:
    """The volume from which `one` is cheaper at every larger one; 0 is before its last bend.

    None when it never settles, and against a curve with stairs of its own: two never rest.
    """
    if one.feasible_to < math.inf or other.stairs is not None:
        return None
    kink = max(one.pieces[-1][0], other.pieces[-1][0])
    constant = other.pieces[-1][1] - one.pieces[-1][1]
    slope = other.pieces[-1][2] - one.pieces[-1][2]
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
    return root if root > kink else 0.0


def _leads_since(one: Curve, other: Curve) -> float | None:
    """Where `one` took the lead that it has where its last piece begins."""
    kink = max(one.pieces[-1][0], other.pieces[-1][0])
    since: float | None = 0.0
    for at, _, side in changes(one, other, kink * (1 + 1e-9)) if kink > 0 else ():
        since = at if side is Side.SELF else None
    return since
