from dataclasses import replace
from random import Random

import pytest

from console.core.whatif.api import api_bill
from console.core.whatif.breakeven import lines, meet
from console.core.whatif.design import Burst, burst_curve
from console.core.whatif.hybrid import burst_bill, hybrid_bill, spill, split
from console.core.whatif.investment import Outlook, cheaper_card, investment
from console.core.whatif.rig import self_bill

FLAT = [1.0] * 24


def test_everything_local_or_everything_at_the_api(inputs):
    w, card, s = inputs.workload, inputs.api, inputs.self_host
    local = hybrid_bill(split(10_000, 1.0, w, w), card, s)
    assert local.total_usd == pytest.approx(self_bill(w, s).total_usd)
    assert local.all_api_usd == pytest.approx(api_bill(w, card).total_usd)
    api = hybrid_bill(split(10_000, 0.0, w, w), card, replace(s, min_replicas=0))
    assert api.total_usd == pytest.approx(api_bill(w, card).total_usd + 120)
    assert api.api_escalated_usd == 0


def test_lines_add_up_and_the_commitment_is_topped_up_once(inputs):
    w = inputs.workload
    card = replace(inputs.api, min_commit_usd_per_month=700, tax_rate=0.19, discount=0.1)
    bill = hybrid_bill(split(10_000, 0.6, w, w, 0.1), card, inputs.self_host)
    paid = bill.api_complex_usd + bill.api_escalated_usd
    assert bill.api_complex_usd == pytest.approx(1217.5 * 0.4 * 0.9 * 1.19)
    assert bill.api_escalated_usd == pytest.approx(1217.5 * 0.06 * 0.9 * 1.19)
    assert bill.api_commit_topup_usd == pytest.approx(700 * 1.19 - paid)
    assert bill.total_usd == pytest.approx(bill.local_usd + 700 * 1.19)
    assert bill.saving_usd == bill.all_api_usd - bill.total_usd


def test_impossible_splits(inputs):
    w = inputs.workload
    with pytest.raises(ValueError, match="share_self"):
        split(10, 1.1, w, w)
    with pytest.raises(ValueError, match="escalation_rate"):
        split(10, 0.5, w, w, -0.1)
    with pytest.raises(ValueError, match="cannot carry the routine share"):
        hybrid_bill(split(1e6, 0.9, w, w), inputs.api, replace(inputs.self_host, max_replicas=1))


def test_spill_counts_only_the_hours_above_capacity(inputs):
    w = replace(inputs.workload, requests_per_day=24 * 3600, retry_rate=0.5)
    assert spill(w, FLAT, 1.5).spilled_attempts_per_day == 0
    assert spill(w, FLAT, 1.0).spill_share == pytest.approx(1 / 3)
    day = [0.0] * 12 + [2.0] * 12
    assert spill(w, day, 2.0).spilled_attempts_per_day == pytest.approx(12 * 3600)
    assert spill(w, day, 2.0).peak_to_mean == 2
    nothing = spill(replace(w, requests_per_day=0), day, 0)
    assert (nothing.spilled_attempts_per_day, nothing.spill_share) == (0, 0)


@pytest.mark.parametrize("weights", [[1.0] * 23, [0.0] * 24, [-1.0] * 24, [float("nan")] * 24])
def test_impossible_days(inputs, weights):
    with pytest.raises(ValueError, match="hourly_weights"):
        spill(inputs.workload, weights, 1)


def test_burst_pays_the_rig_and_the_overflow(inputs):
    w = replace(inputs.workload, requests_per_day=24 * 3600 * 7)
    bill = burst_bill(w, inputs.api, inputs.self_host, 1, FLAT)
    assert bill.spill.spill_share == pytest.approx(0.5)
    assert bill.own.replicas == 1
    assert bill.own.utilisation == pytest.approx(0.7)
    half = replace(w, requests_per_day=w.requests_per_day / 2)
    assert bill.api.total_usd == pytest.approx(api_bill(half, inputs.api).total_usd)
    assert bill.total_usd == bill.own.total_usd + bill.api.total_usd


def test_a_burst_that_sends_all_growth_to_the_api_keeps_what_it_saves(inputs):
    both = lines(inputs)
    for seed in range(300):
        r = Random(seed)
        hours = [r.random() for _ in range(24)]
        bill = burst_curve(inputs, Burst(replicas=1), hours, both)
        # Beyond its last bend each request more costs at both sides the same, to the last bit.
        assert bill.pieces[-1][2] == both.api_slope
        found = meet(bill, both.api_curve, 1e6)
        assert found.for_good_from == found.first.requests_per_day, seed


def test_investment_without_growth_is_an_annuity(inputs):
    s = replace(inputs.self_host, setup_usd=1500, residual_share=0.25)
    found = investment(replace(inputs, self_host=s), Outlook(discount_rate_annual=0.08))
    running = 1217.5 - self_bill(inputs.workload, s).running_usd
    i = 1.08 ** (1 / 12) - 1
    annuity = running * (1 - (1 + i) ** -36) / i
    assert found.npv_usd == pytest.approx(annuity - 4700 + 800 / 1.08**3)
    assert found.payback_months == pytest.approx(4700 / running)


def test_growth_buys_replicas_when_they_are_needed(inputs):
    outlook = Outlook(horizon_months=24, demand_growth_monthly=0.2)
    grown = 10_000 * 1.2**23
    found = investment(inputs, outlook)
    assert found.replicas_end == -(-grown // 151_200)
    assert found.capex_usd == 3200 * found.replicas_end
    assert found.undiscounted_gain_usd == pytest.approx(found.npv_usd)


def test_payback_may_be_immediate_or_never(inputs):
    rented = inputs.with_values(
        {
            "self_host.ownership": "rented",
            "self_host.rent_usd_per_replica_hour": 0.2,
        }
    )
    assert investment(rented, Outlook()).payback_months == 0
    small = inputs.with_values({"workload.requests_per_day": 10})
    assert investment(small, Outlook()).payback_months is None
    late = Outlook(horizon_months=2)
    assert investment(inputs, late).payback_months is None


def test_falling_prices_touch_every_price_but_not_the_contract(inputs):
    card = replace(inputs.api, fee_per_request=0.01, min_commit_usd_per_month=500)
    half = cheaper_card(card, 0.5)
    assert (half.input, half.output, half.cache_read, half.cache_write) == (1, 5, 0.05, None)
    assert (half.batch.input, half.fee_per_request) == (0.5, 0.005)
    assert half.min_commit_usd_per_month == 500
    falling = investment(inputs, Outlook(api_price_decline_monthly=0.05))
    assert falling.npv_usd < investment(inputs, Outlook()).npv_usd


@pytest.mark.parametrize(
    "bad", [{"horizon_months": 0}, {"horizon_months": 1.5}, {"demand_growth_monthly": -1}]
)
def test_impossible_outlooks(bad):
    with pytest.raises(ValueError, match=next(iter(bad))):
        Outlook(**bad)
