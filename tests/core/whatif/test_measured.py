"""Measured inputs: they find again what made the traffic, and say what they lack."""

import random

import pytest

from console.core.tier import Tier
from console.core.whatif.built_in import CARDS
from console.core.whatif.leastsquares import fit
from console.core.whatif.ledgerbase import ledger_base
from console.core.whatif.measured import measure
from console.core.whatif.offer import CATALOGUE, Offer
from console.core.whatif.origin import Origin
from console.core.whatif.traffic import BusyHour, DayOf, EnergyDay, HourOf, PairOf, Traffic

DAYS = tuple(f"2026-11-{day:02d}" for day in range(1, 11))


def energy_days(watts, joules_in, joules_out, noise=0.0):
    rng, found = random.Random(2), []
    for day in DAYS:
        squares, products = [0.0] * 6, [0.0] * 3
        for _ in range(40):
            x = (rng.uniform(1, 20), rng.uniform(10, 4000), rng.uniform(10, 900))
            y = watts * x[0] + joules_in * x[1] + joules_out * x[2] + rng.gauss(0, noise)
            pairs = [(0, 0), (0, 1), (0, 2), (1, 1), (1, 2), (2, 2)]
            squares = [s + x[i] * x[j] for s, (i, j) in zip(squares, pairs, strict=True)]
            products = [p + each * y for p, each in zip(products, x, strict=True)]
        found.append(EnergyDay(day, 40, tuple(squares), tuple(products)))
    return tuple(found)


def traffic(days=DAYS, **rest):
    def of(day, tier, model, rows, prompt, out, read=0, served=True):
        return DayOf(day=day, tier=tier, model=model, served=served, billed=True,
                     rows=rows, counted=rows, uncached_tokens=rows * (prompt - read),
                     cache_read_tokens=rows * read, output_tokens=rows * out)  # fmt: skip

    groups = []
    for place, day in enumerate(days):
        groups += [of(day, Tier.LOCAL, "llama3.1:8b", 60 + place, 510, 204),
                   of(day, Tier.API, "claude-sonnet-5-5", 40, 1360, 680, read=340),
                   of(day, Tier.API, "claude-sonnet-5-5", 2, 1360, 10, served=False)]  # fmt: skip
    hours = [HourOf(day, hour, 9 if hour == 14 else 1) for day in days for hour in range(24)]
    return Traffic(days=tuple(days), rows=1000, groups=tuple(groups), hours=tuple(hours), **rest)


def test_means_shares_and_peaks_with_their_windows():
    found = measure(traffic())
    q = found["workload.requests_per_day"]
    assert q.value == pytest.approx(104.5) and q.source.low <= 104.5 <= q.source.high
    assert q.source.origin is Origin.MEASURED and "n 1,045, 10 days to 2026-11-10" in q.source.text
    assert found["workload.retry_rate"].value == pytest.approx(20 / 1045)
    assert found["workload.cache_read_share"].value == pytest.approx(0.25)
    assert found["workload.peak_to_mean"].value == pytest.approx(9 * 24 / 32)
    assert found["hybrid.share_self"].value == pytest.approx(645 / 1045)
    # 510 Llama tokens and 1,360 of Claude's are 500 and 1,000 of the reference tokenizer.
    assert found["hybrid.routine_input_tokens"].value == pytest.approx(500)
    assert found["hybrid.complex_input_tokens"].value == pytest.approx(1000)
    assert found["workload.input_tokens"].value == pytest.approx((645 * 500 + 400 * 1000) / 1045)


def test_a_quiet_day_counts_as_a_day_and_one_day_has_no_interval():
    quiet = traffic()
    more = Traffic(days=(*DAYS, "2026-11-11"), rows=quiet.rows, groups=quiet.groups,
                   hours=quiet.hours)  # fmt: skip
    assert measure(more)["workload.requests_per_day"].value == pytest.approx(1045 / 11)
    one = measure(traffic(DAYS[:1]))["workload.requests_per_day"].source
    assert one.low is None and not one.uncertain
    assert measure(Traffic(days=DAYS, rows=0)) == {} == measure(Traffic(days=(), rows=0))


def test_energy_is_told_apart_and_never_negative():
    exact = fit(energy_days(90.0, 0.02, 0.9))
    assert exact.watts == pytest.approx(90) and exact.joules_in == pytest.approx(0.02)
    assert exact.joules_out == pytest.approx(0.9)
    bounded = fit(energy_days(90.0, -0.05, 0.9))
    assert bounded.joules_in == 0 and bounded.watts > 0 and bounded.joules_out > 0
    assert fit(()).watts == 0
    found = measure(traffic(energy=energy_days(90.0, 0.02, 0.9, noise=60.0)))
    idle = found["self_host.idle_w"]
    assert idle.value == pytest.approx((90 + 90) / 0.9, rel=0.05)
    assert idle.source.low < idle.value < idle.source.high
    assert found["self_host.joules_per_output_token"].value == pytest.approx(1.0, rel=0.05)


def test_throughput_is_flagged_as_observed():
    busy = tuple(BusyHour(100.0, n, 0) for n in range(20, 120))
    found = measure(traffic(busy=busy))["self_host.replica_rps"]
    assert found.value == pytest.approx(1.14, abs=0.01) and "not saturated" in found.source.text


def test_the_base_says_when_its_data_are_few():
    base = ledger_base(traffic(DAYS[:3]), offer=None, usd_per_kwh=0.3, tariff_typed=True)
    assert any("only 3 complete days" in said for said in base.caveats)
    assert base.case.get("self_host.usd_per_kwh") == 0.3
    assert base.source("self_host.usd_per_kwh").origin is Origin.TYPED
    assert base.here.p5 <= base.here.p50 <= base.here.p95
    enough = ledger_base(traffic(), offer=None, usd_per_kwh=0.3, tariff_typed=False)
    assert not any("complete day" in said for said in enough.caveats)
    assert ledger_base(Traffic(days=(), rows=0), offer=None, usd_per_kwh=0.3,
                       tariff_typed=False) is None  # fmt: skip


def test_a_ratio_that_is_assumed_says_what_would_measure_it():
    local, api = "llama3.1:8b", "claude-sonnet-5-5"
    some = tuple(PairOf(api, local, 130, 100) for _ in range(12))
    listing = next(each for each in CATALOGUE if each.model == api)
    dearer = Offer(listing=listing, card=CARDS[listing.key], ratio=(1.25, 1.36, 1.6))
    base = ledger_base(traffic(pairs=some), offer=dearer, usd_per_kwh=0.3, tariff_typed=False)
    words = "20 compared prompts measure it (12 so far): llmconsole compare"
    assert words in base.sources["api.tokenizer_ratio_in"].text
    assert f"tokens × is assumed by the model's family; {words}" in base.caveats
    base = ledger_base(traffic(pairs=some * 2), offer=dearer, usd_per_kwh=0.3, tariff_typed=False)
    assert "24 compared prompts" in base.sources["api.tokenizer_ratio_in"].text
    assert base.sources["api.tokenizer_ratio_out"].text.endswith("replies taken as the prompts")
    assert not any("tokens ×" in said for said in base.caveats)
