import json
from pathlib import Path
from time import perf_counter

import pytest
from golden_adapter import all_inputs

from console.core.whatif.model import chart, compare
from console.core.whatif.montecarlo import Lognormal, Triangular, Uniform, monte_carlo
from console.core.whatif.policy import Row, policy_from_mapping
from console.core.whatif.replay import replay

pytestmark = pytest.mark.bench
CASES = {
    case["id"]: case["inputs"]
    for case in json.loads(Path(__file__).with_name("golden.json").read_text())["cases"]
}


def seconds(work, times=1):
    best = float("inf")
    for _ in range(times):
        start = perf_counter()
        work()
        best = min(best, perf_counter() - start)
    return best


def test_a_keystroke_recomputes_everything_within_5_ms():
    inputs = all_inputs(CASES["be-sawtooth"])
    assert seconds(lambda: chart(compare(inputs, 1e6).breakeven.lines, 100, 1e6), 20) < 0.005


def test_two_thousand_draws_take_300_ms():
    inputs = all_inputs(CASES["mc-400"])
    spread = {
        "workload.requests_per_day": Lognormal(p5=4000, p95=25_000),
        "workload.output_tokens": Triangular(low=150, mode=300, high=700),
        "self_host.usd_per_kwh": Uniform(low=0.14, high=0.34),
    }
    assert seconds(lambda: monte_carlo(inputs, spread, n=2000, seed=1, q_max=4e5), 3) < 0.3


def test_a_million_rows_replay_in_2_s():
    case = CASES["replay-all-to-sonnet55"]
    rows = [Row.from_mapping(row) for row in case["rows"]] * 125_000
    policy = policy_from_mapping(case["policy"])
    assert seconds(lambda: replay(rows, policy)) < 2
