"""The designs beside "all at the API" and "all on the rig": a routed split, and a burst.

Both are given as bills at a volume, cheap enough to chart; `hybrid.py` has them line by line.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from console.core.whatif.api import attempt_price
from console.core.whatif.breakeven import Lines, lines
from console.core.whatif.card import Card
from console.core.whatif.check import Group, check_number, check_shares, check_whole
from console.core.whatif.hybrid import Split, split
from console.core.whatif.inputs import Inputs, Workload


@dataclass(frozen=True, slots=True, kw_only=True)
class Hybrid(Group):
    """A split by the router; a mix that is None is the workload's own."""

    share_self: float = 0.8
    escalation_rate: float = 0.05
    routine_input_tokens: float | None = None
    routine_output_tokens: float | None = None
    routine_cache_read_share: float | None = None
    complex_input_tokens: float | None = None
    complex_output_tokens: float | None = None
    complex_cache_read_share: float | None = None

    def __post_init__(self) -> None:
        check_shares(self, "share_self", "escalation_rate")
        for prefix in ("routine", "complex"):
            for name, high in _MIX.items():
                value = getattr(self, f"{prefix}_{name}")
                if value is not None:
                    check_number(f"{prefix}_{name}", value, high=high)

    def mix(self, w: Workload, prefix: str) -> Workload:
        """The workload with the tokens of routine or of complex requests."""
        stated = {name: getattr(self, f"{prefix}_{name}") for name in _MIX}
        known = {name: value for name, value in stated.items() if value is not None}
        return replace(w, **known) if known else w

    def parts(self, w: Workload) -> Split:
        """The workload divided."""
        return split(
            w.requests_per_day,
            self.share_self,
            self.mix(w, "routine"),
            self.mix(w, "complex"),
            self.escalation_rate,
        )


_MIX = {"input_tokens": 1e9, "output_tokens": 1e9, "cache_read_share": 1.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Burst(Group):
    """A rig of fixed size whose overflow goes to the API."""

    replicas: float = 1

    def __post_init__(self) -> None:
        check_whole(self, "replicas")
        check_number("replicas", self.replicas, low=1, high=1e6)


@dataclass(frozen=True, slots=True, kw_only=True)
class HybridLines:
    """The split's monthly bill as a function of requests a day, from the rig's and API's lines."""

    own: Lines
    share_self: float
    api_slope: float
    api_commit: float

    def total(self, q: float) -> float | None:
        """Dollars a month at q requests a day; None where the rig cannot carry its share."""
        own = self.own.own(q * self.share_self)
        return None if own is None else own + max(self.api_commit, self.api_slope * q)


def hybrid_lines(inputs: Inputs, plan: Hybrid, both: Lines | None = None) -> HybridLines:
    """The split as lines; `both` are those of the inputs, where they are known already."""
    both = lines(inputs) if both is None else both
    routine, complex_ = plan.mix(inputs.workload, "routine"), plan.mix(inputs.workload, "complex")
    own, complex_slope = both, both.api_slope
    if routine is not inputs.workload:
        own = lines(replace(inputs, workload=routine))
    if complex_ is not inputs.workload:
        complex_slope = api_slope(complex_, inputs.api)
    share = plan.share_self
    return HybridLines(
        own=own,
        share_self=share,
        api_slope=complex_slope * (1 - share) + own.api_slope * share * plan.escalation_rate,
        api_commit=own.api_commit,
    )


def api_slope(w: Workload, card: Card) -> float:
    """Dollars a month for one request a day more at the API, before any commitment."""
    charged = (1 - card.discount) * (1 + card.tax_rate)
    attempts = w.days_per_month * (1 + w.retry_rate)
    return attempts * attempt_price(w, card).usd * charged


@dataclass(frozen=True, slots=True, kw_only=True)
class BurstLines:
    """The fixed rig's monthly bill with its overflow, as a function of requests a day.

    `per_hour` is how many requests it serves in an hour at its target utilisation; `weights` are
    each hour's share of the day.
    """

    own: Lines
    replicas: float
    per_hour: float
    weights: tuple[float, ...]

    def spill_share(self, q: float) -> float:
        """The share of requests the rig cannot serve."""
        if q <= 0:
            return 0.0
        return math.fsum(max(0.0, weight - self.per_hour / q) for weight in self.weights)

    def total(self, q: float) -> float:
        """Dollars a month at q requests a day."""
        over = self.spill_share(q)
        rig = self.own.base + self.replicas * self.own.step + self.own.marginal * q * (1 - over)
        return rig + max(self.own.api_commit, self.own.api_slope * q * over)


def burst_lines(inputs: Inputs, plan: Burst, weights: Sequence[float]) -> BurstLines:
    """The burst as lines; `weights` are the 24 hours of a day and add up to any sum."""
    s = replace(inputs.self_host, spare_replicas=0, max_replicas=None, hours_on_per_day=24.0)
    flat = replace(inputs.workload, peak_to_mean=1.0)
    own = lines(Inputs(workload=flat, api=inputs.api, self_host=s))
    total = math.fsum(weights)
    return BurstLines(
        own=own,
        replicas=float(plan.replicas),
        per_hour=own.requests_per_replica * plan.replicas / 24,
        weights=tuple(weight / total for weight in weights),
    )


@lru_cache(maxsize=64)
def bell_day(peak_to_mean: float) -> tuple[float, ...]:
    """24 hourly weights with a mean of 1 whose busiest hour is `peak_to_mean`: one smooth peak."""
    most = min(24.0, max(1.0, peak_to_mean))
    low, high = 0.0, 1000.0
    shape = [(1.001 + math.cos(2 * math.pi * (hour - 14) / 24)) / 2 for hour in range(24)]
    for _ in range(60):
        sharpness = (low + high) / 2
        powered = [value**sharpness for value in shape]
        if 24 / math.fsum(powered) < most:
            low = sharpness
        else:
            high = sharpness
    powered = [value**high for value in shape]
    total = math.fsum(powered)
    return tuple(24 * value / total for value in powered)
