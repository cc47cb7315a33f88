"""Laws the cost model keeps whatever the inputs: what grows, what scales, what is nothing."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.core.whatif.api import api_bill
from console.core.whatif.breakeven import breakeven
from console.core.whatif.card import Card, Rates
from console.core.whatif.hybrid import burst_bill, hybrid_bill, split
from console.core.whatif.inputs import Inputs, SelfHost, Workload
from console.core.whatif.investment import Outlook, investment
from console.core.whatif.rig import self_bill

usd = st.floats(0.01, 100)
factors = st.floats(1, 10)
workloads = st.builds(
    Workload,
    requests_per_day=st.floats(1, 1e5),
    input_tokens=st.floats(1, 5000),
    output_tokens=st.floats(1, 3000),
    cache_read_share=st.floats(0, 0.5),
    cache_write_share=st.floats(0, 0.3),
    batch_share=st.sampled_from([0.0, 0.4, 1.0]),
    retry_rate=st.floats(0, 0.5),
    peak_to_mean=st.floats(1, 8),
)
cards = st.builds(
    Card,
    input=usd,
    output=usd,
    cache_read=st.none() | usd,
    cache_write=st.none() | usd,
    batch=st.builds(Rates, input=usd, output=usd),
    tokenizer_ratio_in=st.floats(0.8, 2),
    tokenizer_ratio_out=st.floats(0.8, 2),
    discount=st.floats(0, 0.5),
    tax_rate=st.floats(0, 0.3),
    fee_per_request=st.sampled_from([0.0, 0.001]),
    min_commit_usd_per_month=st.sampled_from([0.0, 200.0]),
)
rigs = st.builds(
    lambda idle, extra, **rest: SelfHost(idle_w=idle, busy_w=idle + extra, **rest),
    idle=st.floats(0, 300),
    extra=st.floats(0, 900),
    replica_rps=st.floats(0.1, 20),
    target_utilisation=st.floats(0.2, 1),
    spare_replicas=st.sampled_from([0, 1]),
    capex_per_replica=st.floats(0, 20_000),
    capex_fixed=st.floats(0, 5000),
    residual_share=st.floats(0, 0.9),
    setup_usd=st.floats(0, 3000),
    usd_per_kwh=st.floats(0.05, 0.6),
    pue=st.floats(1, 2),
    ops_hours_fixed=st.floats(0, 20),
    ops_hours_per_replica=st.floats(0, 3),
    ops_usd_per_hour=st.floats(0, 150),
    maintenance_share_per_year=st.floats(0, 0.2),
)
MONEY = ("capex_per_replica", "capex_fixed", "setup_usd", "usd_per_kwh", "ops_usd_per_hour",
         "facility_usd_fixed", "facility_usd_per_replica", "rent_usd_per_replica_hour")  # fmt: skip
DEARER = ("capex_per_replica", "capex_fixed", "setup_usd", "idle_w", "busy_w", "usd_per_kwh",
          "ops_hours_fixed", "ops_hours_per_replica", "ops_usd_per_hour")  # fmt: skip
NO_LESS = 1 - 1e-12


def dearer_card(card, factor):
    """The card in another currency: every price, fee and commitment times as much."""

    def times(rates):
        names = ("input", "output", "cache_read", "cache_write", "cache_write_1h")
        prices = {name: getattr(rates, name) for name in names}
        return {name: None if usd is None else usd * factor for name, usd in prices.items()}

    return replace(
        card,
        **times(card),
        batch=Rates(**times(card.batch)),
        fee_per_request=card.fee_per_request * factor,
        min_commit_usd_per_month=card.min_commit_usd_per_month * factor,
    )


@given(w=workloads, card=cards, factor=factors)
def test_an_api_bill_scales_with_the_currency(w, card, factor):
    bill, other = api_bill(w, card), api_bill(w, dearer_card(card, factor))
    for name in ("input_usd", "output_usd", "discount_usd", "commit_topup_usd", "total_usd"):
        assert getattr(other, name) == pytest.approx(getattr(bill, name) * factor, abs=1e-6)


@given(w=workloads, s=rigs, factor=factors)
def test_a_rigs_bill_scales_with_the_currency_and_its_energy_does_not(w, s, factor):
    money = {name: getattr(s, name) * factor for name in MONEY}
    bill, other = self_bill(w, s), self_bill(w, replace(s, **money))
    assert other.total_usd == pytest.approx(bill.total_usd * factor)
    assert (other.energy_kwh, other.replicas) == (bill.energy_kwh, bill.replicas)


@settings(deadline=None)
@given(w=workloads, card=cards, s=rigs, factor=factors)
def test_crossovers_do_not_move_with_the_currency(w, card, s, factor):
    money = {name: getattr(s, name) * factor for name in MONEY}
    one = breakeven(Inputs(workload=w, api=card, self_host=s), 1e6, limit=20)
    both = Inputs(workload=w, api=dearer_card(card, factor), self_host=replace(s, **money))
    other = breakeven(both, 1e6, limit=20)
    assert [each.requests_per_day for each in other.crossovers] == pytest.approx(
        [each.requests_per_day for each in one.crossovers], rel=1e-6
    )


@given(w=workloads, card=cards, factor=factors,
       name=st.sampled_from(["input", "output", "fee_per_request", "min_commit_usd_per_month",
                             "tax_rate", "tokenizer_ratio_in", "tokenizer_ratio_out"]))  # fmt: skip
def test_a_dearer_card_is_never_a_smaller_bill(w, card, factor, name):
    more = replace(card, **{name: getattr(card, name) * factor})
    assert api_bill(w, more).total_usd >= api_bill(w, card).total_usd * NO_LESS


@given(w=workloads, s=rigs, factor=factors, name=st.sampled_from(DEARER))
def test_a_dearer_rig_is_never_a_smaller_bill(w, s, factor, name):
    more = replace(s, **{"busy_w": s.busy_w * factor, name: getattr(s, name) * factor})
    assert self_bill(w, more).total_usd >= self_bill(w, s).total_usd * NO_LESS


@given(w=workloads, card=cards, s=rigs, factor=factors)
def test_more_traffic_is_never_a_smaller_bill(w, card, s, factor):
    more = replace(w, requests_per_day=w.requests_per_day * factor)
    assert api_bill(more, card).total_usd >= api_bill(w, card).total_usd * NO_LESS
    small, large = self_bill(w, s), self_bill(more, s)
    assert large.total_usd >= small.total_usd * NO_LESS and large.replicas >= small.replicas


@given(w=workloads, s=rigs, factor=factors)
def test_a_higher_peak_needs_no_fewer_replicas_and_a_higher_target_no_more(w, s, factor):
    peaky = self_bill(replace(w, peak_to_mean=w.peak_to_mean * factor), s)
    fuller = self_bill(w, replace(s, target_utilisation=min(1.0, s.target_utilisation * factor)))
    quicker = self_bill(w, replace(s, replica_rps=s.replica_rps * factor))
    now = self_bill(w, s)
    assert peaky.replicas >= now.replicas >= max(fuller.replicas, quicker.replicas)
    assert peaky.busy_replica_hours == now.busy_replica_hours
    # Headroom holds: the busiest hour is within the target on the replicas that are not spare.
    working = now.replicas - s.spare_replicas
    assert now.peak_rps / s.replica_rps <= working * s.target_utilisation * (1 + 1e-8)


@given(w=workloads, card=cards, s=rigs)
def test_without_requests_only_what_stands_costs(w, card, s):
    nothing = replace(w, requests_per_day=0)
    assert api_bill(nothing, replace(card, min_commit_usd_per_month=0)).total_usd == 0
    committed = api_bill(nothing, card)
    assert committed.total_usd == pytest.approx(card.min_commit_usd_per_month * (1 + card.tax_rate))
    bill = self_bill(nothing, s)
    assert bill.replicas == s.min_replicas + s.spare_replicas
    assert bill.busy_replica_hours == bill.utilisation == bill.usd_per_request == 0
    free = SelfHost(replica_rps=1.0, min_replicas=0)
    assert self_bill(nothing, free).total_usd == 0


@given(w=workloads, card=cards, s=rigs, share=st.floats(0, 1))
def test_a_split_at_its_ends_is_the_rig_or_the_api(w, card, s, share):
    alone = hybrid_bill(split(w.requests_per_day, 1.0, w, w), replace(card, discount=0), s)
    assert alone.local_usd == pytest.approx(self_bill(w, s).total_usd)
    paid = hybrid_bill(split(w.requests_per_day, 0.0, w, w), card, s)
    assert paid.total_usd - paid.local_usd == pytest.approx(api_bill(w, card).total_usd)
    # Asking again is never for free.
    calm = hybrid_bill(split(w.requests_per_day, share, w, w), card, s)
    asked = hybrid_bill(split(w.requests_per_day, share, w, w, 0.5), card, s)
    assert asked.total_usd >= calm.total_usd * NO_LESS


@given(w=workloads, card=cards, s=rigs, day=st.lists(st.floats(0.01, 3), min_size=24, max_size=24))
def test_a_burst_over_enough_replicas_sends_nothing_and_over_fewer_no_less(w, card, s, day):
    w = replace(w, batch_share=0.0)
    spilled = [
        burst_bill(w, card, s, n, day).spill.spilled_attempts_per_day for n in (1, 2, 50_000)
    ]
    assert spilled[0] >= spilled[1] >= spilled[2] == 0


@settings(deadline=None)
@given(w=workloads, card=cards, s=rigs, factor=st.floats(1.01, 10))
def test_a_rig_that_is_worse_in_everything_never_crosses_the_better_one_downwards(
    w, card, s, factor
):
    """Where the dearer rig beats the API the cheaper one does: it can only cross earlier."""
    worse = replace(s, **{name: getattr(s, name) * factor for name in (*DEARER, "busy_w")})
    at = [
        breakeven(Inputs(workload=w, api=card, self_host=rig), 1e6, limit=5) for rig in (s, worse)
    ]
    if at[1].first is not None and at[1].regions[0].cheaper == "api":
        assert at[0].regions[0].cheaper == "self" or (
            at[0].first.requests_per_day <= at[1].first.requests_per_day * (1 + 1e-9)
        )


@given(w=workloads, card=cards, s=rigs, rate=st.floats(0, 0.5))
def test_value_falls_with_the_discount_where_the_money_comes_late(w, card, s, rate):
    inputs = Inputs(workload=w, api=card, self_host=s)
    now, later = (investment(inputs, Outlook(discount_rate_annual=r)) for r in (0.0, rate))
    assert now.npv_usd == pytest.approx(now.undiscounted_gain_usd)
    assert (now.payback_months, now.capex_usd) == (later.payback_months, later.capex_usd)
    if now.undiscounted_gain_usd >= 0 and now.payback_months is not None:
        assert later.npv_usd <= now.npv_usd + 1e-6
