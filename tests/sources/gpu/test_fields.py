"""What counters mean."""

import pytest

from console.sources.gpu.fields import Rate, held_by, most_bps


@pytest.mark.parametrize("bits", [32, 64])
def test_a_counter_that_wraps_goes_on(bits):
    rate = Rate()
    rate.take(0.0, 2**bits - 1_000, most_per_s=1e9)
    assert rate.value is None
    rate.take(2.0, 3_000, most_per_s=1e9)
    assert rate.value == 2_000


def test_a_counter_that_began_anew_is_no_traffic():
    rate = Rate()
    rate.take(0.0, 5_000_000, most_per_s=1e6)
    rate.take(1.0, 100, most_per_s=1e6)  # as a wrap it would be 4.3 GB in a second
    assert rate.value is None
    rate.take(2.0, 600, most_per_s=1e6)
    assert rate.value == 500


def test_a_link_carries_less_than_the_limit_of_what_is_believed():
    assert 31.5e9 < most_bps(4) < 64e9
    assert most_bps(None) > most_bps(6)


def test_a_slow_down_is_named_by_its_cause_where_that_is_told():
    assert held_by(0x1) == ()  # idle
    assert held_by(0x8) == ("HW slow-down",)
    assert held_by(0x48 | 0x4) == ("power cap", "HW thermal slow-down")
