"""Edges, allocation, tallies, tariffs: the arithmetic of the power meter."""

from datetime import UTC, datetime, time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.core.apportion import Mark, apportion
from console.core.consumption import DayEnergy, Floor, Request, per_token
from console.core.edge import Edge, Side, joules_at
from console.core.held import HeldShares
from console.core.tally import Tally
from console.core.tariff import Tariff, TimeOfUse


@st.composite
def histories(draw):
    """Marks of a meter that never falls, with who runs between them."""
    gains = draw(st.lists(st.floats(0, 1e6), min_size=1, max_size=40))
    marks, joules = [], draw(st.floats(0, 1e9))
    for gain in [*gains, 0.0]:
        marks.append(Mark(joules, draw(st.frozensets(st.sampled_from("abcdef"), max_size=4))))
        joules += gain
    return marks


@given(histories())
def test_requests_and_idle_add_up_to_the_meter(marks):
    shares = apportion(marks)
    total = sum(shares.by_request.values()) + shares.idle
    assert total == pytest.approx(marks[-1].joules - marks[0].joules, abs=1e-3)
    assert all(joules >= 0 for joules in shares.by_request.values()) and shares.idle >= 0


def test_what_ran_at_once_is_divided_equally_and_what_ran_alone_is_its_own():
    a, b = frozenset("a"), frozenset("b")
    shares = apportion([Mark(0, a), Mark(100, a | b), Mark(160, b), Mark(180, frozenset()),
                        Mark(200, frozenset())])  # fmt: skip
    assert shares.by_request == {"a": 130, "b": 50} and shares.idle == 20


class Counter:
    """Power that steps from rest to work at a time, and a counter that ticks."""

    def __init__(self, step_s, before_w, after_w, tick_s=0.1):
        self.step_s, self.before_w, self.after_w, self.tick_s = step_s, before_w, after_w, tick_s

    def joules(self, at_s):
        past = max(0.0, at_s - self.step_s)
        return self.before_w * (at_s - past) + self.after_w * past

    def edge(self, at_s):
        last = at_s - at_s % self.tick_s
        tick = last + self.tick_s
        watts = [self.after_w if t >= self.step_s else self.before_w for t in (at_s, tick)]
        return Edge(uuid="x", asked_s=at_s, asked_j=self.joules(last), tick_s=tick,
                    tick_j=self.joules(tick), length_s=self.tick_s, asked_w=watts[0],
                    tick_w=watts[1])  # fmt: skip


@given(st.floats(10.0, 10.1), st.floats(20, 100), st.floats(200, 700))
def test_an_edge_with_a_quiet_side_is_exact(at_s, rest_w, work_w):
    # The power steps at the edge itself: asked a moment before, it is that of rest.
    begins = Counter(at_s + 1e-9, rest_w, work_w)
    joules, _ = joules_at(begins.edge(at_s), at_s, Side.BEFORE)
    assert joules == pytest.approx(begins.joules(at_s), abs=0.01)
    ends = Counter(at_s, work_w, rest_w)
    joules, _ = joules_at(ends.edge(at_s), at_s, Side.AFTER)
    assert joules == pytest.approx(ends.joules(at_s), abs=0.01)


@given(st.floats(10.0, 10.1), st.floats(10.0, 10.2), st.floats(20, 700), st.floats(20, 700))
def test_an_edge_between_requests_is_off_by_no_more_than_it_says(at_s, step_s, one_w, other_w):
    counter = Counter(step_s, one_w, other_w)
    joules, error_j = joules_at(counter.edge(at_s), at_s, Side.NEITHER)
    assert abs(joules - counter.joules(at_s)) <= error_j + 1e-6


def test_a_counter_that_did_not_tick_in_time_says_how_far_off_that_may_be():
    edge = Edge(uuid="x", asked_s=5, asked_j=100, asked_w=200)
    assert joules_at(edge, 5.0, Side.BEFORE) == (100, 50)


def test_a_tally_of_a_counter():
    tally = Tally()
    assert tally.take(0, 100, 50, 1) is None
    gain = tally.take(1, 160, 50, 1)
    assert (gain.joules, gain.start_s, gain.end_s, gain.watched) == (60, 0, 1, True)
    late = tally.take(601, 660, 50, 1)  # the counter went on while nobody looked
    assert (late.joules, late.watched, tally.gaps) == (500, False, 0)


def test_a_counter_that_falls_or_leaps_is_a_new_epoch_and_a_gap_and_never_negative():
    tally = Tally()
    tally.take(0, 1000, 50, 1)
    assert tally.take(1, 10, 50, 1) is None
    assert (tally.epoch, tally.gaps) == (1, 1)
    assert tally.take(2, 60, 50, 1).joules == 50
    assert tally.take(3, 1e9, 50, 1) is None
    assert (tally.epoch, tally.gaps) == (2, 2)


def test_without_a_counter_power_is_integrated_but_not_over_a_hole():
    tally = Tally()
    tally.take(0, None, 100, 1)
    assert tally.take(1, None, 200, 1).joules == 150
    assert tally.take(100, None, 200, 1) is None and tally.gaps == 1
    assert tally.take(101, None, 200, 1).joules == 200


def test_an_earlier_run_is_gone_on_from():
    tally = Tally()
    tally.resume(0, 1000, 3)
    gain = tally.take(3600, 1000 + 360_000, 100, 1)
    assert (gain.joules, gain.watched, tally.epoch) == (360_000, False, 3)


@pytest.mark.parametrize(("gain", "flagged"), [(1.0, False), (1.05, False), (0.57, True)])
def test_the_counter_is_held_against_the_power_each_minute(gain, flagged):
    """Power as the mean of the last second, over a load that comes and goes."""
    tally, joules = Tally(), 0.0
    work = [500.0 if second // 7 % 2 else 60.0 for second in range(200)]
    for second, watts in enumerate(work):
        joules += gain * watts
        tally.take(second + 1, joules, watts, 1)
    assert tally.disagreement == pytest.approx(gain - 1, abs=0.03)
    assert (abs(tally.disagreement) > 0.1) == flagged


EVENING = TimeOfUse(usd_per_kwh=Decimal("0.40"), start=time(17), end=time(21),
                    days=frozenset(range(5)))  # fmt: skip
NIGHT = TimeOfUse(usd_per_kwh=Decimal("0.10"), start=time(23), end=time(6), days=frozenset({4}))
TARIFF = Tariff(usd_per_kwh=Decimal("0.20"), periods=(EVENING, NIGHT))


@pytest.mark.parametrize(
    ("local", "rate"),
    [
        ("2026-11-27 16:59", "0.20"),  # a Friday
        ("2026-11-27 17:00", "0.40"),
        ("2026-11-27 20:59", "0.40"),
        ("2026-11-27 21:00", "0.20"),
        ("2026-11-27 23:30", "0.10"),
        ("2026-11-28 05:59", "0.10"),  # it began on Friday
        ("2026-11-28 06:00", "0.20"),
        ("2026-11-28 18:00", "0.20"),  # a Saturday
        ("2026-11-29 01:00", "0.20"),
    ],
)
def test_the_time_of_use_decides(local, rate):
    at_ms = int(datetime.fromisoformat(f"{local}+01:00").timestamp() * 1000)
    assert TARIFF.rate(at_ms, "Europe/Berlin") == Decimal(rate)


def test_a_period_from_a_time_to_itself_is_the_whole_day():
    weekend = TimeOfUse(usd_per_kwh=Decimal("0.05"), days=frozenset({5, 6}))
    tariff = Tariff(usd_per_kwh=Decimal(1), periods=(weekend,))
    for day, rate in ((28, "0.05"), (29, "0.05"), (30, "1")):
        at_ms = int(datetime(2026, 11, day, 0, 0, tzinfo=UTC).timestamp() * 1000)
        assert tariff.rate(at_ms, "UTC") == Decimal(rate)


def test_the_wall_is_in_the_dollars():
    tariff = Tariff(usd_per_kwh=Decimal("0.20"), wall_factor=Decimal("1.25"))
    assert tariff.nano(3_600_000, 0, "UTC") == 250_000_000


def test_joules_per_token_gross_and_net_and_none_where_they_would_be_a_guess():
    requests = [Request(10, 2.0, 1000, 10, 100), Request(20, 3.0, 1500, 20, 150)]
    both = per_token(requests, 0, 100)
    assert (both.gross_j, both.net_j, both.tokens, both.requests) == (10, 8, 250, 2)
    assert both.uncertainty == pytest.approx(30 / 2500)
    assert per_token(requests, 15, None).gross_j == 10
    assert per_token(requests, 15, None).net_j is None
    assert per_token(requests, 25, 100) is None
    assert per_token([Request(10, 1, 100, 11, 50)], 0, 10) is None
    assert per_token([Request(10, 1, 100, 1, 0)], 0, 10) is None


def test_the_floor_is_a_low_percentile_of_quiet_readings():
    floor = Floor()
    for second in range(19):
        floor.take(second, 70)
    assert floor.watts is None
    for second in range(19, 60):
        floor.take(second, 70 if second % 2 else 300)
    assert floor.watts == 70
    for second in range(10_000, 10_030):
        floor.take(second, 40)
    assert floor.watts == 40


def test_a_day_survives_its_document_and_nonsense_is_no_day():
    day = DayEnergy(
        day="2026-11-27", busy_j=5.5, idle_j=1, nano=7, gaps=1, integrated_j=2, variance_j2=9
    )
    assert DayEnergy.from_document(day.document()) == day and day.joules == 6.5
    for nonsense in (None, 3, {}, {"day": 3}, {"day": "x", "busy_j": "1"},
                     {"day": "x", "nano": -1}, {"day": "x", "gaps": True}):  # fmt: skip
        assert DayEnergy.from_document(nonsense) is None


def test_shares_of_the_last_minute():
    shares = HeldShares()
    assert shares.take(0, {"power cap": 100.0}) == {}
    assert shares.take(10, {"power cap": 103.8, "HW power brake": 0.01}) == {"power cap": 38}
    assert shares.take(10, {"power cap": 103.8, "HW power brake": 0.01}) == {
        "power cap": 38
    }  # the same reading again
    for second in range(11, 80):
        result = shares.take(second, {"power cap": 103.8, "HW power brake": 0.01})
    assert result == {}  # that was more than a minute ago
    assert shares.take(80, {"power cap": 1.0}) == {}  # the driver was loaded anew
    assert shares.take(82, {"power cap": 2.0}) == {"power cap": 50}
