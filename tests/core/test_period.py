"""Days begin and end where the operator lives, also when clocks are changed."""

from datetime import date

import pytest

from console.core.period import instant_ms, is_midnight, local_day, next_month, start_ms

HOUR = 3_600_000


@pytest.mark.parametrize(
    ("zone", "day", "after", "hours"),
    [
        ("Europe/Berlin", date(2026, 3, 29), date(2026, 3, 30), 23),
        ("Europe/Berlin", date(2026, 10, 25), date(2026, 10, 26), 25),
        ("Australia/Lord_Howe", date(2026, 4, 5), date(2026, 4, 6), 24.5),
        ("America/Havana", date(2026, 3, 8), date(2026, 3, 9), 23),
        ("UTC", date(2026, 3, 29), date(2026, 3, 30), 24),
        ("Not/AZone", date(2026, 3, 29), date(2026, 3, 30), 24),
    ],
)
def test_a_day_is_as_long_as_it_is(zone, day, after, hours):
    begins, ends = start_ms(day, zone), start_ms(after, zone)
    assert ends - begins == hours * HOUR
    assert local_day(begins, zone) == local_day(ends - 1, zone) == day.isoformat()
    assert is_midnight(begins, zone) and is_midnight(ends, zone)
    assert not is_midnight(begins + HOUR, zone)


def test_a_week_back_over_a_change_of_clocks_is_seven_local_days():
    now = start_ms(date(2026, 10, 27), "Europe/Berlin") + 9 * HOUR
    assert instant_ms("7d", now, "Europe/Berlin") == start_ms(date(2026, 10, 21), "Europe/Berlin")
    assert instant_ms("24h", now, "Europe/Berlin") == now - 24 * HOUR
    assert instant_ms("today", now, "Europe/Berlin") == now - 9 * HOUR
    assert instant_ms("yesterday", now, "Europe/Berlin") == now - 33 * HOUR
    assert instant_ms("month", now, "Europe/Berlin") == start_ms(date(2026, 10, 1), "Europe/Berlin")


def test_a_date_is_a_local_day_and_a_time_a_local_time():
    assert instant_ms("2026-10-25", 0, "Europe/Berlin") == start_ms(
        date(2026, 10, 25), "Europe/Berlin"
    )
    assert instant_ms("2026-11-01T09:30", 0, "UTC") == instant_ms(
        "2026-11-01T10:30", 0, "Europe/Berlin"
    )
    assert instant_ms("2026-11-01T09:30+00:00", 0, "Europe/Berlin") == instant_ms(
        "2026-11-01T09:30", 0, "UTC"
    )


@pytest.mark.parametrize("text", ["", "7x", "9999999d", "later", "2026-13-01"])
def test_what_is_no_time_says_what_would_be(text):
    with pytest.raises(ValueError, match="write 24h, 7d"):
        instant_ms(text, 0, "UTC")


def test_months_have_their_own_lengths():
    assert next_month(date(2026, 1, 31)) == date(2026, 2, 1)
    assert next_month(date(2026, 12, 5)) == date(2027, 1, 1)
