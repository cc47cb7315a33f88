"""A day's budget is spent to within 5 %, and never a cent above."""

import json
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.core.score.pace import BudgetControl

MOST = 0.02


def day(control, rng, count=2000, kinds=(1.0,), peak=None):
    """Spend a day of requests; the gain, and that of all requests together."""
    times = sorted(
        min(0.999, max(0.0, rng.gauss(peak, 0.1))) if peak else rng.random() for _ in range(count)
    )
    gained = costs = gains = 0.0
    under_way = []
    for number, at in enumerate(times):
        level = kinds[number * len(kinds) // count]
        gain, usd = rng.random() * level, rng.uniform(0.002, 0.01) * level
        costs, gains = costs + usd, gains + gain
        if control.take(gain / usd, usd, MOST, at):
            under_way.append(usd * rng.uniform(0.7, 1.2))
            gained += gain
        if len(under_way) > 3:
            control.settle(MOST, under_way.pop(0))
        assert control.spent_usd <= control.usd
    for usd in under_way:
        control.settle(MOST, usd)
    assert control.spent_usd <= control.usd
    return gained / gains, costs


@pytest.mark.parametrize("usd", [2.0, 3.0, 4.0])
@pytest.mark.parametrize("kinds", [(1.0,), (1.0, 0.6), (0.3, 1.0), (1.0, 0.5, 0.2, 0.8)])
def test_a_day_is_spent_to_within_5_percent(usd, kinds):
    control = BudgetControl(usd)
    _, costs = day(control, random.Random(usd), kinds=kinds)
    if usd < costs:
        assert 0.95 * usd <= control.spent_usd <= usd


def test_a_day_like_yesterday_is_paced_by_its_hours():
    control, rng = BudgetControl(4.0), random.Random(5)
    day(control, rng, peak=0.45)
    control.next_day()
    day(control, rng, peak=0.45)
    assert 0.95 * 4.0 <= control.spent_usd <= 4.0


def test_dollars_go_where_they_gain_most():
    control = BudgetControl(4.0)
    gained, costs = day(control, random.Random(7))
    assert gained > 4.0 / costs + 0.15


def test_what_the_budget_pays_for_is_all_taken():
    control = BudgetControl(100.0)
    gained, _ = day(control, random.Random(8))
    assert gained == pytest.approx(1.0)


@settings(max_examples=50)
@given(
    st.lists(
        st.tuples(st.floats(-10, 10), st.floats(0, 0.05), st.floats(0, 1), st.booleans()),
        max_size=200,
    ),
    st.floats(0, 0.2),
)
def test_no_stream_exceeds_the_budget(requests, usd):
    control, held = BudgetControl(usd), []
    for value, cost, at, ends in sorted(requests, key=lambda one: one[2]):
        if control.take(value, cost, cost, at):
            held.append(cost)
        if ends and held:
            one = held.pop()
            control.settle(one, one)
    for one in held:
        control.settle(one, one)
    assert control.spent_usd <= usd + 1e-9


def test_a_kept_state_goes_on():
    control = BudgetControl(4.0)
    day(control, random.Random(9), count=300)
    kept = json.loads(json.dumps(control.state()))
    assert BudgetControl.restored(4.0, kept).state() == kept


@pytest.mark.parametrize("state", [{}, {"hours": [1], "spent_usd": 0, "today": [], "began": None}])
def test_what_is_no_state_is_refused(state):
    with pytest.raises(ValueError, match="state"):
        BudgetControl.restored(1.0, {"recent": [], **state} if state else state)
