"""The sampler over sources that tests speak for."""

import asyncio
from contextlib import asynccontextmanager

import pytest

from console.core.gpu import Card, Gauge, Process, Snapshot
from console.core.series import Bucket, KeptBucket
from console.services.history import History
from console.services.sampler import Sampler
from tests.patience import PATIENCE_S

BEGAN_MS = 1_770_000_000_000


class StillClock:
    """A clock that does not move, but for its monotonic seconds when told."""

    s = 0.0

    def now_ms(self):
        return BEGAN_MS

    def monotonic(self):
        return self.s


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
        async with asyncio.timeout(PATIENCE_S), self._changed:
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

    def profile(self, uuids):
        pass

    def integrate(self, on):
        pass

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
        async with asyncio.timeout(PATIENCE_S):
            while len(self.all) < number:
                self._more.clear()
                await self._more.wait()
        return self.all


def series(sampler, uuid, gauge):
    """A card's finest buckets of one gauge."""
    return sampler.histories.series(f"{uuid}/{gauge}")


@asynccontextmanager
async def following(clock=None, **options):
    """A running sampler, its source, and a subscriber."""
    source, heard = SpokenSource(), Heard()
    sampler = Sampler(source, clock or StillClock(), retry_s=0, **options)
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
    async with following() as (sampler, source, heard):
        assert sampler.latest is None
        spoken = [at(second, (100, None)) for second in (0, 1, 2, 3, 5, 60)]
        for snapshot in spoken:
            source.said.put_nowait(snapshot)
        assert await heard.count(6) == list(
            zip(spoken, [True, False, True, False, True, True], strict=True)
        )
        assert sampler.latest is heard.all[-1][0] and sampler.moved_s == 60


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
        assert [b.last for b in series(sampler, "GPU-a", Gauge.UTIL)] == [97]
        assert [b.last for b in series(sampler, "GPU-a", Gauge.POWER)] == [300]
        assert [b.start for b in series(sampler, "GPU-a", Gauge.MEMORY)] == [BEGAN_MS / 1000]
        assert not len(series(sampler, "GPU-a", Gauge.TEMPERATURE))
        assert not any(len(series(sampler, "GPU-b", gauge)) for gauge in Gauge)
        assert not len(series(sampler, "unheard of", Gauge.UTIL))


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


async def test_a_minute_a_quarter_and_a_day_are_charted_in_buckets_that_suit_them():
    async with following() as (sampler, source, heard):
        for second in range(0, 7200, 5):
            source.said.put_nowait(at(second, (100 + second % 60, None)))
        await heard.count(1440)
        end = BEGAN_MS / 1000 + 7200
        for length, width in ((60, 2), (900, 10), (3600, 10), (86400, 60)):
            stretch = sampler.window("GPU-0", Gauge.POWER, end - length, end)
            assert stretch.width == width
            assert max(bucket.high for bucket in stretch.buckets) == 155
        # So far back there are no fine buckets left, but there are coarser ones.
        assert sampler.window("GPU-0", Gauge.POWER, end - 3660, end - 3600).width == 10


async def test_what_a_late_card_said_before_is_no_value_of_now():
    fresh, stale = (
        Card(index=0, uuid="GPU-0", name="x", power_w=100, read_ms={"fast": BEGAN_MS + ms})
        for ms in (0, 500)
    )
    async with following() as (sampler, source, heard):
        for second, card in ((0, fresh), (1, stale), (60, stale)):
            source.said.put_nowait(at(second, card))
        await heard.count(3)
        assert len(series(sampler, "GPU-0", Gauge.POWER)) == 1
        assert sampler.moved_s == 0


async def test_the_shares_of_what_held_the_clocks_back_stand_in_the_snapshot():
    def card(held):
        return Card(index=0, uuid="GPU-0", name="x", held_s={"power cap": held})

    async with following() as (sampler, source, heard):
        for second, held in ((0, 50), (10, 54)):
            source.said.put_nowait(at(second, card(held)))
        await heard.count(2)
        assert sampler.latest.cards[0].held_pct == {"power cap": 40}
        assert sampler.latest.cards[0].held_over_s == 10


async def test_idle_cards_are_released_after_a_while_and_looked_at_now_and_then():
    clock = StillClock()
    idle = Card(index=0, uuid="GPU-0", name="x", util_pct=0, processes=(), energy_j=1)
    async with following(clock=clock, rest_after_s=60, rest_look_s=0.01) as (
        sampler,
        source,
        heard,
    ):
        source.said.put_nowait(at(0, idle))
        await heard.count(1)
        assert not sampler.resting and source.closed == 0
        clock.s += 61
        source.said.put_nowait(at(1, idle))
        await source.until(closed=1)
        assert sampler.resting and await sampler.edges(1) == []
        source.said.put_nowait(at(2, idle))  # a look
        await source.until(closed=2)
        sampler.touch()
        source.said.put_nowait(at(3, idle))
        source.said.put_nowait(at(4, idle))
        await heard.count(5)
        assert not sampler.resting and source.opened == 3 and source.closed == 2


@pytest.mark.parametrize(
    "busy", [{"util_pct": 3}, {"util_pct": 0, "processes": (Process(pid=7),)}], ids=str
)
async def test_cards_at_work_are_not_released(busy):
    clock = StillClock()
    async with following(clock=clock, rest_after_s=60) as (sampler, source, heard):
        clock.s += 100
        source.said.put_nowait(at(0, Card(index=0, uuid="GPU-0", name="x", **busy)))
        source.said.put_nowait(at(1, Card(index=0, uuid="GPU-0", name="x", util_pct=0)))
        await heard.count(2)
        assert not sampler.resting and source.opened == 1


class MemoryStore:
    """Keeps buckets, and fails when told to."""

    def __init__(self, kept=(), error=None):
        self.kept, self.error, self.closed = list(kept), error, False

    def load(self):
        if self.error:
            raise self.error
        return list(self.kept)

    def append(self, kept):
        self.kept += kept

    def close(self):
        self.closed = True


async def test_history_goes_on_where_an_earlier_run_ended():
    began = BEGAN_MS / 1000
    store = MemoryStore([KeptBucket("GPU-0/power", 10.0, Bucket(began - 600, 50, 70, 60))])
    history = History(store)
    async with following(history=history) as (sampler, source, heard):
        for second in (0, 5, 12, 25):
            source.said.put_nowait(at(second, (second, None)))
        await heard.count(4)
        while len(store.kept) < 3:
            await asyncio.sleep(0.01)
            await history.save()
        day = sampler.window("GPU-0", Gauge.POWER, began - 86400, began + 60)
        assert (day.buckets[0].high, day.buckets[-1].high) == (70, 25)
    await history.aclose()
    assert [(k.bucket.start - began, k.bucket.high) for k in store.kept[1:]] == [
        (0, 5), (10, 12), (20, 25)]  # fmt: skip
    assert store.closed


async def test_a_store_that_fails_is_told_and_left_alone():
    history = History(MemoryStore(error=OSError("no room")))
    async with following(history=history) as (_, source, heard):
        source.said.put_nowait(at(0, (1, None)))
        await heard.count(1)
        await history.load()
    await history.aclose()
    assert history.trouble == "The GPU history is not kept: no room"


async def test_a_card_is_a_ghost_only_once_it_has_looked_like_one_for_a_while():
    def looking(second, util=100.0):
        return at(second, Card(index=0, uuid="GPU-0", name="x", util_pct=util, power_w=30.0,
                               power_limit_w=300.0, processes=()))  # fmt: skip

    sampler = Sampler(SpokenSource(), StillClock())
    seen = []
    for snapshot in (looking(0), looking(3), looking(5), looking(6, util=50.0), looking(7)):
        sampler._take(snapshot)
        (card,) = sampler.latest.cards
        seen.append((card.ghostly_s, card.ghost))
    assert seen == [(0, False), (3, False), (5, True), (None, False), (0, False)]
