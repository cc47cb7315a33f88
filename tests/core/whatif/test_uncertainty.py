import math
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.core.whatif.breakeven import breakeven
from console.core.whatif.distribution import Lognormal, Triangular, Uniform, percent, percentile
from console.core.whatif.model import monthly_saving
from console.core.whatif.montecarlo import monte_carlo
from console.core.whatif.rig import capacity
from console.core.whatif.sensitivity import goal_seek, tornado


def test_tornado_sorts_by_swing_and_flags_flips(inputs):
    found = tornado(
        inputs,
        {"self_host.usd_per_kwh": (0.1, 0.5), "self_host.ops_hours_fixed": (0, 40)},
    )
    hours, tariff = found.bars
    assert (hours.input, hours.flips_sign) == ("self_host.ops_hours_fixed", True)
    assert (tariff.input, tariff.flips_sign) == ("self_host.usd_per_kwh", False)
    assert hours.swing == pytest.approx(40 * 60)
    assert found.base_saving_usd == monthly_saving(inputs)
    assert (hours.low, hours.high) == (0, 40) and hours.at_low > hours.at_high
    some = tornado(inputs, {"api.tax_rate": (-1, 0.2), "self_host.ops_hours_fixed": (0, 40)})
    assert [bar.input for bar in some.bars] == ["self_host.ops_hours_fixed"]
    assert some.impossible == ("api.tax_rate: tax_rate must be at least 0, not -1",)


def test_goal_seek_finds_where_the_sides_are_equal(inputs):
    [hours] = goal_seek(inputs, "self_host.ops_hours_fixed", 0, 100)
    assert hours == pytest.approx(2 + monthly_saving(inputs) / 60)
    [volume] = goal_seek(inputs, "workload.requests_per_day", 10, 100_000)
    assert volume == pytest.approx(breakeven(inputs, 1e5).first.requests_per_day)
    assert goal_seek(inputs, "self_host.usd_per_kwh", 0, 1) == ()
    [price] = goal_seek(inputs, "api.output", 0, 50, target=500.0)
    assert monthly_saving(inputs.with_values({"api.output": price})) == pytest.approx(500)


def test_goal_seek_finds_every_passing_and_skips_the_impossible(inputs):
    saw = inputs.with_values({"api.input": 0.1, "api.output": 0.5, "self_host.replica_rps": 0.75})
    found = goal_seek(saw, "workload.requests_per_day", 5_000, 200_000, probes=2000)
    crossovers = breakeven(saw, 200_000).crossovers
    assert found == pytest.approx([c.requests_per_day for c in crossovers], rel=1e-6)
    few = saw.with_values({"self_host.max_replicas": 1})
    assert len(goal_seek(few, "workload.requests_per_day", 5_000, 200_000)) <= 1
    with pytest.raises(ValueError, match="below the high end"):
        goal_seek(inputs, "api.output", 5, 5)
    with pytest.raises(ValueError, match="is not an input"):
        goal_seek(inputs, "api.price", 1, 5)


@given(st.floats(0, 1, exclude_max=True))
def test_quantiles_invert_their_distributions(u):
    assert Uniform(low=2, high=4).at(u) == pytest.approx(2 + 2 * u)
    x = Triangular(low=1, mode=2, high=5).at(u)
    below = (x - 1) ** 2 / 4 if x < 2 else 1 - (5 - x) ** 2 / 12
    assert below == pytest.approx(u, abs=1e-12)
    assert 0 < Lognormal(p5=3, p95=50).at(u) < math.inf


def test_lognormal_passes_through_its_percentiles():
    spread = Lognormal(p5=4000, p95=25_000)
    assert spread.at(0.05) == pytest.approx(4000)
    assert spread.at(0.5) == pytest.approx(math.sqrt(4000 * 25_000))
    assert spread.at(0.95) == pytest.approx(25_000)
    assert Triangular(low=3, mode=3, high=3).at(0.4) == 3


def test_percentiles_interpolate_between_neighbours():
    assert percentile([1, 2, 3, 4], 0.5) == 2.5
    assert percentile([1, 2, 3, 4], 0.05) == pytest.approx(1.15)
    assert percentile([7], 0.95) == 7


def test_draws_follow_the_seed_in_name_order(inputs):
    spread = {
        "workload.requests_per_day": Uniform(low=5_000, high=20_000),
        "api.output": Triangular(low=5, mode=10, high=12),
    }
    found = monte_carlo(inputs, spread, n=50, seed=7)
    assert found == monte_carlo(inputs, dict(reversed(spread.items())), n=50, seed=7)
    assert found != monte_carlo(inputs, spread, n=50, seed=8)
    random, savings = Random(7), []
    for _ in range(50):
        output, volume = random.random(), random.random()
        draw = {
            "api.output": spread["api.output"].at(output),
            "workload.requests_per_day": 5_000 + 15_000 * volume,
        }
        savings.append(monthly_saving(inputs.with_values(draw)))
    assert found.mean_saving_usd == pytest.approx(sum(savings) / 50)
    assert found.saving.p5 <= found.saving.p50 <= found.saving.p95


def test_a_crossover_comes_with_its_interval(inputs):
    spread = {"self_host.ops_hours_fixed": Uniform(low=0, high=12)}
    found = monte_carlo(inputs, spread, n=200, seed=1, q_max=1e5)
    assert found.crossover.p5 < found.crossover.p50 < found.crossover.p95
    assert found.never_crossing == 0
    narrow = monte_carlo(inputs, spread, n=200, seed=1, q_max=found.crossover.p50)
    assert narrow.never_crossing == pytest.approx(0.5)
    none = monte_carlo(inputs, spread, n=20, seed=1, q_max=10)
    assert (none.crossover, none.never_crossing) == (None, 1)


def test_impossible_draws_are_counted_and_none_possible_is_said(inputs):
    one = inputs.with_values({"self_host.max_replicas": 1})
    reach = capacity(inputs.workload, inputs.self_host).requests_per_day_per_replica
    hit = {"workload.requests_per_day": Uniform(low=0.5 * reach, high=1.5 * reach)}
    found = monte_carlo(one, hit, n=100, seed=3)
    assert 20 < found.infeasible < 80
    with pytest.raises(ValueError, match="no draw is possible: max_replicas 1 cannot carry"):
        beyond = {"workload.requests_per_day": Uniform(low=2 * reach, high=3 * reach)}
        monte_carlo(one, beyond, n=5, seed=3)
    with pytest.raises(ValueError, match=r"range of workload.cache_read_share: cache_read_share m"):
        shares = {"workload.cache_read_share": Uniform(low=0.5, high=1.5)}
        monte_carlo(inputs, shares, n=5, seed=3)
    with pytest.raises(ValueError, match="n must be"):
        monte_carlo(inputs, hit, n=0, seed=1)
    with pytest.raises(ValueError, match="is not an input"):
        monte_carlo(inputs, {"w.q": Uniform(low=0, high=1)}, n=1, seed=1)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Uniform(low=2, high=1),
        lambda: Triangular(low=1, mode=4, high=3),
        lambda: Lognormal(p5=0, p95=1),
        lambda: Lognormal(p5=1, p95=math.nan),
    ],
)
def test_impossible_distributions(make):
    with pytest.raises(ValueError, match="must be"):
        make()


@pytest.mark.parametrize(
    ("share", "said"),
    [(0, "0.0 %"), (1e-9, "under 0.1 %"), (0.0005, "0.1 %"), (0.5, "50.0 %"),
     (0.9994, "99.9 %"), (1 - 1e-7, "over 99.9 %"), (1, "100.0 %")],
)  # fmt: skip
def test_a_share_is_never_said_to_be_none_or_all_where_it_is_not(share, said):
    assert percent(share) == said
