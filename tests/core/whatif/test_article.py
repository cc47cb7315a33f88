import math
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from console.core.whatif.article import (
    GPT_4O,
    LLAMA_8B,
    LLAMA_70B,
    OPTIONS,
    SONNET_35,
    ApiOption,
    SelfHosted,
    Workload,
    claims,
    crossovers,
    monthly_usd,
    printed_lines,
    table,
)
from console.core.whatif.curve import Side


def test_table_prints_what_the_formulae_give():
    printed = [[f"{bill.total_usd:,.0f}" for bill in bills] for _, bills in table()]
    assert printed == [
        ["128", "180", "693", "388"],
        ["1,275", "1,800", "693", "388"],
        ["12,750", "18,000", "693", "388"],
    ]
    assert printed_lines([10_000])[2] == "Llama 70B (self-hosted): $693/mo"


def test_bills_to_the_cent_with_lines():
    bill = monthly_usd(GPT_4O, Workload(1000))
    assert [float(line) for line in bill.lines] == [37.5, 90.0]
    assert (bill.requests, bill.total_usd, bill.gpu_hours) == (30_000, 127.5, None)
    own = monthly_usd(LLAMA_70B, Workload(10_000))
    assert (own.line("compute"), own.line("set-up"), own.total_usd) == (360.0, 333.33, 693.33)
    assert own.gpu_hours == 720


def test_hours_grow_above_the_floor():
    bill = monthly_usd(LLAMA_70B, Workload(200_000))
    assert bill.gpu_hours == round(200_000 * 30 / 3600 / 2, 2)
    assert bill.total_usd == round(200_000 * 30 / 3600 / 2 * 0.5 + 4000 / 12, 2)


@pytest.mark.parametrize(
    ("own", "api", "at"),
    [
        (LLAMA_70B, GPT_4O, 5438),
        (LLAMA_70B, SONNET_35, 3852),
        (LLAMA_8B, GPT_4O, 3046),
        (LLAMA_8B, SONNET_35, 2157),
    ],
)
def test_preset_crossovers(own, api, at):
    [crossover] = crossovers(api, own, Workload(1))
    assert round(crossover.requests_per_day) == at
    assert crossover.cheaper_above is Side.SELF


def test_crossing_above_the_floor_and_none_at_all():
    cheap = ApiOption("cheap", 0.0, 0.5)
    own = SelfHosted("own", 0.5, 2.0, 40_000)
    [crossover] = crossovers(cheap, own, Workload(1))
    q = Fraction(40_000, 12) / (
        Fraction(30 * 300, 1_000_000) * Fraction(1, 2) - 30 * Fraction(1, 2) / 7200
    )
    assert crossover.requests_per_day == pytest.approx(float(q), rel=1e-12)
    assert crossover.requests_per_day > 172_800
    assert crossovers(ApiOption("a", 0, 0.1), own, Workload(1)) == []
    assert crossovers(ApiOption("free", 0, 0), own, Workload(1)) == []
    assert crossovers(cheap, SelfHosted("free", 0, 1, 0), Workload(1)) == []


def exact(option, workload, q):
    n = Fraction(q) * 30
    if isinstance(option, ApiOption):
        tokens = Fraction(workload.input_tokens) * Fraction(option.input_usd_per_mtok)
        tokens += Fraction(workload.output_tokens) * Fraction(option.output_usd_per_mtok)
        return n * tokens / 1_000_000
    hours = max(n / 3600 / Fraction(option.throughput_rps), Fraction(720))
    return hours * Fraction(option.usd_per_gpu_hour) + Fraction(option.setup_usd) / 12


money = st.floats(0, 100, allow_subnormal=False).map(lambda x: round(x, 3))


@given(
    st.builds(ApiOption, st.just("a"), money, money),
    st.builds(SelfHosted, st.just("s"), money, st.floats(0.1, 50), st.floats(0, 1e5).map(round)),
    st.integers(0, 5000),
    st.integers(0, 5000),
)
def test_crossovers_agree_with_a_scan_in_fractions(api, own, tokens_in, tokens_out):
    workload = Workload(1, tokens_in, tokens_out)

    def self_cheaper(q):
        return exact(own, workload, q) < exact(api, workload, q)

    found = crossovers(api, own, workload)
    assert len(found) <= 1
    grid = [Fraction(10) ** Fraction(k, 1) * m for k in range(-3, 10) for m in (1, 2, 4, 7)]
    if not found:
        assert len({self_cheaper(q) for q in grid}) == 1
        return
    at = Fraction(found[0].requests_per_day)
    assume(exact(api, workload, at) > Fraction(1, 10**6))
    for q in grid:
        if abs(q - at) > at / 10**6:
            assert self_cheaper(q) is (q > at)


@given(st.floats(1e-3, 1e9), st.sampled_from(OPTIONS), st.floats(0.01, 1000))
def test_a_bill_explains_itself_and_seconds_cancel(q, option, seconds):
    bill = monthly_usd(option, Workload(q, inference_s=seconds))
    assert bill.total_usd.evaluate() == bill.total_usd
    assert abs(float(bill.total_usd) - float(exact(option, Workload(q), q))) <= 0.0051 + 1e-12 * q
    assert {"requests a day", "days a month"} <= {leaf.name for leaf in bill.total_usd.inputs()}


@pytest.mark.parametrize("bad", [-1, math.nan, math.inf, 1e15, None, "8", True])
def test_impossible_requests_are_refused_by_name(bad):
    with pytest.raises(ValueError, match=r"^requests a day must be "):
        Workload(bad)


def test_no_requests_leave_the_always_on_machine():
    api, own = monthly_usd(GPT_4O, Workload(0)), monthly_usd(LLAMA_70B, Workload(0))
    assert (api.total_usd, own.gpu_hours, own.total_usd) == (0, 720, 693.33)


@pytest.mark.parametrize("bad", [-0.01, math.nan, math.inf, 1e15])
def test_impossible_prices_and_rates_are_refused_by_name(bad):
    with pytest.raises(ValueError, match=r"^output price must be "):
        ApiOption("x", 1, bad)
    with pytest.raises(ValueError, match=r"^throughput must be "):
        SelfHosted("x", 1, bad, 1)
    with pytest.raises(ValueError, match=r"^set-up cost must be "):
        SelfHosted("x", 1, 1, bad)
    with pytest.raises(ValueError, match=r"^seconds per inference must be "):
        Workload(1, inference_s=bad)


def test_zero_throughput_is_refused():
    with pytest.raises(ValueError, match=r"^throughput must be more than 0, not 0"):
        SelfHosted("x", 1, 0, 1)


def test_claims_stand_beside_what_the_formulae_give():
    by_subject = {claim.subject: claim for claim in claims()}
    assert len(by_subject) == 18
    seven = by_subject["Llama 70B, 2× RTX 3090 against GPT-4o at 50,000 requests a day"]
    eight = by_subject["Llama 8B, RTX 4090 against GPT-4o at 50,000 requests a day"]
    assert (f"{seven.recomputed:.1f}", seven.agrees) == ("9.2", True)
    assert (f"{eight.recomputed:.1f}", eight.agrees) == ("16.4", False)
    assert sum(claim.agrees for claim in by_subject.values()) == 2
    assert all(bool(claim.remark) is not claim.agrees for claim in by_subject.values())


def test_the_printed_api_columns_are_400_input_tokens():
    for volume, figures in ((1_000, (120, 171)), (100_000, (12_000, 17_100))):
        workload = Workload(volume, input_tokens=400)
        assert tuple(monthly_usd(o, workload).total_usd for o in (GPT_4O, SONNET_35)) == figures
