"""APGR and its kin, against sums done the slow way."""

import random
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.core.score.quality import measure, pgr_curve, share_for

SETS = st.lists(
    st.tuples(
        st.integers(0, 3), st.sampled_from([0.0, 0.5, 1.0]), st.sampled_from([0.0, 0.5, 1.0])
    ),
    min_size=2,
    max_size=25,
).filter(lambda rows: sum(strong - weak for _, weak, strong in rows) > 0)


def slow_apgr(rows):
    """The mean over all orders of equal scores, in fractions: each tie spread evenly."""
    gap = sum(Fraction(strong) - Fraction(weak) for _, weak, strong in rows)
    kept = area = Fraction(0)
    for score in sorted({score for score, _, _ in rows}, reverse=True):
        tied = [Fraction(s) - Fraction(w) for own, w, s in rows if own == score]
        for _ in tied:
            step = sum(tied) / len(tied)
            area += (kept + kept + step) / 2
            kept += step
    return float(area / gap / len(rows))


@given(SETS)
def test_apgr_is_exact_and_blind_to_the_order_of_equals(rows):
    scores, weak, strong = zip(*rows, strict=True)
    quality = measure(scores, weak, strong)
    assert quality.apgr == pytest.approx(slow_apgr(rows))
    random.Random(1).shuffle(rows)
    assert measure(*zip(*rows, strict=True)).apgr == pytest.approx(quality.apgr)


def test_equal_scores_are_a_coin():
    quality = measure([1] * 50, [0] * 50, [1] * 25 + [0] * 25)
    assert (quality.apgr, quality.cpt50, quality.cpt80) == (0.5, 0.5, 0.8)
    assert quality.random


def test_the_best_order_and_the_worst():
    gains = [1] * 20 + [0] * 80
    best = measure(range(100, 0, -1), [0] * 100, gains)
    assert best.apgr == pytest.approx(0.9) and best.cpt80 == pytest.approx(0.16)
    assert not best.random
    assert measure(range(100), [0] * 100, gains).apgr == pytest.approx(0.1)


def test_on_the_cost_axis_cheap_gains_come_first():
    quality = measure([1, 2], [0, 0], [1, 1], values=[10, 1], costs=[0.1, 1.0])
    assert quality.cost_apgr == pytest.approx(0.5 * 1 / 11 * 0.5 + 10 / 11 * 0.75)


def test_the_interval_is_that_of_resampling():
    import numpy as np

    rng = np.random.default_rng(3)
    scores = rng.normal(size=400)
    weak = (rng.random(400) < 0.3).astype(float)
    strong = (rng.random(400) < 0.6 + 0.3 * (scores > 0)).astype(float)
    quality = measure(scores.tolist(), weak.tolist(), strong.tolist())
    again = []
    for _ in range(300):
        at = rng.integers(0, 400, 400)
        again.append(measure(scores[at].tolist(), weak[at].tolist(), strong[at].tolist()).apgr)
    assert (quality.high - quality.low) / 2 / 1.96 == pytest.approx(np.std(again), rel=0.2)


def test_without_a_gap_there_is_nothing_to_measure():
    with pytest.raises(ValueError, match="no better"):
        measure([1, 2], [1, 1], [1, 0])


def test_a_level_that_is_never_reached_takes_every_call():
    assert share_for(pgr_curve([1], [1])[:1], 0.5) == 1.0
