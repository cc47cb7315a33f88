"""Limits are seen before they are reached; a projection follows its stated rule."""

from decimal import Decimal

import pytest

from console.core.budget import Level, Limit, Projection, limits

USD = 1_000_000_000


@pytest.mark.parametrize(
    ("spent", "expected", "level"),
    [(0, None, Level.CLEAR), (79, 99, Level.CLEAR), (10, 100, Level.AHEAD), (80, 90, Level.NEAR),
     (99, None, Level.NEAR), (100, 100, Level.PASSED), (500, None, Level.PASSED)],
)  # fmt: skip
def test_a_limit_says_how_it_stands(spent, expected, level):
    assert Limit("x", 100, spent, expected).level is level


def test_a_budget_of_nothing_is_passed_at_once():
    assert Limit("x", 0, 0).level is Level.PASSED and Limit("x", 0, 0).share == 1


def test_the_projection_is_the_rule():
    # 40 before today, today at least the mean of 4, ten days more of 4 each.
    known = {"before_today": 40, "mean_nano": 4, "days_left": 10}
    assert Projection(today=1, **known).nano == 40 + 4 + 40
    assert Projection(today=9, **known).nano == 40 + 9 + 40
    assert Projection(before_today=0, today=5, mean_nano=None, days_left=3).nano is None
    assert Projection(before_today=7, today=0, mean_nano=3, days_left=0).nano == 10


def test_marks_are_always_there_and_budgets_when_set():
    found = limits(today_nano=2 * USD, month_nano=1200 * USD, expected_nano=3100 * USD,
                   budget_day_usd=Decimal(5), budget_month_usd=None)  # fmt: skip
    assert [(each.name, each.level) for each in found] == [
        ("day budget", Level.CLEAR), ("evaluate self-hosting", Level.PASSED), ("act", Level.AHEAD),
    ]  # fmt: skip
