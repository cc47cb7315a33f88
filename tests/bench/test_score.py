"""What a score costs, on prompts of each length."""

import statistics
import time

import pytest

from console.core.score.score import score
from console.core.score.threshold import ShareControl
from tests.sources.test_router_files import MODEL, PROMPT

WORDS = "Which of the 12 following trains, leaving at 3/4 past 8, is not late? (a) none $5 "


def times_ms(act, count=200):
    found = []
    for _ in range(count):
        begun = time.perf_counter()
        act()
        found.append((time.perf_counter() - begun) * 1000)
    return statistics.median(found), statistics.quantiles(found, n=100)[-1]


@pytest.mark.bench
@pytest.mark.parametrize(
    ("chars", "most_ms"), [(60, 0.5), (400, 0.5), (2_000, 2.0), (20_000, 15.0)]
)
@pytest.mark.parametrize("model", [None, MODEL], ids=["prior", "fitted"])
def test_a_score_takes_less_than_a_millisecond(chars, most_ms, model):
    text = (WORDS * (chars // len(WORDS) + 1))[:chars]
    score(text, model)
    median, p99 = times_ms(lambda: score(text, model))
    print(f"\n{chars:>6} characters: p50 {median:.3f} ms, p99 {p99:.3f} ms")
    assert median <= most_ms


@pytest.mark.bench
def test_a_threshold_costs_next_to_nothing():
    control = ShareControl(0.3)
    value = score(PROMPT).value
    median, _ = times_ms(lambda: control.take(value), 1000)
    assert median <= 0.1
