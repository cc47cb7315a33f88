"""The GPUs are read: how often, when not at all, and who is told."""

import asyncio
from collections.abc import Collection
from contextlib import aclosing, suppress

from console.core.edge import Edge
from console.core.gpu import Snapshot
from console.core.text import one_line
from console.services.followed import Followed
from console.services.history import History
from console.services.ports import Clock, GpuSource
from console.services.serving import Serving

REST_LOOK_S = 60.0
"""How often a released driver is opened for one look, which keeps history and energy going."""


class Sampler(Followed):
    """Follows a GPU source while `run` runs.

    After `rest_after_s` without a wish of the operator's and without work on any card it rests:
    the source is closed, which releases the driver, and opened once a minute for one look.
    """

    def __init__(
        self,
        source: GpuSource,
        clock: Clock,
        *,
        interval_s: float = 1.0,
        history: History | None = None,
        serving: Serving | None = None,
        rest_after_s: float | None = None,
        rest_look_s: float = REST_LOOK_S,
        retry_s: float = 5.0,
    ) -> None:
        super().__init__(interval_s, history)
        self._source = source
        self._clock = clock
        self._serving = serving
        self._rest_after_s = rest_after_s
        self._rest_look_s = rest_look_s
        self._retry_s = retry_s
        self._touched_s = clock.monotonic()
        self._woken = asyncio.Event()
        self._wanted = asyncio.Event()
        self._wanted.set()
        self._runs = False
        self._following: asyncio.Task[None] | None = None
        self._saving: asyncio.Task[None] | None = None

    @property
    def paused(self) -> bool:
        """Whether the source is closed at the operator's wish."""
        return not self._wanted.is_set()

    async def run(self) -> None:
        """Follow the source until cancelled; nothing else ends it."""
        self._runs = True
        # The first reading does not wait for what earlier runs kept.
        loading = asyncio.create_task(self.histories.load())
        try:
            while True:
                await self._wanted.wait()
                self._following = asyncio.create_task(self._follow())
                await asyncio.wait([self._following])
        finally:
            self._runs = False
            if self._following is not None:
                self._following.cancel()
                await asyncio.wait([self._following])
            await asyncio.wait([loading, *([] if self._saving is None else [self._saving])])

    def pause(self) -> None:
        """Close the source, which releases the driver."""
        self._wanted.clear()
        if self._following is not None:
            self._following.cancel()

    def resume(self) -> None:
        """Follow the source again."""
        self.touch()
        self._wanted.set()

    def touch(self) -> None:
        """The operator acts, or a request is sent: do not rest."""
        self._touched_s = self._clock.monotonic()
        if self.resting:
            self._woken.set()

    def set_interval(self, interval_s: float) -> None:
        """Change how often the cards are read."""
        self.interval_s = interval_s
        self._source.set_interval(interval_s)

    def look_at(self, uuids: Collection[str]) -> None:
        """Read the profiling metrics of the cards that are looked at in full, and of no others."""
        self._source.profile(uuids)

    def integrate(self, on: bool) -> None:
        """Add up the power of cards without an energy counter, read often, or stop."""
        self._source.integrate(on)

    async def edges(self, ticks: int) -> list[Edge]:
        """Each card's energy counter now and at its next tick."""
        asked = self._runs and not self.paused and not self.resting
        return await self._source.edges(ticks) if asked else []

    async def _follow(self) -> None:
        reason = "the readings ended"
        try:
            while True:
                async with aclosing(self._source.snapshots(self.interval_s)) as snapshots:
                    async for snapshot in snapshots:
                        self.resting = self._may_rest(snapshot)
                        self._take(snapshot)
                        if self.resting:
                            break
                if not self.resting:
                    break
                self._woken.clear()
                with suppress(TimeoutError):
                    async with asyncio.timeout(self._rest_look_s):
                        await self._woken.wait()
        except Exception as error:
            reason = one_line(str(error)) or type(error).__name__
        trouble = f"The GPUs cannot be read ({reason}); looking again."
        self._take(Snapshot(at_ms=self._clock.now_ms(), trouble=trouble))
        await asyncio.sleep(self._retry_s)

    def _may_rest(self, snapshot: Snapshot) -> bool:
        """Whether for so long nobody acted, no card worked and no process was there to mind."""
        if self._rest_after_s is None or not snapshot.cards:
            return False
        now_s = self._clock.monotonic()
        if any(card.util_pct or card.processes for card in snapshot.cards):
            self._touched_s = now_s
        return now_s - self._touched_s >= self._rest_after_s

    def _take(self, snapshot: Snapshot) -> None:
        self.take(snapshot)
        if self.moved_s and (self._saving is None or self._saving.done()):
            self._saving = asyncio.create_task(self.histories.save())

    def _named(self, snapshot: Snapshot) -> Snapshot:
        return snapshot if self._serving is None else self._serving.named(snapshot)

    def _failed(self, error: Exception) -> None:
        context = {"message": "a subscriber to the GPU samples failed", "exception": error}
        asyncio.get_running_loop().call_exception_handler(context)
