"""Joules of a window."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.core.energy import counter_delta, integrate

STEADY = [(float(second), 100.0) for second in range(11)]
COUNT = [(float(second), 100.0 * second) for second in range(11)]


def test_trapezoids_with_interpolated_edges():
    assert integrate(STEADY, 0, 10) == 1000
    assert integrate(STEADY, 2.5, 3.25) == pytest.approx(75)
    ramp = [(0, 0.0), (1, 100.0), (2, 100.0)]
    assert integrate(ramp, 0, 1) == 50
    assert integrate(ramp, 0.5, 1) == pytest.approx(37.5)
    assert integrate(ramp, 0.5, 0.5) == 0


def test_a_counter_between_its_readings():
    assert counter_delta(COUNT, 0, 10) == 1000
    assert counter_delta(COUNT, 2.5, 3.25) == pytest.approx(75)
    assert counter_delta(COUNT, 3, 3) == 0


@pytest.mark.parametrize("measure", [integrate, counter_delta])
@pytest.mark.parametrize(
    ("t0", "t1"), [(-0.1, 5), (5, 10.1), (-2, -1), (11, 12), (6, 5)], ids=lambda t: f"{t}"
)
def test_a_window_that_is_not_covered_is_unknown(measure, t0, t1):
    assert measure(COUNT, t0, t1) is None


@pytest.mark.parametrize("measure", [integrate, counter_delta])
def test_one_point_or_none_covers_nothing_longer_than_itself(measure):
    assert measure([], 0, 1) is None
    assert measure([(0.0, 5.0)], 0, 1) is None


def test_a_hole_in_the_power_is_unknown_but_a_counter_went_on():
    def without(points):
        return [point for point in points if not 4 <= point[0] <= 6]

    assert integrate(without(STEADY), 1, 9) is None
    assert integrate(without(STEADY), 0, 3) == 300
    assert integrate(without(STEADY), 0, 5) is None
    assert counter_delta(without(COUNT), 1, 9) == 800
    assert counter_delta(without(COUNT), 1, 5) is None  # an edge in the hole
    two_missing = [point for point in STEADY if point[0] not in (4, 5)]
    assert integrate(two_missing, 0, 10) == 1000  # three intervals are no hole yet


def test_a_counter_that_falls_is_a_new_epoch_never_negative():
    reloaded = [*COUNT[:6], *((at, joules - 600) for at, joules in COUNT[6:])]
    assert counter_delta(reloaded, 1, 9) is None
    assert counter_delta(reloaded, 5.2, 5.8) is None
    assert counter_delta(reloaded, 5.5, 9) is None
    assert counter_delta(reloaded, 1, 5) == 400
    assert counter_delta(reloaded, 6, 9) == 300


@st.composite
def curves(draw):
    """Power at even times, its exact integral as a counter, and three times in order."""
    watts = draw(st.lists(st.floats(0, 1000), min_size=3, max_size=30))
    end = len(watts) - 1
    times = sorted(draw(st.lists(st.floats(0, end), min_size=3, max_size=3)))
    return list(enumerate(watts)), times


@given(curves())
def test_windows_add_up_and_are_never_negative(curve):
    points, (a, b, c) = curve
    first, second, both = integrate(points, a, b), integrate(points, b, c), integrate(points, a, c)
    assert first >= 0 and second >= 0
    assert first + second == pytest.approx(both, abs=1e-6)


@given(curves())
def test_counter_and_power_agree_where_both_are_exact(curve):
    points, _ = curve
    counts = [(at, integrate(points, 0, at)) for at, _ in points]
    for start, end in [(0, len(points) - 1), (1, 2)]:
        assert counter_delta(counts, start, end) == pytest.approx(
            integrate(points, start, end), abs=1e-6
        )
