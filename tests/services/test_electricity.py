"""The day's electricity, over restarts, reloads and midnights."""

from datetime import UTC, datetime, time
from decimal import Decimal

import pytest

from console.core.gpu import Card, Snapshot
from console.core.tariff import Tariff, TimeOfUse
from console.services.electricity import Electricity
from console.services.sampler import Sampler
from console.ui.draw.gpu_meter import bill_line
from console.ui.draw.line import plain

NOON_MS = int(datetime(2026, 11, 27, 12, tzinfo=UTC).timestamp() * 1000)
FLAT = Tariff(usd_per_kwh=Decimal("0.36"))


class Clock:
    def __init__(self, ms=NOON_MS):
        self.ms = ms

    def now_ms(self):
        return self.ms

    def monotonic(self):
        return self.ms / 1000

    def zone(self):
        return "UTC"


class Memory(dict):
    """A store of values."""

    def put(self, name, value):
        self[name] = value


class Nothing:
    """A source that is never followed."""


def living(kept=None, ms=NOON_MS, tariff=FLAT):
    """Electricity, and what makes one card say something some seconds after the beginning."""
    clock = Clock(ms)
    sampler = Sampler(Nothing(), clock)
    electricity = Electricity(sampler, clock, tariff, kept)

    def say(second, joules=None, watts=100.0, util=0.0, uuid="GPU-a"):
        clock.ms = NOON_MS + round(1000 * second)
        card = Card(index=0, uuid=uuid, name="x", energy_j=joules, power_w=watts, util_pct=util)
        sampler._take(Snapshot(at_ms=clock.ms, cards=(card,)))
        return electricity.bill

    return electricity, say


async def test_watts_now_dollars_an_hour_and_busy_against_idle():
    _, say = living()
    say(0, 1000)
    say(1, 1100)
    bill = say(2, 1500, watts=400, util=97)
    assert (bill.watts, bill.usd_per_hour) == (400, pytest.approx(0.144))
    assert (bill.today.idle_j, bill.today.busy_j, bill.today.joules) == (100, 400, 500)
    assert bill.today.nano == pytest.approx(500 / 3.6e6 * 0.36e9, abs=2)
    assert bill.wall_factor == 1 and not bill.disagreeing


async def test_energy_of_a_card_that_tells_no_utilisation_is_neither_busy_nor_idle():
    _, say = living()
    say(0, 1000, util=None)
    today = say(1, 1100, util=None).today
    assert (today.busy_j, today.idle_j, today.unwatched_j) == (0, 0, 100)
    assert plain(bill_line(say(1, 1100, util=None), 80)).count("idle -") == 1
    assert say(2, 1200).today.idle_j == 100


async def test_a_reload_is_a_gap_and_never_negative():
    _, say = living()
    for second, joules in ((0, 1000), (1, 1100), (2, 5), (3, 105)):
        bill = say(second, joules)
    assert (bill.today.joules, bill.today.gaps) == (200, 1)


async def test_the_day_goes_on_over_a_restart_and_so_did_the_counter():
    kept = Memory()
    electricity, say = living(kept)
    say(0, 1000)
    say(1, 1100)
    electricity.save()
    _, again = living(kept, ms=NOON_MS + 600_000)
    bill = again(600, 1100 + 59_900)
    assert (bill.today.idle_j, bill.today.unwatched_j) == (100, 59_900)
    bill = again(601, 1100 + 60_000)
    assert (bill.today.idle_j, bill.today.joules) == (200, 60_100)


async def test_a_counter_that_fell_meanwhile_adds_nothing():
    kept = Memory()
    electricity, say = living(kept)
    say(0, 1000)
    say(1, 1100)
    electricity.save()
    _, again = living(kept, ms=NOON_MS + 600_000)
    bill = again(600, 300)
    assert (bill.today.joules, bill.today.gaps) == (100, 1)


@pytest.mark.parametrize("kept", [
    {"day": 3, "counters": 3}, {"day": {}, "counters": {"GPU-a": {"at_s": "x"}}},
    {"day": {"day": "2020-01-01", "busy_j": 5}, "counters": {"GPU-a": None}},
])  # fmt: skip
async def test_nonsense_that_was_kept_is_forgotten(kept):
    _, say = living(Memory(kept))
    say(0, 1000)
    assert say(1, 1100).today.joules == 100


async def test_a_new_day_begins_at_the_operators_midnight_with_its_part_of_what_was_not_watched():
    kept = Memory()
    electricity, say = living(kept)
    say(12 * 3600 - 601, 1000)
    say(12 * 3600 - 600, 1100)
    electricity.save()
    _, again = living(kept, ms=NOON_MS + (12 * 3600 + 600) * 1000)
    bill = again(12 * 3600 + 600, 1100 + 120_000)
    assert bill.today.day == "2026-11-28"
    assert bill.today.joules == bill.today.unwatched_j == pytest.approx(60_000)


async def test_what_is_used_costs_what_its_time_costs():
    dear = TimeOfUse(usd_per_kwh=Decimal("3.60"), start=time(13), end=time(14))
    kept = Memory()
    tariff = Tariff(usd_per_kwh=Decimal("0.36"), periods=(dear,))
    electricity, say = living(kept, tariff=tariff)
    say(-1, 0)
    say(0, 100)
    electricity.save()
    cheap = electricity.bill.today.nano
    _, again = living(kept, ms=NOON_MS + 7_200_000, tariff=tariff)
    bill = again(7200, 100 + 720_000)  # an hour at each price
    assert bill.today.nano - cheap == pytest.approx((0.36 + 3.60) * 0.1 * 1e9, rel=0.01)


async def test_what_nobody_watched_is_split_at_the_minute_at_which_the_price_changes():
    evening = TimeOfUse(usd_per_kwh=Decimal("0.72"), start=time(13, 30), end=time(14))
    _, say = living(tariff=Tariff(usd_per_kwh=Decimal("0.36"), periods=(evening,)))
    say(7 * 60, 0)
    bill = say(7 * 60 + 7200, 7_200_000)  # 1 kW from 12:07 to 14:07, 30 minutes of it dear
    assert bill.today.nano == pytest.approx((1.5 * 0.36 + 0.5 * 0.72) * 1e9, rel=1e-6)


async def test_the_price_follows_the_clock_over_a_change_to_winter_time():
    night = TimeOfUse(usd_per_kwh=Decimal("0.10"), start=time(0), end=time(6))
    tariff = Tariff(usd_per_kwh=Decimal("0.30"), periods=(night,))
    electricity, say = living(tariff=tariff)
    electricity._clock.zone = lambda: "Europe/Berlin"
    # From Sunday's midnight on, the night has seven hours.
    began = (datetime(2026, 10, 24, 22, tzinfo=UTC).timestamp() * 1000 - NOON_MS) / 1000
    say(began, 0)
    bill = say(began + 8 * 3600, 8 * 3_600_000)
    assert bill.today.day == "2026-10-25"
    assert bill.today.nano == pytest.approx((7 * 0.10 + 1 * 0.30) * 1e9, rel=1e-6)


async def test_of_two_consoles_the_one_that_was_paused_forgets_nothing_of_the_other():
    kept = Memory()
    paused, say_paused = living(kept)
    say_paused(0, None)
    say_paused(1, None)
    running, say = living(kept)
    for second in range(200):
        say(second, None)
    running.save()
    paused.save()
    assert kept["day"]["busy_j"] + kept["day"]["idle_j"] == pytest.approx(19_900, rel=0.02)
    # The next day counts from nothing, and is kept all the same.
    say_paused(86_400, None)
    say_paused(86_401, None)
    paused.save()
    assert kept["day"]["day"] == "2026-11-28"


async def test_a_card_that_hangs_and_says_the_same_again_adds_nothing():
    _, say = living()
    clock_card = [say(second, 1000 + 100 * second).today.joules for second in range(3)]
    assert clock_card == [0, 100, 200]


async def test_a_counter_that_disagrees_with_the_power_is_flagged():
    _, say = living()
    for second in range(130):
        bill = say(second, 1000 + 57 * second)
    assert bill.disagreeing == {0: pytest.approx(-0.43, abs=0.01)}


async def test_energy_is_saved_once_a_minute():
    kept = Memory()
    _, say = living(kept)
    for second in range(0, 61, 10):
        say(second, 100 * second)
    assert kept["day"]["idle_j"] == 6000 and kept["counters"]["GPU-a"]["joules"] == 6000


async def test_power_that_was_added_up_says_so_and_how_far_off_it_can_be():
    _, say = living()
    say(0, watts=100.0)
    say(1, watts=300.0)
    bill = say(2, watts=300.0)
    assert bill.today.joules == bill.today.integrated_j == 200 + 300
    assert bill.today.off_j == 100
    assert "~0.00 kWh ±20 % <$0.01" in plain(bill_line(bill, 80))
    for second in range(3, 63):
        bill = say(second, watts=100.0 if second % 2 else 300.0)
    # Sixty steps that may be off by 100 J either way are not off by 6 kJ.
    assert bill.today.off_j == pytest.approx(100 * 61**0.5, rel=0.01)
    _, say = living()
    say(0, 1000)
    counted = say(1, 1100)
    assert counted.today.integrated_j == 0 and "~" not in plain(bill_line(counted, 80))
