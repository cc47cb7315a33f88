"""Histories keep their extremes and their order."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from console.core.series import Bucket, Series


def test_a_bucket_keeps_lowest_highest_and_last():
    series = Series(width=5, keep=10)
    assert [series.add(at, value) for at, value in [(0, 10), (1, 99), (4.9, 20)]] == [
        True,
        False,
        False,
    ]
    assert list(series) == [Bucket(0, 10, 99, 20)]
    assert series.newest == Bucket(0, 10, 99, 20) and len(series) == 1


def test_a_chart_moves_when_a_bucket_opens_also_after_a_gap():
    series = Series(width=5, keep=10)
    assert [series.add(at, 1) for at in (0, 4, 5, 9, 32, 33)] == [True, False] * 3
    assert [bucket.start for bucket in series] == [0, 5, 30]


def test_only_the_latest_are_kept():
    series = Series(width=1, keep=3)
    for at in range(10):
        series.add(at, at)
    assert [bucket.start for bucket in series] == [7, 8, 9]


def test_a_window_holds_the_buckets_that_reach_into_it():
    series = Series(width=5, keep=10)
    for at in (0, 5, 10):
        series.add(at, at)
    assert [bucket.start for bucket in series.window(7)] == [5, 10]
    assert [bucket.start for bucket in series.window(5)] == [5, 10]
    assert series.window(15) == []
    assert len(series.window(-1)) == 3


def test_an_empty_series():
    series = Series(width=5, keep=10)
    assert list(series) == [] and series.newest is None and series.window(0) == []


def test_a_late_value_counts_into_the_newest_bucket():
    series = Series(width=5, keep=10)
    series.add(10, 1)
    assert not series.add(9, 7)
    assert list(series) == [Bucket(10, 1, 7, 7)]


def test_a_clock_set_back_does_not_freeze_the_chart():
    series = Series(width=5, keep=10)
    for at in (0, 5, 10, 15, 20):
        series.add(at, at)
    assert not series.add(7, 70)
    assert [(bucket.start, bucket.high) for bucket in series] == [(0, 0), (5, 70)]
    assert series.add(11, 1)
    assert series.add(-60, 2)
    assert [bucket.start for bucket in series] == [-60]


@given(
    st.lists(
        st.tuples(st.floats(-1e6, 1e6), st.floats(-1e3, 1e3, width=32)), min_size=1, max_size=60
    ),
    st.floats(0.5, 100),
)
def test_starts_always_rise_and_extremes_always_hold_the_last(values, width):
    series = Series(width=width, keep=20)
    for at, value in values:
        series.add(at, value)
        assert series.newest.last == value
    assert all(earlier.start < later.start for earlier, later in pairwise(series))
    assert all(bucket.low <= bucket.last <= bucket.high for bucket in series)


@given(st.lists(st.floats(0, 100, width=32), min_size=1, max_size=200))
def test_no_spike_is_lost(values):
    series = Series(width=5, keep=1000)
    for at, value in enumerate(values):
        series.add(at, value)
    assert max(bucket.high for bucket in series) == max(values)
    assert min(bucket.low for bucket in series) == min(values)


def test_what_was_kept_comes_before_what_is_new_in_wider_buckets_and_never_twice():
    series = Series(width=60, keep=10)
    series.add(180, 5)
    series.precede([Bucket(0, 1, 2, 1), Bucket(10, 0, 9, 3), Bucket(60, 4, 4, 4),
                    Bucket(190, 7, 7, 7)])  # fmt: skip
    assert list(series) == [Bucket(0, 0, 9, 3), Bucket(60, 4, 4, 4), Bucket(180, 5, 5, 5)]
    series.add(185, 6)
    assert series.newest == Bucket(180, 5, 6, 6)


def test_a_window_may_end_before_now():
    series = Series(width=5, keep=10)
    for at in range(0, 50, 5):
        series.add(at, at)
    assert [bucket.start for bucket in series.window(12, 25)] == [10, 15, 20]


@given(st.integers(1, 400), st.integers(1, 50))
def test_never_more_than_was_asked_to_keep(count, keep):
    series = Series(width=1, keep=keep)
    for at in range(count):
        series.add(at, at)
    assert [bucket.start for bucket in series] == list(range(max(0, count - keep), count))
    assert len(series.window(-1)) == len(series) == min(count, keep)
