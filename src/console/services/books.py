"""The ledger as the rest of the product uses it: one thread owns the store, asyncio awaits it."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

from console.core.entry import Entry, Totals
from console.core.tier import Tier
from console.services.ports import Clock, LedgerStore

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What the ledger pane shows: the newest rows and the totals by window, then by tier."""

    entries: tuple[Entry, ...] = ()
    today: dict[Tier, Totals]
    month: dict[Tier, Totals]
    all_time: dict[Tier, Totals]
    stamp: int
    notice: str | None = None
    """What the operator should know about the file since it was opened."""


class Books:
    """Reads and writes of one ledger, in order, off the event loop.

    The store is opened by `open_store` in the ledger's own thread at first use. Every method
    raises OSError with a sentence for the operator when the file cannot be used.
    """

    def __init__(self, open_store: Callable[[], LedgerStore], clock: Clock) -> None:
        self._open_store = open_store
        self._clock = clock
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="ledger")
        self._store: LedgerStore | None = None
        self._listeners: list[Callable[[], None]] = []

    def subscribe(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call `listener` on the event loop after each write of this process; returns its undo."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    async def opened(self, entry: Entry) -> None:
        """Write a row before its request's first byte leaves."""
        await self._in_thread(lambda store: store.open_entry(entry))
        self._tell()

    async def closed(self, entry: Entry) -> None:
        """Write how a row ended; a cancelled caller does not stop the write."""
        await asyncio.shield(self._in_thread(lambda store: store.close_entry(entry)))
        self._tell()

    async def page(self, limit: int) -> Page:
        """The newest `limit` rows and the running totals."""
        today = self._clock.midnight_ms()
        month = self._clock.month_start_ms()

        def read(store: LedgerStore) -> Page:
            return Page(
                entries=tuple(store.recent(limit)),
                today=store.totals(today),
                month=store.totals(month),
                all_time=store.totals(),
                stamp=store.change_stamp(),
                notice=store.notice,
            )

        return await self._in_thread(read)

    async def older(self, limit: int, last: Entry) -> list[Entry]:
        """The rows that follow `last`, newest first."""
        return await self._in_thread(lambda store: store.recent(limit, (last.started_ms, last.id)))

    async def newer(self, limit: int, first: Entry | None = None) -> list[Entry]:
        """The rows that precede `first` on the page, newest first; without it the oldest rows."""
        after = None if first is None else (first.started_ms, first.id)
        return await self._in_thread(lambda store: store.newer(limit, after))

    async def change_stamp(self) -> int:
        """A number that differs after any write, by this process or another."""
        return await self._in_thread(lambda store: store.change_stamp())

    async def aclose(self) -> None:
        """Finish what was handed in and close the file."""
        if self._store is not None:
            await asyncio.wrap_future(self._thread.submit(self._store.close))
        self._thread.shutdown(wait=True)

    async def _in_thread(self, act: Callable[[LedgerStore], T]) -> T:
        def run() -> T:
            if self._store is None:
                self._store = self._open_store()
            return act(self._store)

        return await asyncio.wrap_future(self._thread.submit(run))

    def _tell(self) -> None:
        for listener in tuple(self._listeners):
            listener()
