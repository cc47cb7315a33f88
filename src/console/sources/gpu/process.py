"""The box's own GPUs: NVML children are started, listened to, compared and replaced."""

import asyncio
from collections.abc import AsyncGenerator, Collection
from contextlib import suppress
from itertools import count

from console.core.edge import Edge
from console.core.gpu import Snapshot
from console.sources.gpu import Clock, bus
from console.sources.gpu.early import EarlyReader
from console.sources.gpu.known import KnownCards
from console.sources.gpu.patience import Patience
from console.sources.gpu.reader import AskedAgain, Gone, News, Reader, Said
from console.sources.gpu.start import DRIVER_GONE

SILENT = "The GPU driver does not answer; looking again."
GARBLED = "The GPU reader sent something that is no snapshot; looking again."

EDGE_WAIT_S, START_WAIT_S = 0.8, 2.0
_CRASHES = {"SIGSEGV", "SIGBUS", "SIGABRT", "SIGILL", "SIGFPE"}
"""How a library ends the process it is called in; other signals come from outside."""

BETTER_AFTER = 2
"""A second reader is believed once it spoke so often, for a card may crash it a moment later."""


class NvmlSource:
    """The box's own GPUs, read by a child process; one stream at a time.

    A card that hangs costs its neighbours nothing, for each has a thread in the child. While a
    card is faulty a second child looks again beside the first, and takes over when it finds more
    cards well: a lost card is found only by a process that opens the driver anew. A card that
    crashed the library is left out until such a second child survives it.

    While there is trouble a snapshot comes per look, not per interval. `early` is a child that
    runs already.
    """

    def __init__(
        self,
        clock: Clock,
        patience: Patience | None = None,
        *,
        sysfs: str = bus.SYSFS,
        early: EarlyReader | None = None,
    ) -> None:
        self._clock = clock
        self._early = early
        self._patience = patience or Patience()
        self._sysfs = sysfs
        self._interval_s = 1.0
        self._first: Reader | None = None
        self._second: Reader | None = None
        self._second_due_s: float | None = None
        self._again_s = self._patience.again_s
        self._recounting = False
        self._spoke = asyncio.Event()
        self._left_out: frozenset[int] = frozenset()
        self._one_by_one = False
        self._ending: set[asyncio.Task[None]] = set()
        self._inbox: asyncio.Queue[tuple[Reader, News]] = asyncio.Queue()
        self._known = KnownCards()
        self._profiled: Collection[str] = ()
        self._integrates = False
        self._why_gone: str | None = None
        self._edge_ids = count(1)

    async def snapshots(self, interval_s: float) -> AsyncGenerator[Snapshot, None]:
        """One snapshot per interval, for ever; closing the iterator ends the children."""
        self._interval_s = interval_s
        patience, loop = self._patience, asyncio.get_running_loop()
        wait_s = patience.wait_s
        try:
            while True:
                began_s = loop.time()
                gone: Gone | None = None
                trouble: str | None = None
                try:
                    if self._first is None:
                        self._first = await self._start(self._left_out, self._one_by_one)
                    allowed_s: float | None = patience.opening_s
                    while gone is None:
                        news = await self._next(allowed_s)
                        if isinstance(news, Gone):
                            gone = news
                        elif isinstance(news, Said):
                            allowed_s = None
                            self._spoke.set()
                            yield self._explained(self._known.named(news.snapshot))
                    trouble = _trouble(gone)
                except TimeoutError:
                    trouble = SILENT
                except OSError as error:
                    trouble = f"The GPU reader cannot be started ({error.strerror}); looking again."
                self._dismiss_first()
                if self._second is not None and self._second.lines:
                    self._promote_second()
                    continue
                self._dismiss_second()
                if self._suspect(gone):
                    self._look_again(loop.time())
                    continue
                self._spoke.set()
                if trouble:
                    yield Snapshot(at_ms=self._clock.now_ms(), trouble=trouble)
                if loop.time() - began_s > patience.wait_most_s:
                    wait_s = patience.wait_s
                await asyncio.sleep(wait_s)
                wait_s = min(2 * wait_s, patience.wait_most_s)
        finally:
            self._spoke.clear()
            self._dismiss_first()
            self._dismiss_second()
            if self._ending:
                await asyncio.wait(self._ending)

    def set_interval(self, interval_s: float) -> None:
        """Change the pace of the stream that is under way."""
        self._interval_s = interval_s
        for reader in (self._first, self._second):
            if reader is not None:
                reader.order(f"interval {interval_s}")

    def profile(self, uuids: Collection[str]) -> None:
        """Read the profiling metrics of these cards only; they are for while somebody looks."""
        self._profiled = uuids
        for reader in (self._first, self._second):
            if reader is not None:
                self._order_profile(reader)

    def _order_profile(self, reader: Reader) -> None:
        indices = self._known.indices(self._profiled)
        reader.order(" ".join(["profile", *map(str, indices)]))

    def integrate(self, on: bool) -> None:
        """Add up the power of cards without an energy counter, or stop."""
        self._integrates = on
        for reader in (self._first, self._second):
            if reader is not None:
                reader.order(f"integrate {'on' if on else 'off'}")

    async def edges(self, ticks: int) -> list[Edge]:
        """Each card's energy counter now and at its next tick; fewer where some do not tell."""
        # A request can be sent while the reader is still starting.
        with suppress(TimeoutError):
            async with asyncio.timeout(START_WAIT_S):
                await self._spoke.wait()
        reader = self._first
        if reader is None or reader.latest is None:
            return []
        now_ms = self._clock.now_ms()
        counting = [
            card
            for card in reader.latest.cards
            if (card.energy_j is not None or (self._integrates and card.power_w is not None))
            and card.overdue_s("energy_j", now_ms, self._interval_s) is None
        ]
        if not counting:
            return []
        return await reader.edges(str(next(self._edge_ids)), ticks, len(counting), EDGE_WAIT_S)

    async def _start(
        self, without: frozenset[int] = frozenset(), one_by_one: bool = False
    ) -> Reader:
        def tell(reader: Reader, news: News) -> None:
            self._inbox.put_nowait((reader, news))

        early, self._early = self._early, None
        if early is not None:
            reader = await Reader.adopt(early, tell)
            reader.order(f"interval {self._interval_s}")
        else:
            reader = await Reader.start(
                self._interval_s,
                tell,
                without=tuple(sorted(without)),
                one_by_one=one_by_one,
                sysfs=self._sysfs,
            )
        if self._profiled:
            self._order_profile(reader)
        if self._integrates:
            reader.order("integrate on")
        return reader

    def _suspect(self, gone: Gone | None) -> bool:
        """Whether a reader crashed on a card's account; the next one leaves that card out.

        Of several suspects none is left out at first: the next one reads in turn, to tell which.
        """
        if gone is None or gone.how not in _CRASHES or not gone.suspects:
            return False
        if len(gone.suspects) == 1 or self._one_by_one:
            self._left_out |= set(gone.suspects)
            self._one_by_one = False
        else:
            self._one_by_one = True
        return True

    async def _next(self, allowed_s: float | None) -> News:
        """The first reader's next news. Raises TimeoutError when it is silent."""
        loop = asyncio.get_running_loop()
        allowed_s = allowed_s or max(self._patience.silent_s, 3 * self._interval_s)
        silent_at = loop.time() + allowed_s
        while True:
            until_s = silent_at if self._second_due_s is None else self._second_due_s
            try:
                async with asyncio.timeout_at(min(silent_at, until_s)):
                    reader, news = await self._inbox.get()
            except TimeoutError:
                await self._tend_second(loop.time())
                if loop.time() >= silent_at:
                    # After this process itself was stopped for a while (ctrl+z, a suspended
                    # laptop) the line is there although the time ran out.
                    await asyncio.sleep(min(0.5, allowed_s / 2))
                    if self._inbox.empty():
                        raise
                continue
            if reader is self._first:
                self._weigh(news, loop.time())
                if not isinstance(news, AskedAgain):
                    return news
            elif reader is self._second:
                promoted = self._hear_second(news)
                if promoted is not None:
                    return promoted

    def _weigh(self, news: News, now_s: float) -> None:
        """See from the first reader's news whether a second one is wanted."""
        if isinstance(news, AskedAgain):
            self._recounting = True
            self._second_due_s = now_s
        elif isinstance(news, Said):
            # A card that sleeps is well, and its own reader sees it wake.
            if any(card.fault not in (None, bus.ASLEEP) for card in news.snapshot.cards):
                self._look_again(now_s)
            elif not self._recounting:
                self._dismiss_second()
                self._again_s = self._patience.again_s

    def _look_again(self, now_s: float) -> None:
        """Have a second reader started after a while, unless one is due or at work."""
        if self._second_due_s is None:
            self._second_due_s = now_s + self._again_s
            self._again_s = min(2 * self._again_s, self._patience.again_most_s)

    async def _tend_second(self, now_s: float) -> None:
        """Start the second reader when it is due, in place of one that found nothing better."""
        if self._second_due_s is None or now_s < self._second_due_s:
            return
        if self._second is not None:
            self._dismiss_second()
            self._look_again(now_s)
            return
        with suppress(OSError):
            self._second = await self._start()
        self._second_due_s = now_s + self._patience.again_s

    def _hear_second(self, news: News) -> Said | None:
        """The second reader's snapshot, if with it the second becomes the first."""
        second, first = self._second, self._first
        assert second is not None and first is not None
        if isinstance(news, Gone):
            self._dismiss(second)
            self._second = None
            return None
        if isinstance(news, Said):
            self._why_gone = news.snapshot.trouble
        if not isinstance(news, Said) or second.lines < BETTER_AFTER:
            return None
        known = first.latest
        if not self._recounting and known is not None and _well(news.snapshot) <= _well(known):
            if second.lines > BETTER_AFTER:
                self._dismiss_second()
            return None
        self._dismiss(first)
        self._promote_second()
        return news

    def _explained(self, snapshot: Snapshot) -> Snapshot:
        """A driver that is gone says no more to who had it open; who looks anew is told why."""
        gone = snapshot.cards and all(card.fault == DRIVER_GONE for card in snapshot.cards)
        if not gone:
            self._why_gone = None
        return snapshot._replace(trouble=self._why_gone) if self._why_gone else snapshot

    def _promote_second(self) -> None:
        self._first, self._second, self._second_due_s = self._second, None, None
        self._recounting = False
        self._left_out, self._one_by_one = frozenset(), False

    def _dismiss_first(self) -> None:
        reader, self._first = self._first, None
        if reader is not None:
            self._dismiss(reader)

    def _dismiss_second(self) -> None:
        reader, self._second, self._second_due_s = self._second, None, None
        self._recounting = False
        if reader is not None:
            self._dismiss(reader)

    def _dismiss(self, reader: Reader) -> None:
        """End a reader without waiting: one that hangs in the kernel takes its time to die."""
        ending = asyncio.create_task(reader.end())
        self._ending.add(ending)
        ending.add_done_callback(self._ending.discard)


def _well(snapshot: Snapshot) -> int:
    return sum(card.fault is None for card in snapshot.cards)


def _trouble(gone: Gone) -> str | None:
    if gone.garbled:
        return GARBLED
    return None if gone.how is None else f"The GPU reader crashed ({gone.how}); looking again."
