"""Break-even: every volume at which the cheaper side changes, exactly, over the staircase.

Both sides are straight lines between the steps: the API costs max(commit, slope × q), the rig
base + n(q) × step + marginal × q, with one replica more every `requests_per_replica`.
"""

import math
from typing import NamedTuple

from console.core.whatif.api import attempt_price
from console.core.whatif.check import check_number
from console.core.whatif.curve import (
    Curve,
    Kind,
    Side,
    Stairs,
    kind_of,
    paid_curve,
)
from console.core.whatif.inputs import Inputs
from console.core.whatif.lead import Lead, leads
from console.core.whatif.rig import capacity, rig
from console.core.whatif.settling import settled
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
    is none. `complete` is False when more crossovers exist than
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
    (_, first), turns, complete = _turns(one, other, q_max, limit)
    found = tuple(Crossover(at, kind_of(one, other, at), _SIDES[lead]) for at, lead in turns)
    ends = [*(at for at, _ in turns), q_max]
    regions = [
        Region(at, end, _SIDES[lead])
        for (at, lead), end in zip([(0.0, first), *turns], ends, strict=True)
    ]
    return Breakeven(
        q_max=q_max,
        crossovers=found,
        # Where more was asked for than is told, what lies beyond the last one is not known.
        regions=tuple(regions if complete else regions[:-1]),
        for_good_from=settled(one, other, turns, first, q_max if complete else 0.0),
        complete=complete,
    )


def volumes(one: Curve, other: Curve, q_max: float, limit: int) -> tuple[list[float], float | None]:
    """Only the volumes of the crossovers, and from where on `one` is cheaper for good."""
    (_, first), turns, complete = _turns(one, other, q_max, limit)
    known_to = q_max if complete else 0.0
    return [at for at, _ in turns], settled(one, other, turns, first, known_to)


_SIDES = {1: Side.SELF, -1: Side.API}


def _turns(one: Curve, other: Curve, q_max: float, limit: int) -> tuple[Lead, list[Lead], bool]:
    """Who leads at first, then each change of it, at most `limit`; and whether that is all."""
    # Two bills that are equal at every volume leave no reason to move off the API.
    found = leads(one, other, q_max, limit + 1) or [(0.0, -1)]
    return found[0], found[1 : limit + 1], len(found) <= limit + 1
