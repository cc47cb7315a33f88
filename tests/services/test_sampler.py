"""The sampler over sources that tests speak for."""

import asyncio
from contextlib import asynccontextmanager

import pytest

from console.core.entry import EnergySource
from console.core.gpu import Card, Gauge, Snapshot
from console.services.sampler import Sampler

GUARD_S = 20
BEGAN_MS = 1_770_000_000_000


class StillClock:
    """A clock that does not move."""

    def now_ms(self):
        return BEGAN_MS


class SpokenSource:
    """Yields what a test says; an exception is raised, None ends the stream."""

    def __init__(self):
        self.said = asyncio.Queue()
        self.intervals = []
        self.opened = 0
        self.closed = 0
        self._changed = asyncio.Condition()

    async def until(self, *, opened=0, closed=0):
        """Wait until it was opened and closed so often."""
        async with asyncio.timeout(GUARD_S), self._changed:
            await self._changed.wait_for(lambda: self.opened >= opened and self.closed >= closed)

    async def _count(self, *, opened=0, closed=0):
        self.opened += opened
        self.closed += closed
        async with self._changed:
            self._changed.notify_all()

    async def snapshots(self, interval_s):
        self.intervals.append(interval_s)
        await self._count(opened=1)
        try:
            while (word := await self.said.get()) is not None:
                if isinstance(word, Exception):
                    raise word
                yield word
        finally:
            await self._count(closed=1)

    def set_interval(self, interval_s):
        self.intervals.append(interval_s)

    async def edges(self, ticks):
        return []


def at(second, *cards):
    """A snapshot some seconds after the beginning; a card is (power, energy) or a Card."""
    made = tuple(
        card
        if isinstance(card, Card)
        else Card(index=i, uuid=f"GPU-{i}", name="x", power_w=card[0], energy_j=card[1])
        for i, card in enumerate(cards)
    )
    return Snapshot(at_ms=BEGAN_MS + int(second * 1000), cards=made)


class Heard:
    """A subscriber that can be waited for."""

    def __init__(self):
        self.all = []
        self._more = asyncio.Event()

    def __call__(self, snapshot, moved):
        self.all.append((snapshot, moved))
        self._more.set()

    async def count(self, number):
        async with asyncio.timeout(GUARD_S):
            while len(self.all) < number:
                self._more.clear()
                await self._more.wait()
        return self.all


@asynccontextmanager
async def following(**options):
    """A running sampler, its source, and a subscriber."""
    source, heard = SpokenSource(), Heard()
    sampler = Sampler(source, StillClock(), retry_s=0, **options)
    sampler.subscribe(heard)
    task = asyncio.create_task(sampler.run())
    try:
        yield sampler, source, heard
    finally:
        assert not task.done()
        task.cancel()
        await asyncio.wait([task])
        assert task.cancelled() and source.opened == source.closed


async def test_subscribers_hear_each_snapshot_and_when_a_chart_moves():
    async with following(bucket_s=5) as (sampler, source, heard):
        assert sampler.latest is None
        spoken = [at(second, (100, None)) for second in (0, 1, 4, 5, 6, 11)]
        for snapshot in spoken:
            source.said.put_nowait(snapshot)
        assert await heard.count(6) == list(
            zip(spoken, [True, False, False, True, False, True], strict=True)
        )
        assert sampler.latest is spoken[-1]


async def test_histories_are_kept_by_card_and_gauge():
    card = Card(
        index=0,
        uuid="GPU-a",
        name="x",
        util_pct=97,
        power_w=300,
        memory_used_b=20,
        temperature_c=None,
    )
    lost = Card(index=1, uuid="GPU-b", name="y", fault="lost")
    async with following() as (sampler, source, heard):
        source.said.put_nowait(at(0, card, lost))
        await heard.count(1)
        assert [b.last for b in sampler.history("GPU-a", Gauge.UTIL)] == [97]
        assert [b.last for b in sampler.history("GPU-a", Gauge.POWER)] == [300]
        assert [b.start for b in sampler.history("GPU-a", Gauge.MEMORY)] == [BEGAN_MS / 1000]
        assert not len(sampler.history("GPU-a", Gauge.TEMPERATURE))
        assert not any(len(sampler.history("GPU-b", gauge)) for gauge in Gauge)
        assert not len(sampler.history("unheard of", Gauge.UTIL))


async def test_unsubscribing_twice_is_once():
    async with following() as (sampler, source, heard):
        deaf = Heard()
        unsubscribe = sampler.subscribe(deaf)
        unsubscribe()
        unsubscribe()
        source.said.put_nowait(at(0))
        await heard.count(1)
        assert not deaf.all


async def test_a_failing_source_is_trouble_and_tried_again():
    async with following() as (_, source, heard):
        source.said.put_nowait(RuntimeError("it \x1b[31mbroke\nbadly"))
        source.said.put_nowait(None)
        source.said.put_nowait(at(3, (50, None)))
        (first, _), (second, _), (third, _) = await heard.count(3)
        assert first.trouble == "The GPUs cannot be read (it ␛[31mbroke badly); looking again."
        assert first.at_ms == BEGAN_MS
        assert second.trouble == "The GPUs cannot be read (the readings ended); looking again."
        assert third.cards and source.opened == 3


async def test_a_failing_subscriber_harms_nobody():
    async with following() as (sampler, source, _):
        reported = []
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _, context: reported.append(context))

        def broken(snapshot, moved):
            raise ZeroDivisionError

        sampler.subscribe(broken)
        after = Heard()
        sampler.subscribe(after)
        source.said.put_nowait(at(0))
        source.said.put_nowait(at(1))
        await after.count(2)
        assert [type(context["exception"]) for context in reported] == [ZeroDivisionError] * 2


async def test_a_pause_closes_the_source_and_a_resume_opens_it():
    async with following() as (sampler, source, heard):
        await source.until(opened=1)
        sampler.pause()
        assert sampler.paused
        await source.until(closed=1)
        source.said.put_nowait(at(0))
        await asyncio.sleep(0.01)
        assert source.opened == 1 and sampler.latest is None
        sampler.resume()
        assert not sampler.paused
        await heard.count(1)
        sampler.pause()
        sampler.resume()
        source.said.put_nowait(at(1))
        await heard.count(2)


async def test_pausing_before_it_runs():
    source = SpokenSource()
    sampler = Sampler(source, StillClock())
    sampler.pause()
    task = asyncio.create_task(sampler.run())
    await asyncio.sleep(0.01)
    assert not source.opened
    task.cancel()
    await asyncio.wait([task])


async def test_the_interval_reaches_the_source_now_and_when_it_opens_again():
    async with following(interval_s=2) as (sampler, source, _):
        await source.until(opened=1)
        sampler.set_interval(0.5)
        assert sampler.interval_s == 0.5
        sampler.pause()
        await source.until(closed=1)
        sampler.resume()
        await source.until(opened=2)
        assert source.intervals == [2, 0.5, 0.5]


async def energy(spoken, t0, t1, **options):
    async with following(**options) as (sampler, source, heard):
        for snapshot in spoken:
            source.said.put_nowait(snapshot)
        await heard.count(len(spoken))
        return sampler.energy_between(BEGAN_MS + int(t0 * 1000), BEGAN_MS + int(t1 * 1000))


async def test_energy_comes_from_the_counters_when_all_cards_have_one():
    spoken = [at(s, (100, 1000 + 110 * s), (50, 7 * s)) for s in range(11)]
    joules, how = await energy(spoken, 2, 7.5)
    assert joules == pytest.approx(5.5 * 117)
    assert how is EnergySource.ESTIMATED


async def test_energy_comes_from_power_when_one_card_has_no_counter():
    spoken = [at(s, (100, 110 * s), (50, None)) for s in range(11)]
    joules, how = await energy(spoken, 2, 7)
    assert joules == pytest.approx(5 * 150)
    assert how is EnergySource.ESTIMATED


async def test_energy_up_to_now_holds_the_last_reading_for_an_interval_only():
    counted = [at(s, (100, 110 * s)) for s in range(6)]
    assert (await energy(counted, 3, 5.8))[0] == pytest.approx(220 + 80)
    powered = [at(s, (100, None)) for s in range(6)]
    assert (await energy(powered, 3, 5.8))[0] == pytest.approx(280)
    assert await energy(powered, 3, 6.6) is None
    assert await energy(powered, 5.2, 5.8) == (pytest.approx(60), EnergySource.ESTIMATED)


async def test_energy_of_a_short_window_between_two_readings():
    powered = [at(s, (100, None)) for s in range(6)]
    assert (await energy(powered, 3.2, 3.7))[0] == pytest.approx(50)


async def test_energy_is_unknown_where_too_little_was_told():
    assert await energy([], 0, 1) is None
    steady = [at(s, (100, None), (None, None)) for s in range(6)]
    assert await energy(steady, 1, 4) is None  # one card tells neither
    late = [at(s, (100, 100 * s)) for s in range(6)]
    assert await energy(late, -2, 3) is None
    gone = [at(s, (100, None), *([(50, None)] if s < 4 else [])) for s in range(8)]
    assert await energy(gone, 1, 7) is None  # lost half-way
    assert (await energy(gone, 5, 7))[0] == pytest.approx(200)  # silent all the time: left out


async def test_energy_over_a_driver_reload_falls_back_to_power():
    spoken = [at(s, (100, 100 * s if s < 5 else s)) for s in range(11)]
    assert (await energy(spoken, 2, 8))[0] == pytest.approx(600)


async def test_energy_after_the_clock_was_set_back():
    spoken = [at(s, (100, None)) for s in (10, 11, 12, 3, 4, 5, 6)]
    assert (await energy(spoken, 3, 6))[0] == pytest.approx(300)
