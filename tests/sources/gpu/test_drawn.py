"""Power added up."""

import pytest

from console.sources.gpu.drawn import Drawn


def test_the_sum_is_the_area_under_the_power_and_says_how_far_off_it_can_be():
    drawn = Drawn()
    for at_s, watts in ((10.0, 100.0), (10.1, 100.0), (10.2, 300.0), (10.4, 300.0)):
        drawn.take(at_s, watts)
    assert drawn.since_s == 10.0
    assert drawn.joules == pytest.approx(10 + 20 + 60)
    # The step came at one of the two looks round it, or between them.
    assert drawn.off_j == pytest.approx(10)


@pytest.mark.parametrize("later", [12.0, 9.0])
def test_a_hole_or_a_clock_set_back_begins_it_anew(later):
    drawn = Drawn()
    drawn.take(10.0, 100.0)
    drawn.take(10.5, 200.0)
    drawn.take(later, 100.0)
    assert (drawn.since_s, drawn.joules, drawn.off_j) == (later, 0.0, 0.0)


def test_after_its_end_another_sum_begins():
    drawn = Drawn()
    drawn.take(10.0, 100.0)
    drawn.end()
    drawn.take(10.1, 100.0)
    assert (drawn.since_s, drawn.joules) == (10.1, 0.0)
