"""The share is held by construction, whatever the scores do."""

import json
import random
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.core.score.threshold import ShareControl

SCORES = st.lists(st.floats(-5, 5) | st.just(0.0), max_size=900)


@given(SCORES, st.sampled_from([0.1, 0.3, 0.5, 0.0, 1.0]))
def test_no_window_of_200_is_off_by_more_than_4_points(scores, target):
    control = ShareControl(target)
    taken = [control.take(score) for score in scores]
    for start in range(100, len(taken) - 199):
        assert abs(sum(taken[start : start + 200]) / 200 - target) <= 0.04


@given(SCORES)
def test_a_kept_state_goes_on_as_if_nothing_had_been(scores):
    whole, first = ShareControl(0.3), ShareControl(0.3)
    cut = len(scores) // 2
    expected = [whole.take(score) for score in scores]
    begun = [first.take(score) for score in scores[:cut]]
    second = ShareControl.restored(json.loads(json.dumps(first.state())))
    assert begun + [second.take(score) for score in scores[cut:]] == expected


@pytest.mark.parametrize("state", [{}, {"target": 2, "recent": [], "lead": 0}, {"target": None}])
def test_what_is_no_state_is_refused(state):
    with pytest.raises(ValueError, match=r"state|share"):
        ShareControl.restored(state)


KINDS = ((-1.2, 0.3), (0.4, 0.0), (-0.2, 1.1), (1.5, 0.7))
"""Mean and spread of the scores of four kinds of prompt; those of one are all equal."""


@pytest.mark.parametrize("target", [0.1, 0.3, 0.5])
def test_kinds_of_prompt_that_change_abruptly_in_every_order_hold_the_share(target):
    rng = random.Random(11)
    for order in permutations(KINDS):
        control = ShareControl(target)
        scores = [rng.gauss(mean, spread) for mean, spread in order for _ in range(400)]
        taken = [control.take(score) for score in scores]
        windows = [sum(taken[at : at + 200]) / 200 for at in range(100, len(taken) - 199)]
        assert max(abs(share - target) for share in windows) <= 0.04
        assert sum(taken) / len(taken) - target <= 0.03


def test_the_highest_scores_are_those_that_are_taken():
    rng = random.Random(12)
    control = ShareControl(0.3)
    scores = [rng.random() for _ in range(2000)]
    taken = [score for score in scores if control.take(score)]
    assert sum(taken) / len(taken) > 0.82  # 0.85 by a threshold that knows all scores
