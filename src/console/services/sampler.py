"""The GPUs over time: the latest snapshot, a history per card and gauge, and energy."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass

from console.core.energy import Point, counter_delta, integrate
from console.core.entry import EnergySource
from console.core.gpu import Card, Gauge, Snapshot
from console.core.series import Series
from console.core.text import one_line
from console.services.ports import Clock, GpuSource

BUCKET_S = 5.0
BUCKETS = 180
METER_POINTS = 3600

Callback = Callable[[Snapshot, bool], None]
"""Called on the event loop with each snapshot; true when a bucket opened and a chart must move."""


@dataclass(frozen=True, slots=True)
class _Reading:
    """What one card's meter said at a time in seconds."""

    at: float
    watts: float | None
    joules: float | None


class Sampler:
    """Follows a GPU source while `run` runs.

    A bucket of the histories is `bucket_s` long: charts move when one closes, not at every
    sample, because each move is sent over the operator's line.
    """

    def __init__(
        self,
        source: GpuSource,
        clock: Clock,
        *,
        interval_s: float = 1.0,
        bucket_s: float = BUCKET_S,
        buckets: int = BUCKETS,
        retry_s: float = 5.0,
    ) -> None:
        self.latest: Snapshot | None = None
        self.interval_s = interval_s
        self._source = source
        self._clock = clock
        self._bucket_s = bucket_s
        self._buckets = buckets
        self._retry_s = retry_s
        self._wanted = asyncio.Event()
        self._wanted.set()
        self._following: asyncio.Task[None] | None = None
        self._callbacks: list[Callback] = []
        self._histories: dict[tuple[str, Gauge], Series] = {}
        self._meters: dict[str, deque[_Reading]] = {}

    @property
    def paused(self) -> bool:
        """Whether the source is closed at the operator's wish."""
        return not self._wanted.is_set()

    def busiest_pct(self) -> float | None:
        """The utilisation of the busiest card in the latest sample; None when unknown."""
        cards = self.latest.cards if self.latest is not None else ()
        known = [card.util_pct for card in cards if card.util_pct is not None]
        return max(known, default=None)

    async def run(self) -> None:
        """Follow the source until cancelled; nothing else ends it."""
        try:
            while True:
                await self._wanted.wait()
                self._following = asyncio.create_task(self._follow())
                await asyncio.wait([self._following])
        finally:
            if self._following is not None:
                self._following.cancel()
                await asyncio.wait([self._following])

    def pause(self) -> None:
        """Close the source, which releases the driver."""
        self._wanted.clear()
        if self._following is not None:
            self._following.cancel()

    def resume(self) -> None:
        """Follow the source again."""
        self._wanted.set()

    def set_interval(self, interval_s: float) -> None:
        """Change how often the cards are read."""
        self.interval_s = interval_s
        self._source.set_interval(interval_s)

    def subscribe(self, callback: Callback) -> Callable[[], None]:
        """Have each snapshot told; returns what ends that."""
        self._callbacks.append(callback)

        def unsubscribe() -> None:
            with suppress(ValueError):
                self._callbacks.remove(callback)

        return unsubscribe

    def history(self, uuid: str, gauge: Gauge) -> Series:
        """A card's history of one gauge, times in UTC seconds; empty when there is none yet."""
        series = self._histories.get((uuid, gauge))
        if series is None:
            series = self._histories[uuid, gauge] = Series(self._bucket_s, self._buckets)
        return series

    def energy_between(self, t0_ms: int, t1_ms: int) -> tuple[float, EnergySource] | None:
        """Joules of all cards between two UTC times, and how they are known.

        From the counters when all cards have one, else from power; estimated in both cases, for
        the window's edges fall between readings. A card that told nothing in that time is left
        out; None when another told too little.
        """
        t0, t1 = t0_ms / 1000, t1_ms / 1000
        meters = [self._held(meter, t1) for meter in self._meters.values()]
        meters = [meter for meter in meters if meter[0].at <= t1 and t0 <= meter[-1].at]
        for kind, measure in (("joules", counter_delta), ("watts", integrate)):
            parts = [measure(_points(meter, kind), t0, t1) for meter in meters]
            known = [part for part in parts if part is not None]
            if known and len(known) == len(parts):
                return sum(known), EnergySource.ESTIMATED
        return None

    async def _follow(self) -> None:
        try:
            async with aclosing(self._source.snapshots(self.interval_s)) as snapshots:
                async for snapshot in snapshots:
                    self._take(snapshot)
            reason = "the readings ended"
        except Exception as error:
            reason = one_line(str(error)) or type(error).__name__
        trouble = f"The GPUs cannot be read ({reason}); looking again."
        self._take(Snapshot(at_ms=self._clock.now_ms(), trouble=trouble))
        await asyncio.sleep(self._retry_s)

    def _take(self, snapshot: Snapshot) -> None:
        self.latest = snapshot
        moved = False
        for card in snapshot.cards:
            if card.fault is None:
                moved |= self._keep(card, snapshot.at_ms / 1000)
        for callback in list(self._callbacks):
            try:
                callback(snapshot, moved)
            except Exception as error:
                context = {"message": "a subscriber to the GPU samples failed", "exception": error}
                asyncio.get_running_loop().call_exception_handler(context)

    def _keep(self, card: Card, at: float) -> bool:
        """Add a card's values to its histories; true when a bucket opened."""
        meter = self._meters.setdefault(card.uuid, deque(maxlen=METER_POINTS))
        while meter and meter[-1].at >= at:
            meter.pop()  # the clock was set back
        meter.append(_Reading(at, card.power_w, card.energy_j))
        moved = False
        for gauge in Gauge:
            value = card.reading(gauge)
            if value is not None:
                moved |= self.history(card.uuid, gauge).add(at, value)
        return moved

    def _held(self, meter: Sequence[_Reading], t1: float) -> list[_Reading]:
        """The readings, the last one held on to t1 when the next is not yet due.

        A request ends between two samples, and its energy is asked for at once.
        """
        last = meter[-1]
        after = t1 - last.at
        if not 0 < after <= 1.5 * self.interval_s or last.watts is None:
            return list(meter)
        joules = None if last.joules is None else last.joules + last.watts * after
        return [*meter, _Reading(t1, last.watts, joules)]


def _points(readings: Sequence[_Reading], kind: str) -> list[Point]:
    values = ((reading.at, getattr(reading, kind)) for reading in readings)
    return [(at, value) for at, value in values if value is not None]
