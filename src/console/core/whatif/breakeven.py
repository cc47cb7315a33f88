"""Break-even: every volume at which the cheaper side changes, exactly, over the staircase.

Both sides are straight lines between the steps: the API costs max(commit, slope × q), the rig
base + n(q) × step + marginal × q, with one replica more every `requests_per_replica`.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from console.core.whatif.api import attempt_price
from console.core.whatif.check import check_number
from console.core.whatif.inputs import Inputs
from console.core.whatif.rig import capacity, rig
from console.core.whatif.term import named

_TIE = 1e-12
"""Bills closer than this, relative to themselves, are equal: the last bits of a product differ."""


class Side(StrEnum):
    """Who is cheaper."""

    API = "api"
    SELF = "self"


class Kind(StrEnum):
    """Why the cheaper side changes: two lines meet, a replica is added, replicas run out."""

    INTERIOR = "interior"
    STEP = "step"
    INFEASIBLE = "infeasible"


@dataclass(frozen=True, slots=True)
class Crossover:
    """A volume at which the cheaper side changes."""

    requests_per_day: float
    kind: Kind
    cheaper_above: Side


@dataclass(frozen=True, slots=True)
class Region:
    """A span of requests a day with one cheaper side."""

    start: float
    end: float
    cheaper: Side


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines:
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

    def api(self, q: float) -> float:
        """The API's bill at q requests a day."""
        return max(self.api_commit, self.api_slope * q)

    def replicas(self, q: float) -> float:
        """Replicas at q requests a day, spares included."""
        load = q / self.requests_per_replica
        return max(self.min_replicas, math.ceil(load - 1e-9 * load)) + self.spare_replicas

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Breakeven:
    """All crossovers up to `q_max`, the regions between them, and what holds beyond.

    `for_good_from` is the volume from which the rig stays cheaper for ever, None when there is
    none. `complete` is False when more crossovers exist than were asked for.
    """

    lines: Lines
    q_max: float
    crossovers: tuple[Crossover, ...]
    regions: tuple[Region, ...]
    for_good_from: float | None
    complete: bool

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
    check_number("q_max", q_max, above=True)
    found: list[Crossover] = []
    regions: list[Region] = []
    since, side = 0.0, None
    complete = True
    for at, kind, cheaper in _changes(both, q_max):
        if cheaper is side:
            continue
        if side is not None:
            if len(found) == limit:
                complete = False
                break
            found.append(Crossover(at, kind, cheaper))
            regions.append(Region(since, at, side))
            since = at
        side = cheaper
    if complete:
        # Two bills that are equal at every volume leave no reason to move off the API.
        regions.append(Region(since, q_max, side or Side.API))
    return Breakeven(
        lines=both,
        q_max=q_max,
        crossovers=tuple(found),
        regions=tuple(regions),
        for_good_from=_for_good(both),
        complete=complete,
    )


Change = tuple[float, Kind, Side]


def _changes(both: Lines, q_max: float) -> Iterator[Change]:
    """Where each side becomes the cheaper one, in order; a side may be repeated."""
    end = min(q_max, both.feasible_to)
    kink = both.api_commit / both.api_slope if both.api_slope > 0 else math.inf
    if kink > 0:
        yield from _regime(both, 0.0, min(kink, end), both.api_commit, 0.0)
    if kink < end:
        yield from _regime(both, kink, end, 0.0, both.api_slope)
    if end < q_max:
        yield both.feasible_to, Kind.INFEASIBLE, Side.API


def _regime(
    both: Lines, start: float, end: float, constant: float, slope: float
) -> Iterator[Change]:
    """Changes between two volumes where the API is one line, constant + slope × q."""
    size, least = both.requests_per_replica, max(both.min_replicas, 1.0)
    # Without a minimum there are no replicas at exactly no traffic: a point, not a region.
    first = max(least, math.floor(start / size) + 1.0)
    last = max(first, float(math.ceil(end / size - 1e-9 * (end / size))))
    for n in _steps_that_matter(both, first, last, constant, slope):
        left = start if n == first else (n - 1) * size
        right = end if n == last else n * size
        if right <= left:
            continue
        own = both.base + (n + both.spare_replicas) * both.step
        at_left = _sign(constant + slope * left, own + both.marginal * left)
        at_right = _sign(constant + slope * right, own + both.marginal * right)
        # A step is where the line begins; the regime's own start is no step.
        kind = Kind.STEP if left > start or left == (n - 1) * size > 0 else Kind.INTERIOR
        if at_left * at_right < 0:
            root = (own - constant) / (slope - both.marginal)
            yield left, kind, _side(at_left)
            yield root, Kind.INTERIOR, _side(at_right)
        elif at_left or at_right:
            yield left, kind, _side(at_left or at_right)


def _steps_that_matter(
    both: Lines, first: float, last: float, constant: float, slope: float
) -> Iterator[float]:
    """The replica counts whose span may change the cheaper side, in order.

    The lead of the rig at the left end of a span is linear in its number, and so is the lead at
    the right end: each changes sign once. Where both have the same sign, whole runs of spans are
    alike and only the first of a run is needed.
    """
    gain = both.requests_per_replica * (slope - both.marginal)
    fixed = constant - both.base - both.spare_replicas * both.step
    # Left end of span n: fixed + gain × (n − 1) − step × n; right end: fixed + gain × n − step × n.
    edges = {first, last}
    for offset in (-gain, 0.0):
        if gain != both.step:
            root = math.floor(max(-1e300, min(1e300, (fixed + offset) / (both.step - gain))))
            edges.update(float(n) for n in range(root - 2, root + 4) if first <= n <= last)
    marks = sorted(edges)
    for n, following in zip(marks, [*marks[1:], None], strict=True):
        yield n
        if following is None or following == n + 1:
            continue
        middle = n + 1
        mixed = (fixed + gain * (middle - 1) - both.step * middle) * (
            fixed + gain * middle - both.step * middle
        )
        if mixed < 0:
            while middle < following:
                yield middle
                middle += 1


def _sign(api: float, own: float) -> int:
    """+1 when the rig is cheaper, −1 when the API is, 0 when they are equal."""
    if abs(api - own) <= _TIE * (abs(api) + abs(own)):
        return 0
    return 1 if own < api else -1


def _side(sign: int) -> Side:
    return Side.SELF if sign > 0 else Side.API


def _for_good(both: Lines) -> float | None:
    """The volume from which the rig is cheaper at every larger one; None when it never settles."""
    gain = both.requests_per_replica * (both.api_slope - both.marginal)
    if both.feasible_to < math.inf or gain <= both.step:
        return None
    # From span k on, the rig leads even right after a step; it took the lead in the span before.
    lead = both.base + both.spare_replicas * both.step
    k = max(both.min_replicas, 1.0, math.floor((lead + gain) / (gain - both.step)))
    own = lead + k * both.step
    root = own / (both.api_slope - both.marginal)
    kink = both.api_commit / both.api_slope
    return root if root > kink else 0.0
