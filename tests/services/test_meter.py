"""The meter over cards whose power a test knows exactly."""

import asyncio
from contextlib import asynccontextmanager

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.core.edge import Edge
from console.core.entry import EnergySource
from console.core.gpu import Card, Flow, Snapshot
from console.services.meter import Meter
from console.services.sampler import Sampler
from console.sources.gpu.drawn import Drawn

BEGAN_S = 1_770_000_000.0
TICK_S = 0.1
LOOK_S = 0.1
REST_W, WORK_W = 60.0, 450.0


class Clock:
    def __init__(self):
        self.s = 0.0

    def now_ms(self):
        return round((BEGAN_S + self.s) * 1000)

    def monotonic(self):
        return self.s


class Box:
    """Cards that draw WORK_W while any of some requests runs, and REST_W else.

    Each counter steps ten times a second, and power is told as the mean of the last second.
    Cards without a counter have their power added up where `lag_s` is told: 0 for the power of
    an instant, 0.5 for the mean of the last second. The counter of the first card begins anew at
    `reload_s`, and between the two times of `deaf` nobody reads the cards.
    """

    def __init__(self, clock, work, cards=1, counters=True, mute=(), lag_s=None, reload_s=None,
                 deaf=(0.0, 0.0)):  # fmt: skip
        self.clock, self.work = clock, work
        self.cards, self.counters, self.mute = cards, counters, mute
        self.lag_s, self.sums = lag_s, None
        self.reload_s, self.deaf = reload_s, deaf

    def joules(self, at_s):
        worked = sum(max(0.0, min(at_s, end) - start) for start, end in self.union())
        return 1000 + REST_W * at_s + (WORK_W - REST_W) * worked

    def union(self):
        spans = []
        for start, end in sorted(self.work):
            if spans and start <= spans[-1][1]:
                spans[-1][1] = max(end, spans[-1][1])
            else:
                spans.append([start, end])
        return spans

    def watts(self, at_s):
        return WORK_W if any(start < at_s <= end for start, end in self.union()) else REST_W

    def counted(self, card, at_s):
        anew = self.reload_s is not None and card == 0 and at_s >= self.reload_s
        return self.joules(at_s) - (self.joules(self.reload_s) if anew else 0)

    def is_deaf(self):
        return self.deaf[0] <= self.clock.s < self.deaf[1]

    def snapshot(self):
        s = self.clock.s
        mean = self.joules(s) - self.joules(s - 1)
        cards = tuple(Card(index=n, uuid=f"GPU-{n}", name="x", power_w=mean, power_limit_w=WORK_W,
                           energy_j=self.counted(n, s - s % TICK_S) if self.counters else None)
                      for n in range(self.cards))  # fmt: skip
        return Snapshot(at_ms=self.clock.now_ms(), cards=cards)

    async def snapshots(self, interval_s):
        while True:
            yield self.snapshot()
            await asyncio.sleep(3600)

    def profile(self, uuids):
        pass

    def integrate(self, on):
        if self.lag_s is not None:
            self.sums = Drawn() if on else None
            self.looked_s = self.clock.s

    def look(self, at_s):
        mean = self.joules(at_s) - self.joules(at_s - 1)
        watts = mean if self.lag_s else self.watts(at_s)
        self.sums.take(BEGAN_S + at_s, watts)
        return watts

    def summed(self):
        while self.looked_s + LOOK_S < self.clock.s:
            self.look(self.looked_s)
            self.looked_s += LOOK_S
        watts = self.look(self.clock.s)
        self.looked_s = self.clock.s + LOOK_S
        return [
            Edge(uuid=f"GPU-{n}", asked_s=BEGAN_S + self.clock.s, asked_j=self.sums.joules,
                 asked_w=watts, since_s=self.sums.since_s, off_j=self.sums.off_j,
                 lag_s=self.lag_s)
            for n in range(self.cards)
        ]  # fmt: skip

    def set_interval(self, interval_s):
        pass

    async def edges(self, ticks):
        s = self.clock.s
        last = s - s % TICK_S
        if self.is_deaf():
            return []
        if not self.counters:
            return [] if self.sums is None else self.summed()
        return [
            Edge(uuid=f"GPU-{n}", asked_s=BEGAN_S + s, asked_j=self.counted(n, last),
                 tick_s=BEGAN_S + last + TICK_S, tick_j=self.counted(n, last + TICK_S),
                 length_s=TICK_S if ticks == 2 else None,
                 asked_w=self.watts(s), tick_w=self.watts(last + TICK_S))
            for n in range(self.cards) if n not in self.mute
        ]  # fmt: skip


@asynccontextmanager
async def metering(work, **options):
    clock = Clock()
    box = Box(clock, work, **options)
    sampler = Sampler(box, clock)
    sampler._runs = True  # the test takes its samples by hand
    yield Meter(sampler, clock), sampler, box, clock


async def lived(work, *, tokens=100, **options):
    """The energies of requests that run as told, sampled each second."""
    async with metering(work, **options) as (meter, sampler, box, clock):
        events = sorted(
            [(start, 1, number) for number, (start, _) in enumerate(work)]
            + [(end, 0, number) for number, (_, end) in enumerate(work)]
            + [(float(second), 2, 0) for second in range(int(max(e for _, e in work)) + 3)]
        )
        spent, ends = {}, []
        for at_s, what, number in events:
            clock.s = at_s
            if what == 2:
                if not box.is_deaf():
                    sampler._take(box.snapshot())
            elif what == 1:
                meter.begin(str(number))
            else:
                ends.append((number, asyncio.create_task(meter.end(str(number), tokens))))
            for _ in range(3):
                await asyncio.sleep(0)  # the edges of a moment are asked for at that moment
        for number, task in ends:
            spent[number] = await task
        return [spent[number] for number in range(len(work))], box, meter, clock


@pytest.mark.parametrize(("start", "end"), [(40.0, 42.0), (40.033, 42.087), (40.5, 40.95)])
async def test_a_request_alone_on_the_box_is_measured_exactly(start, end):
    (spent,), _, _, _ = await lived([(start, end)], cards=2)
    assert spent.how is EnergySource.MEASURED
    assert spent.joules == pytest.approx(2 * (end - start) * WORK_W, rel=0.005)
    # Four edges, each off by what the cards draw in the ten milliseconds between two looks.
    assert spent.error_j <= 4 * WORK_W * 0.011


@pytest.mark.parametrize(
    ("util_pct", "how"), [(0, EnergySource.MEASURED), (60, EnergySource.ESTIMATED)]
)
async def test_the_first_sample_tells_whether_a_request_before_it_was_alone(util_pct, how):
    async with metering([(0.2, 2.2)]) as (meter, sampler, box, clock):
        clock.s = 0.2
        meter.begin("early")
        await asyncio.sleep(0)
        for s in (0.35, 1.35):
            clock.s = s
            seen = box.snapshot()
            cards = tuple(card._replace(util_pct=util_pct) for card in seen.cards)
            sampler._take(seen._replace(cards=cards))
        clock.s = 2.2
        spent = await meter.end("early", 100)
    assert spent.how is how
    assert spent.joules == pytest.approx(2 * WORK_W, rel=0.005)


async def test_requests_that_overlap_are_allocated_and_add_up():
    work = [(40.02, 44.04), (41.06, 43.0), (50.0, 51.0)]
    (long, short, alone), *_ = await lived(work)
    assert long.how is short.how is EnergySource.ALLOCATED
    assert alone.how is EnergySource.MEASURED
    assert short.joules == pytest.approx(WORK_W * 1.94 / 2, rel=0.01)
    assert long.joules + short.joules == pytest.approx(WORK_W * 4.02, rel=0.005)


spans = st.tuples(st.integers(3000, 9000), st.integers(50, 4000)).map(
    lambda pair: (pair[0] / 100, (pair[0] + pair[1]) / 100)
)


@settings(max_examples=60, deadline=None)
@given(st.lists(spans, min_size=1, max_size=6, unique_by=(lambda s: s[0], lambda s: s[1])))
def test_requests_and_idle_are_the_meter_whatever_overlaps(work):
    spent, box, _, _ = asyncio.run(lived(work))
    assert all(each is not None for each in spent)
    begin, end = 0.0, 200.0
    idle = REST_W * (end - begin - sum(b - a for a, b in box.union()))
    total = sum(each.joules for each in spent) + idle
    allowed = sum(each.error_j for each in spent) + 1
    assert abs(total - (box.joules(end) - box.joules(begin))) <= allowed
    for (start, stop), each in zip(work, spent, strict=True):
        overlapped = any(o != (start, stop) and o[0] < stop and start < o[1] for o in work)
        assert (each.how is EnergySource.ALLOCATED) == overlapped


outages = st.tuples(st.integers(2500, 13000), st.integers(0, 400)).map(
    lambda pair: (pair[0] / 100, sum(pair) / 100)
)


@settings(max_examples=120, deadline=None)
@given(
    st.lists(spans, min_size=1, max_size=6, unique_by=(lambda s: s[0], lambda s: s[1])),
    st.integers(1, 3),
    st.one_of(st.none(), st.integers(2500, 13000).map(lambda at: at / 100)),
    outages,
)
def test_requests_and_idle_are_the_meter_of_all_cards_over_reloads_and_outages(
    work, cards, reload_s, deaf
):
    spent, box, _, _ = asyncio.run(lived(work, cards=cards, reload_s=reload_s, deaf=deaf))
    for (start, stop), each in zip(work, spent, strict=True):
        struck = reload_s is not None and start <= reload_s <= stop
        edges = [edge for span in work for edge in span if start <= edge <= stop]
        unheard = any(deaf[0] <= edge < deaf[1] for edge in edges)
        if each is None:
            assert struck or unheard, "it is not known only where it cannot be"
            continue
        assert each.joules >= 0
        if struck or unheard:
            assert each.how is not EnergySource.MEASURED
    if all(each is not None for each in spent):
        drawn = cards * WORK_W * sum(end - start for start, end in box.union())
        allowed = sum(each.error_j for each in spent) + 1
        assert abs(sum(each.joules for each in spent) - drawn) <= allowed


async def test_without_a_counter_the_energy_is_estimated_and_says_how_far_off():
    (spent,), _, meter, _ = await lived([(40.0, 60.0)], counters=False)
    assert spent.how is EnergySource.ESTIMATED
    assert abs(spent.joules - 20 * WORK_W) <= spent.error_j
    assert spent.error_j < 0.1 * spent.joules
    (short,), _, meter, _ = await lived([(40.0, 41.0)], counters=False)
    assert abs(short.joules - WORK_W) <= short.error_j  # a mean of one second is far off
    assert meter.per_token(60) is None


@pytest.mark.parametrize("seconds", [0.5, 1.0, 2.0, 5.0, 10.0])
@pytest.mark.parametrize("lag_s", [0.0, 0.5])
async def test_without_a_counter_power_is_added_up_while_a_request_runs(seconds, lag_s):
    work = [(40.03, 40.03 + seconds)]
    (spent,), box, meter, _ = await lived(work, counters=False, lag_s=lag_s)
    assert spent.how is EnergySource.ESTIMATED
    assert abs(spent.joules - seconds * WORK_W) <= spent.error_j
    # What readings a second apart leave open is far more.
    (coarse,), *_ = await lived(work, counters=False)
    assert spent.error_j < coarse.error_j
    # It changed between two looks, and of a mean of a second half has yet to come.
    assert spent.error_j <= (LOOK_S / 2 + lag_s) * WORK_W * 1.01
    assert (meter.per_token(3600) is None) == (spent.error_j > 0.1 * spent.joules)
    assert box.sums is None, "nothing is added up while no request runs"


async def test_a_sum_that_began_anew_is_no_sum():
    async with metering([(40.0, 45.0)], counters=False, lag_s=0.0) as (meter, sampler, box, clock):
        for second in range(40):
            clock.s = float(second)
            sampler._take(box.snapshot())
        clock.s = 40.0
        meter.begin("one")
        await asyncio.sleep(0)
        for second in range(41, 45):
            clock.s = float(second)
            sampler._take(box.snapshot())
        box.integrate(True)  # another reader
        clock.s = 45.0
        spent = await meter.end("one")
    assert spent.how is EnergySource.ESTIMATED
    assert abs(spent.joules - 5 * WORK_W) <= spent.error_j


@settings(max_examples=30, deadline=None)
@given(st.lists(spans, min_size=1, max_size=4, unique_by=(lambda s: s[0], lambda s: s[1])))
def test_requests_and_idle_are_the_sum_of_the_power_too(work):
    spent, box, _, _ = asyncio.run(lived(work, counters=False, lag_s=0.0))
    drawn = sum(WORK_W * (end - start) for start, end in box.union())
    allowed = sum(each.error_j for each in spent) + 1
    assert abs(sum(each.joules for each in spent) - drawn) <= allowed


@pytest.mark.parametrize("util", [0.0, None, 40.0])
async def test_before_the_power_at_rest_is_known_a_card_at_work_is_somebody_elses(util):
    async with metering([(1.0, 3.0)]) as (meter, sampler, box, clock):
        clock.s = 0.5
        seen = box.snapshot()
        sampler._take(seen._replace(cards=(seen.cards[0]._replace(util_pct=util),)))
        clock.s = 1.0
        meter.begin("one")
        await asyncio.sleep(0)
        clock.s = 3.0
        spent = await meter.end("one")
    assert spent.how is (EnergySource.ESTIMATED if util else EnergySource.MEASURED)
    assert spent.joules == pytest.approx(2 * WORK_W, rel=0.01)


async def test_a_card_that_does_not_answer_makes_it_an_estimate():
    (spent,), _, _, _ = await lived([(40.0, 50.0)], cards=2, mute={1})
    assert spent.how is EnergySource.ESTIMATED
    assert abs(spent.joules - 20 * WORK_W) <= spent.error_j


async def test_a_box_that_serves_somebody_else_measures_nothing():
    # Ours begins while something foreign has been at work for ten seconds.
    clock_work = [(40.0, 60.0)]
    async with metering(clock_work) as (meter, sampler, box, clock):
        for second in range(50):
            clock.s = float(second)
            sampler._take(box.snapshot())
        meter.begin("ours")
        await asyncio.sleep(0)
        clock.s = 52.0
        spent = await meter.end("ours")
    assert spent.how is EnergySource.ESTIMATED


async def test_joules_per_token_gross_net_and_of_a_window():
    _, _, meter, clock = await lived([(40.0, 44.0), (50.0, 52.0)], tokens=90)
    both = meter.per_token(3600)
    assert both.requests == 2 and both.tokens == 180
    assert both.gross_j == pytest.approx(6 * WORK_W / 180, rel=0.01)
    assert both.net_j == pytest.approx(6 * (WORK_W - REST_W) / 180, rel=0.02)
    assert both.floor_w == pytest.approx(REST_W)
    assert meter.per_token(clock.s - 49).requests == 1


async def test_a_request_that_is_dropped_or_unknown_costs_nothing():
    async with metering([]) as (meter, *_):
        meter.begin("a")
        meter.drop("a")
        assert await meter.end("a") is None
        assert await meter.end("never begun") is None
        assert not meter._changes


async def test_the_tier_is_charted_beside_the_cards():
    async with metering([]) as (meter, sampler, box, clock):
        for second in range(4):
            clock.s = float(second)
            if second == 1:
                meter.begin("a")
            if second >= 1:
                meter.wrote(30.5)
            sampler._take(box.snapshot())
        meter.drop("a")
        await asyncio.sleep(0)
        flows = [sampler.flow(flow, BEGAN_S, BEGAN_S + 4).buckets for flow in Flow]
    requests, rate, tokens = ([b.high for b in buckets] for buckets in flows)
    assert requests == [1, 1] and rate == [1, 1] and tokens == [30.5, 30.5]


async def test_a_reader_that_was_still_starting_makes_it_an_estimate():
    """What a verb that asks once meets: its first edge comes when the cards are open."""
    async with metering([(0.0, 5.0)]) as (meter, sampler, box, clock):
        asked = box.edges

        async def late(ticks):
            if clock.s < 0.4:
                clock.s = 0.4
            return await asked(ticks)

        box.edges = late
        meter.begin("a")
        await asyncio.sleep(0)
        for second in (1.0, 2.0, 3.0, 4.0):
            clock.s = second
            sampler._take(box.snapshot())
        clock.s = 5.0
        spent = await meter.end("a")
    assert spent.how is EnergySource.ESTIMATED
    assert abs(spent.joules - 5 * WORK_W) <= spent.error_j < 0.2 * spent.joules


async def test_the_rate_of_requests_is_of_the_last_minute():
    async with metering([]) as (meter, sampler, box, clock):
        seen = []
        for second in range(130):
            clock.s = float(second)
            if second in (10, 20, 65):
                meter.begin(str(second))
                meter.drop(str(second))
            sampler._take(box.snapshot())
            seen.append(sampler.flow(Flow.RATE, BEGAN_S, BEGAN_S + second + 1).buckets)
        rates = [buckets[-1].last for buckets in seen if buckets]
    assert [rates[second - 1] for second in (5, 15, 25, 66, 75, 85, 129)] == [0, 1, 2, 3, 2, 1, 0]
