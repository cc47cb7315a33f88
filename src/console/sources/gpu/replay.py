"""A recorded trace played as if its cards were here."""

import asyncio
from bisect import bisect_right
from collections.abc import AsyncGenerator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from console.core.gpu import Card, Snapshot
from console.sources.gpu import Clock
from console.sources.gpu.trace import Trace, read_trace


class ReplaySource:
    """Plays a trace over and over, `speed` times as fast as it was recorded.

    The place in the trace follows the clock, so a pause does not stop it. Energy counters rise
    with the clock and through every loop, at any speed: they stay the integral of the power shown.
    """

    def __init__(self, path: Path, clock: Clock, speed: float = 1.0) -> None:
        """Reads the file; raises ValueError with a sentence for the operator."""
        if not 0 < speed < float("inf"):
            raise ValueError("A GPU trace is played at a speed above 0.")
        trace = read_trace(path)
        self.origin = f"{trace.origin} (synthetic)" if trace.synthetic else trace.origin
        self._clock = clock
        self._speed = speed
        self._frames = trace.frames
        first_ms = trace.frames[0].at_ms
        self._offsets = [(frame.at_ms - first_ms) / 1000 for frame in trace.frames]
        self._offsets.append(self._offsets[-1] + trace.interval_s)
        uuids = {card.uuid for frame in trace.frames for card in frame.cards}
        self._meters = {uuid: _meter(trace, uuid) for uuid in uuids}
        self._began_ms: int | None = None
        self._interval_s = trace.interval_s
        self._interval_changed = asyncio.Event()

    async def snapshots(self, interval_s: float) -> AsyncGenerator[Snapshot, None]:
        """One snapshot per interval, for ever."""
        self._interval_s = interval_s
        while True:
            yield self._now()
            with suppress(TimeoutError):
                async with asyncio.timeout(self._interval_s):
                    await self._interval_changed.wait()
            self._interval_changed.clear()

    def set_interval(self, interval_s: float) -> None:
        """Change the pace of the stream that is under way."""
        self._interval_s = interval_s
        self._interval_changed.set()

    def _now(self) -> Snapshot:
        now_ms = self._clock.now_ms()
        if self._began_ms is None:
            self._began_ms = now_ms
        played_s = (now_ms - self._began_ms) / 1000 * self._speed
        loops, at_s = divmod(played_s, self._offsets[-1])
        place = min(bisect_right(self._offsets, at_s), len(self._frames)) - 1
        start, end = self._offsets[place : place + 2]
        part = (at_s - start) / (end - start)

        def metered(card: Card) -> Card:
            if card.energy_j is None:
                return card
            meter = self._meters[card.uuid]
            gained = meter[place] + (meter[place + 1] - meter[place]) * part
            return replace(card, energy_j=(loops * meter[-1] + gained) / self._speed)

        frame = self._frames[place]
        return replace(
            frame,
            at_ms=now_ms,
            cards=tuple(map(metered, frame.cards)),
            origin=self.origin,
            simulated=True,
        )


def _meter(trace: Trace, uuid: str) -> list[float]:
    """Joules a card gained from the trace's start to each frame and to the trace's end.

    A recorded counter that falls, because the driver was loaded anew, gains nothing there.
    """
    gained: list[float] = []
    total, last, watts = 0.0, None, 0.0
    for frame in trace.frames:
        for card in frame.cards:
            if card.uuid == uuid and card.energy_j is not None:
                total += max(0.0, card.energy_j - last) if last is not None else 0.0
                last, watts = card.energy_j, card.power_w or 0.0
        gained.append(total)
    return [*gained, total + watts * trace.interval_s]
