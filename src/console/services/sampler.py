"""The GPUs over time: the latest snapshot, and histories of each card's gauges."""

import asyncio
from collections.abc import Callable
from contextlib import aclosing, suppress

from console.core.edge import Edge
from console.core.gpu import Card, Flow, Gauge, Snapshot
from console.core.held import HeldShares
from console.core.text import one_line
from console.services.history import History, Stretch
from console.services.ports import Clock, GpuSource
from console.services.serving import Serving

REST_LOOK_S = 60.0
"""How often a released driver is opened for one look, which keeps history and energy going."""

Callback = Callable[[Snapshot, bool], None]
"""Called on the event loop with each snapshot; true when a bucket opened and a chart must move."""


class Sampler:
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
        self.latest: Snapshot | None = None
        self.interval_s = interval_s
        self.resting = False
        self.moved_s = 0.0
        """The width of the widest bucket that the latest snapshot opened; 0 when it opened none.
        A chart of wider buckets need not move."""
        self.histories = history or History()
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
        self._callbacks: list[Callback] = []
        self._held: dict[str, HeldShares] = {}
        self._ghostly_since: dict[str, float] = {}

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

    def look_at(self, uuid: str | None) -> None:
        """Read the profiling metrics of the one card that is looked at in full; None of none."""
        self._source.profile(() if uuid is None else (uuid,))

    def integrate(self, on: bool) -> None:
        """Add up the power of cards without an energy counter, read often, or stop."""
        self._source.integrate(on)

    def subscribe(self, callback: Callback) -> Callable[[], None]:
        """Have each snapshot told; returns what ends that."""
        self._callbacks.append(callback)

        def unsubscribe() -> None:
            with suppress(ValueError):
                self._callbacks.remove(callback)

        return unsubscribe

    def window(self, uuid: str, gauge: Gauge, start_s: float, end_s: float) -> Stretch:
        """A card's history of one gauge between two UTC times, in buckets that suit its length."""
        return self.histories.window(_key(uuid, gauge), start_s, end_s)

    def flow(self, flow: Flow, start_s: float, end_s: float) -> Stretch:
        """The local tier's history on the same axis."""
        return self.histories.window(flow_key(flow), start_s, end_s)

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
        moved = 0.0
        cards = []
        for card in snapshot.cards:
            if card.fault is None:
                moved = max(moved, self._keep(card, snapshot.at_ms / 1000))
                card = self._followed(card, snapshot.at_ms / 1000)
            cards.append(card)
        snapshot = snapshot._replace(cards=tuple(cards))
        if self._serving is not None:
            snapshot = self._serving.named(snapshot)
        self.latest, self.moved_s = snapshot, moved
        for callback in list(self._callbacks):
            try:
                callback(snapshot, moved > 0)
            except Exception as error:
                context = {"message": "a subscriber to the GPU samples failed", "exception": error}
                asyncio.get_running_loop().call_exception_handler(context)
        if moved and (self._saving is None or self._saving.done()):
            self._saving = asyncio.create_task(self.histories.save())

    def _keep(self, card: Card, at_s: float) -> float:
        """Add a card's values to its histories; the width of the widest bucket that opened."""
        # A card that is late says again what it said: that is no value of now.
        if card.overdue_s("power_w", int(at_s * 1000), self.interval_s) is not None:
            return 0.0
        moved = 0.0
        for gauge in Gauge:
            value = card.reading(gauge)
            if value is not None:
                moved = max(moved, self.histories.add(_key(card.uuid, gauge), at_s, value))
        return moved

    def _followed(self, card: Card, at_s: float) -> Card:
        """The card with what follows from its readings before this one."""
        shares = self._held.setdefault(card.uuid, HeldShares())
        at_s = card.read_ms.get("fast", at_s * 1000) / 1000
        since_s = self._ghostly_since.setdefault(card.uuid, at_s) if card.ghostly else None
        if since_s is None:
            self._ghostly_since.pop(card.uuid, None)
        return card._replace(
            held_pct=shares.take(at_s, card.held_s),
            ghostly_s=None if since_s is None else max(0.0, at_s - since_s),
        )


def _key(uuid: str, gauge: Gauge) -> str:
    return f"{uuid}/{gauge}"


def flow_key(flow: Flow) -> str:
    """The key of the local tier's history of one flow."""
    return f"local/{flow}"
