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
from console.core.whatif.check import Group, check_number, check_shares, check_whole, unchecked
from console.core.whatif.curve import Curve, Pieces, Stairs, paid_curve
from console.core.whatif.hybrid import Split, split
from console.core.whatif.inputs import EnergyModel, Inputs, Ownership, Workload
from console.core.whatif.rig import kwh_per_attempt
from console.core.whatif.term import named


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
        for mix in _MIXES.values():
            for name, own in mix:
                value = getattr(self, own)
                if value is not None:
                    check_number(own, value, high=_MIX[name])

    def mix(self, w: Workload, prefix: str) -> Workload:
        """The workload with the tokens of routine or of complex requests."""
        known = {}
        for name, own in _MIXES[prefix]:
            value = getattr(self, own)
            if value is not None:
                known[name] = value
        if not known or "cache_read_share" in known:
            return replace(w, **known) if known else w
        return unchecked(w, known)

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
_MIXES = {
    prefix: tuple((name, f"{prefix}_{name}") for name in _MIX) for prefix in ("routine", "complex")
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Burst(Group):
    """A rig of fixed size whose overflow goes to the API."""

    replicas: float = 1

    def __post_init__(self) -> None:
        check_whole(self, "replicas")
        check_number("replicas", self.replicas, low=1, high=1e6)


_NONE = 1e-9
"""A share of the requests below which the rig of a split has nothing to do."""


def hybrid_curve(inputs: Inputs, plan: Hybrid, both: Lines) -> Curve:
    """The split's monthly bill; `both` are the lines of the inputs."""
    routine, complex_ = plan.mix(inputs.workload, "routine"), plan.mix(inputs.workload, "complex")
    own, complex_slope = both, both.api_slope
    if routine is not inputs.workload:
        own = _rig_lines(inputs, routine, both)
    if complex_ is not inputs.workload:
        complex_slope = api_slope(complex_, inputs.api)
    share = plan.share_self
    paid = complex_slope * (1 - share) + own.api_slope * share * plan.escalation_rate
    local = own.marginal * share
    if share < _NONE:
        idle = own.base + (own.min_replicas + own.spare_replicas) * own.step
        return Curve(_with_commitment(((0.0, idle, local),), ((0.0, 0.0, paid),), own.api_commit))
    size = own.requests_per_replica / share
    return Curve(
        _with_commitment(((0.0, own.base, local),), ((0.0, 0.0, paid),), own.api_commit),
        Stairs(own.step, size, own.min_replicas, own.spare_replicas),
        own.feasible_to / share,
    )


def _rig_lines(inputs: Inputs, w: Workload, both: Lines) -> Lines:
    """The lines of another mix; a rig known by requests a second alone serves it as the first."""
    s, slope = inputs.self_host, api_slope(w, inputs.api)
    if s.replica_rps is None:
        return lines(Inputs(workload=w, api=inputs.api, self_host=s))
    if s.energy_model is EnergyModel.POWER_CURVE or s.ownership is not Ownership.OWNED:
        return both._replace(api_slope=slope)
    # A request takes a replica as long, however many its tokens are; its energy goes by them.
    kwh = w.days_per_month * (1 + w.retry_rate) * kwh_per_attempt(w, s, 1 / s.replica_rps)
    marginal = named(kwh * s.usd_per_kwh, "rig $ per request/day")
    return both._replace(api_slope=slope, marginal=marginal)


def api_slope(w: Workload, card: Card) -> float:
    """Dollars a month for one request a day more at the API, before any commitment."""
    charged = (1 - card.discount) * (1 + card.tax_rate)
    attempts = w.days_per_month * (1 + w.retry_rate)
    return attempts * attempt_price(w, card).usd * charged


def api_curve(w: Workload, card: Card) -> Curve:
    """The traffic's monthly bill on a card."""
    return paid_curve(api_slope(w, card), card.min_commit_usd_per_month * (1 + card.tax_rate))


def burst_curve(inputs: Inputs, plan: Burst, weights: Sequence[float], both: Lines) -> Curve:
    """The fixed rig's monthly bill with its overflow; `weights` are the 24 hours of a day.

    Each hour overflows from the volume on at which its share is more than the rig serves, so the
    bill bends 24 times at most.
    """
    w, s = inputs.workload, inputs.self_host
    own = both
    if s.hours_on_per_day != 24:
        always = replace(s, hours_on_per_day=24.0, max_replicas=None)
        own = lines(replace(inputs, self_host=always))
    # What a replica serves in an hour at its target utilisation, without the peak's headroom.
    per_hour = own.requests_per_replica * w.peak_to_mean * plan.replicas / 24
    fixed, marginal, paid = own.base + plan.replicas * own.step, own.marginal, own.api_slope
    hours = _busiest(tuple(weights))
    if own.api_commit <= 0:
        gap = (marginal - paid) * per_hour
        bends = [
            (per_hour / hour, fixed + gap * count, marginal * (1 - share) + paid * share)
            for count, hour, share in hours
        ]
        return Curve(((0.0, fixed, marginal), *bends), convex=paid >= marginal)
    served, spilled = [(0.0, fixed, marginal)], [(0.0, 0.0, 0.0)]
    for count, hour, share in hours:
        over = count * per_hour
        served.append((per_hour / hour, fixed + marginal * over, marginal * (1 - share)))
        spilled.append((per_hour / hour, -paid * over, paid * share))
    return Curve(_with_commitment(tuple(served), tuple(spilled), own.api_commit))


@lru_cache(maxsize=256)
def _busiest(weights: tuple[float, ...]) -> tuple[tuple[int, float, float], ...]:
    """How many hours are at least so busy, their share of the day each, and all together.

    The busiest first; hours alike come as one.
    """
    total = math.fsum(weights)
    shares = [weight / total for weight in sorted(weights, reverse=True) if weight > 0]
    found = {
        share: (count, share, min(1.0, math.fsum(shares[:count])))
        for count, share in enumerate(shares, 1)
    }
    # All hours together are the whole day, whatever the last bits of the shares make of it.
    count, share, _ = found[shares[-1]]
    found[share] = (count, share, 1.0)
    return tuple(found.values())


def _with_commitment(own: Pieces, paid: Pieces, commit: float) -> Pieces:
    """Two bills with the same starts added, the second never below the commitment."""
    if commit <= 0:
        return tuple(
            (start, constant + more, slope + rise)
            for (start, constant, slope), (_, more, rise) in zip(own, paid, strict=True)
        )
    found: list[tuple[float, float, float]] = []
    for place, ((start, constant, slope), (_, more, rise)) in enumerate(
        zip(own, paid, strict=True)
    ):
        end = own[place + 1][0] if place + 1 < len(own) else math.inf
        if more + rise * start >= commit:
            found.append((start, constant + more, slope + rise))
            continue
        found.append((start, constant + commit, slope))
        if rise > 0:
            kink = (commit - more) / rise
            if kink < end:
                found.append((kink, constant + more, slope + rise))
    return tuple(found)


@lru_cache(maxsize=256)
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


@lru_cache(maxsize=256)
def stretched(hours: tuple[float, ...], peak_to_mean: float) -> tuple[float, ...]:
    """The same day with another peak: each hour's distance from the mean grows alike."""
    mean = math.fsum(hours) / len(hours)
    was = max(hours) / mean
    if was <= 1:
        return bell_day(peak_to_mean)
    factor = (min(24.0, max(1.0, peak_to_mean)) - 1) / (was - 1)
    return tuple(max(0.0, 1 + (hour / mean - 1) * factor) for hour in hours)
