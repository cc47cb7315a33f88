"""Mixed designs: a routed split with escalation, and a fixed rig that bursts to the API."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from console.core.whatif.api import ApiBill, api_bill
from console.core.whatif.card import Card
from console.core.whatif.check import check_number
from console.core.whatif.inputs import SelfHost, Workload
from console.core.whatif.rig import SelfBill, self_bill
from console.core.whatif.term import largest, named


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """Traffic divided by the router: routine requests to the rig, complex ones to the API.

    The total volume is `routine.requests_per_day`'s and `complex`'s together; an escalated request
    is paid twice, on the rig and at the API.
    """

    routine: Workload
    complex: Workload
    escalation_rate: float = 0.0

    def __post_init__(self) -> None:
        check_number("escalation_rate", self.escalation_rate, high=1)


def split(
    requests_per_day: float,
    share_self: float,
    routine: Workload,
    complex_: Workload,
    escalation_rate: float = 0.0,
) -> Split:
    """A split of so many requests a day, `share_self` of them routine.

    The mixes' own volumes play no part.
    """
    check_number("share_self", share_self, high=1)
    return Split(
        routine=replace(routine, requests_per_day=requests_per_day * share_self),
        complex=replace(complex_, requests_per_day=requests_per_day * (1 - share_self)),
        escalation_rate=escalation_rate,
    )


class HybridBill(NamedTuple):
    """A month of the split, beside the same traffic all at the API.

    API parts include discount and tax; the commitment is topped up once, for their sum.
    """

    own: SelfBill
    local_usd: float
    api_complex_usd: float
    api_escalated_usd: float
    api_commit_topup_usd: float
    total_usd: float
    all_api_usd: float
    saving_usd: float


def hybrid_bill(parts: Split, card: Card, s: SelfHost) -> HybridBill:
    """The month's bill of a split.

    Raises ValueError when the rig cannot carry the routine share.
    """
    own = self_bill(parts.routine, s)
    if not own.feasible:
        raise ValueError(
            f"max_replicas {s.max_replicas:g} cannot carry the routine share: "
            f"it takes {own.replicas:g}"
        )
    escalated = replace(
        parts.routine, requests_per_day=parts.routine.requests_per_day * parts.escalation_rate
    )
    free = replace(card, min_commit_usd_per_month=0.0)
    complex_usd = named(api_bill(parts.complex, free).total_usd, "api_complex_usd", "$")
    escalated_usd = named(api_bill(escalated, free).total_usd, "api_escalated_usd", "$")
    routine_usd = api_bill(parts.routine, free).total_usd
    commit = card.min_commit_usd_per_month * (1 + card.tax_rate)
    topup = largest(0.0, commit - (complex_usd + escalated_usd))
    topup = named(topup, "api_commit_topup_usd", "$")
    local = named(own.total_usd, "local_usd", "$")
    total = named(local + complex_usd + escalated_usd + topup, "total_usd", "$")
    everything = named(largest(commit, complex_usd + routine_usd), "all_api_usd", "$")
    return HybridBill(
        own=own,
        local_usd=local,
        api_complex_usd=complex_usd,
        api_escalated_usd=escalated_usd,
        api_commit_topup_usd=topup,
        total_usd=total,
        all_api_usd=everything,
        saving_usd=named(everything - total, "saving_usd", "$"),
    )


class Spill(NamedTuple):
    """What a fixed capacity cannot serve over a measured day."""

    spilled_attempts_per_day: float
    spill_share: float
    peak_to_mean: float


def spill(w: Workload, hourly_weights: Sequence[float], capacity_rps: float) -> Spill:
    """The overflow of a day whose attempts follow 24 hourly weights.

    Raises ValueError when the weights are not 24 numbers with a positive sum.
    """
    if len(hourly_weights) != 24:
        raise ValueError(f"hourly_weights must be 24 numbers, not {len(hourly_weights)}")
    for hour, weight in enumerate(hourly_weights):
        check_number(f"hourly_weights[{hour}]", weight)
    check_number("capacity_rps", capacity_rps)
    total = sum(hourly_weights)
    if total <= 0:
        raise ValueError("hourly_weights must not all be 0")
    attempts = w.requests_per_day * (1 + w.retry_rate)
    over = sum(
        max(0.0, attempts * weight / total - capacity_rps * 3600) for weight in hourly_weights
    )
    return Spill(
        spilled_attempts_per_day=over,
        spill_share=over / attempts if attempts else 0.0,
        peak_to_mean=max(hourly_weights) / (total / 24),
    )


class BurstBill(NamedTuple):
    """A month of a fixed rig with its overflow at the API."""

    spill: Spill
    own: SelfBill
    api: ApiBill
    total_usd: float


def burst_bill(
    w: Workload, card: Card, s: SelfHost, replicas: float, hourly_weights: Sequence[float]
) -> BurstBill:
    """The month's bill of exactly `replicas` replicas that send what they cannot serve to the API.

    Each replica serves up to its target utilisation, and is on round the clock.
    """
    check_number("replicas", replicas, high=1e6)
    fixed = replace(
        s,
        min_replicas=replicas,
        spare_replicas=0,
        max_replicas=None,
        target_utilisation=1.0,
        hours_on_per_day=24.0,
    )
    capacity_rps = self_bill(w, s).replica_rps * s.target_utilisation * replicas
    over = spill(w, hourly_weights, capacity_rps)
    served = replace(
        w, requests_per_day=w.requests_per_day * (1 - over.spill_share), peak_to_mean=1.0
    )
    spilled = replace(w, requests_per_day=w.requests_per_day * over.spill_share)
    own, api = self_bill(served, fixed), api_bill(spilled, card)
    return BurstBill(spill=over, own=own, api=api, total_usd=own.total_usd + api.total_usd)
