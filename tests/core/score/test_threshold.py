"""The share is held by construction, whatever the scores do."""

import json

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
