"""A recorded trace played as if its cards were here."""

import asyncio
from bisect import bisect_right
from collections.abc import AsyncGenerator, Collection
from contextlib import suppress
from pathlib import Path

from console.core.edge import Edge
from console.core.gpu import Card, Snapshot
from console.sources.gpu import Clock
from console.sources.gpu.trace import Trace, read_trace

ENERGY = "energy"
SYNTHETIC = " (synthetic)"
"""What is added to the origin of what a program made up."""


class ReplaySource:
    """Plays a trace over and over, `speed` times as fast as it was recorded.

    The place in the trace follows the clock, so a pause does not stop it. Counters rise with the
    clock and through every loop, at any speed: energy stays the integral of the power shown.
    """

    def __init__(self, path: Path, clock: Clock, speed: float = 1.0) -> None:
        """Reads the file; raises ValueError with a sentence for the operator."""
        if not 0 < speed < float("inf"):
            raise ValueError("A GPU trace is played at a speed above 0.")
        trace = read_trace(path)
        self.origin = f"{trace.origin}{SYNTHETIC}" if trace.synthetic else trace.origin
        self._synthetic = trace.synthetic
        self._clock = clock
        self._speed = speed
        self._frames = trace.frames
        first_ms = trace.frames[0].at_ms
        self._offsets = [(frame.at_ms - first_ms) / 1000 for frame in trace.frames]
        self._offsets.append(self._offsets[-1] + trace.interval_s)
        self._counters = _gains(trace)
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

    def profile(self, uuids: Collection[str]) -> None:
        """What was recorded is what there is."""

    def integrate(self, on: bool) -> None:
        """The same."""

    async def edges(self, ticks: int) -> list[Edge]:
        """Each card's energy counter now; a replayed one is exact at every moment."""
        if self._began_ms is None:
            return []
        snapshot = self._now()
        at_s = snapshot.at_ms / 1000
        return [
            Edge(
                uuid=card.uuid,
                asked_s=at_s,
                asked_j=card.energy_j,
                tick_s=at_s,
                tick_j=card.energy_j,
                length_s=0.0,
                asked_w=card.power_w,
                tick_w=card.power_w,
            )
            for card in snapshot.cards
            if card.energy_j is not None
        ]

    def _now(self) -> Snapshot:
        now_ms = self._clock.now_ms()
        if self._began_ms is None:
            self._began_ms = now_ms
        played_s = (now_ms - self._began_ms) / 1000 * self._speed
        loops, at_s = divmod(played_s, self._offsets[-1])
        place = min(bisect_right(self._offsets, at_s), len(self._frames)) - 1
        start, end = self._offsets[place : place + 2]
        part = (at_s - start) / (end - start)
        frame = self._frames[place]

        def counted(card: Card, counter: str) -> float:
            gains = self._counters[card.uuid, counter]
            gained = gains[place] + (gains[place + 1] - gains[place]) * part
            return (loops * gains[-1] + gained) / self._speed

        def moved(card: Card) -> Card:
            late_ms = now_ms - frame.at_ms
            return card._replace(
                energy_j=None if card.energy_j is None else counted(card, ENERGY),
                held_s={reason: counted(card, reason) for reason in card.held_s},
                read_ms={group: at_ms + late_ms for group, at_ms in card.read_ms.items()},
                xid_ms=None if card.xid_ms is None else card.xid_ms + late_ms,
            )

        return frame._replace(
            at_ms=now_ms,
            cards=tuple(map(moved, frame.cards)),
            origin=self.origin,
            simulated=True,
            synthetic=self._synthetic,
        )


def _readings(card: Card) -> dict[str, float]:
    """A card's cumulative counters by name: its energy, and the seconds of each reason."""
    energy = {} if card.energy_j is None else {ENERGY: card.energy_j}
    return {**card.held_s, **energy}


def _gains(trace: Trace) -> dict[tuple[str, str], list[float]]:
    """What each card's counters gained from the trace's start to each frame and to its end.

    A recorded counter that falls, because the driver was loaded anew, gains nothing there. Over
    the last interval energy goes on at the power then drawn, and times go on as in the one before.
    """
    found = {
        (card.uuid, counter)
        for frame in trace.frames
        for card in frame.cards
        for counter in _readings(card)
    }
    gains: dict[tuple[str, str], list[float]] = {}
    for uuid, counter in found:
        gained: list[float] = []
        total, last, per_s = 0.0, None, 0.0
        for frame in trace.frames:
            for card in frame.cards:
                count = _readings(card).get(counter) if card.uuid == uuid else None
                if count is not None:
                    gain = max(0.0, count - last) if last is not None else 0.0
                    total, last = total + gain, count
                    watts = card.power_w or 0.0
                    per_s = watts if counter == ENERGY else gain / trace.interval_s
            gained.append(total)
        gains[uuid, counter] = [*gained, total + per_s * trace.interval_s]
    return gains
