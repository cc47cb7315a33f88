"""The ledger as the rest of the product uses it: threads own the file, asyncio awaits them."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from decimal import Decimal
from threading import Lock
from typing import Any, TypeVar

from console.core.entry import Entry
from console.core.group import groups_of
from console.core.query import Found, Grouping, Query
from console.core.verdict import Verdict
from console.services.page import Budgets, ByTier, Page, read_page
from console.services.ports import Clock, LedgerExports, LedgerReader, LedgerStore

T = TypeVar("T")

SoFar = Callable[[], Entry]
"""What is known of a request that is under way, its tokens and dollars provisional."""


EXPORTED = 20_000
"""Rows that an export holds at most; the command line writes any number."""


@dataclass(frozen=True, slots=True)
class Exported:
    """Files of an export, how many lines each has, and whether there are `more`."""

    paths: tuple[str, ...]
    count: int
    more: bool = False


class Books:
    """Writes of one ledger in order in one thread, reads in another, off the event loop.

    The store is opened by `open_store` in the writing thread at first use. Every method raises
    OSError with a sentence for the operator when the file cannot be used.
    """

    def __init__(
        self,
        open_store: Callable[[], LedgerStore],
        clock: Clock,
        *,
        budget_day_usd: Decimal | None = None,
        budget_month_usd: Decimal | None = None,
        exports: LedgerExports | None = None,
    ) -> None:
        self._exports = exports
        self._open_store = open_store
        self._clock = clock
        self._budgets = Budgets(budget_day_usd, budget_month_usd)
        self._writing = ThreadPoolExecutor(max_workers=1, thread_name_prefix="ledger")
        self._reading = ThreadPoolExecutor(max_workers=1, thread_name_prefix="ledger-read")
        self._store: LedgerStore | None = None
        self._reader: LedgerReader | None = None
        self._under_way: object | None = None
        self._turn = Lock()
        self._listeners: list[Callable[[], None]] = []
        self._watchers: list[Callable[[Entry], None]] = []
        self._running: dict[str, SoFar] = {}

    def watch(self, watcher: Callable[[Entry], None]) -> None:
        """Call `watcher` with each row of this process as it ends, also where writing fails."""
        self._watchers.append(watcher)

    def subscribe(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call `listener` on the event loop after each write of this process; returns its undo."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    async def opened(self, entry: Entry, so_far: SoFar | None = None) -> None:
        """Write a row before its request's first byte leaves; `so_far` tells how it goes."""
        await self._write(lambda store: store.open_entry(entry))
        if so_far is not None:
            self._running[entry.id] = so_far
        self._tell()

    async def closed(self, entry: Entry) -> None:
        """Write how a row ended; a cancelled caller does not stop the write."""
        self._running.pop(entry.id, None)
        for watcher in self._watchers:
            watcher(entry)
        await asyncio.shield(self._write(lambda store: store.close_entry(entry)))
        self._tell()

    def running(self) -> dict[str, Entry]:
        """What is known so far of the requests this process has under way, by id."""
        return {id: so_far() for id, so_far in self._running.items()}

    async def page(self, limit: int) -> Page:
        """The newest `limit` rows and the running totals."""
        return await self._read(lambda reader: self._page(reader, limit))

    async def older(self, limit: int, last: Entry) -> list[Entry]:
        """The rows that follow `last`, newest first."""
        return await self._read(lambda reader: reader.recent(limit, (last.started_ms, last.id)))

    async def newer(self, limit: int, first: Entry | None = None) -> list[Entry]:
        """The rows that precede `first` on the page, newest first; without it the oldest rows."""
        after = None if first is None else (first.started_ms, first.id)
        return await self._read(lambda reader: reader.newer(limit, after))

    async def find(self, query: Query, limit: int, after: Entry | None = None) -> list[Entry]:
        """Rows of a filter in its order, those that follow `after`; cancelling ends the search."""
        now_ms, zone = self._clock.now_ms(), self._clock.zone()
        return await self._read(lambda reader: reader.page(query, limit, after, now_ms, zone))

    async def find_steps(
        self, query: Query, limit: int, after: Entry | None = None
    ) -> AsyncIterator[Found[list[Entry]]]:
        """The same as far as known, again and again; the last is right. Others may read between."""
        now_ms, zone = self._clock.now_ms(), self._clock.zone()
        steps = await self._read(lambda r: r.page_steps(query, limit, after, now_ms, zone))
        async for found in self._each(steps):
            yield found

    async def group_steps(
        self, query: Query, by: Grouping | None
    ) -> AsyncIterator[Found[dict[str, ByTier]]]:
        """The sums of `groups` as far as known, again and again; the last is right."""
        now_ms, zone = self._clock.now_ms(), self._clock.zone()
        steps = await self._read(lambda r: r.group_steps(query, by, now_ms, zone))
        async for found in self._each(steps):
            yield found

    async def groups(self, query: Query, by: Grouping | None) -> dict[str, ByTier]:
        """Sums of a filter's rows by group and tier; without a grouping under the key ""."""
        now_ms, zone = self._clock.now_ms(), self._clock.zone()
        return await self._read(lambda reader: reader.groups(query, by, now_ms, zone))

    async def get(self, id: str) -> Entry | None:
        """The row whose id begins so, if it is the only one."""
        return await self._read(lambda reader: reader.get(id))

    async def kin(self, entry: Entry) -> list[Entry]:
        """The row and those that belong together with it by `parent`, oldest first."""
        return await self._read(lambda reader: reader.kin(entry))

    async def export(self, query: Query, by: Grouping | None) -> Exported:
        """Write what a search finds, in every form; of rows the first `EXPORTED`."""
        exports, now_ms = self._exports, self._clock.now_ms()
        if exports is None:
            raise OSError("There is no folder to export to.")
        # Read in short steps, so that the pane goes on meanwhile.
        if by is not None:
            sums: dict[str, ByTier] = {}
            async for found in self.group_steps(query, by):
                sums = found.value
            groups = groups_of(sums, by)
            paths = await asyncio.to_thread(exports.groups, groups, by, now_ms)
            return Exported(tuple(paths), len(groups))
        rows: list[Entry] = []
        async for page in self.find_steps(query, EXPORTED + 1):
            rows = page.value
        paths = await asyncio.to_thread(exports.rows, rows[:EXPORTED], now_ms)
        return Exported(tuple(paths), min(len(rows), EXPORTED), more=len(rows) > EXPORTED)

    async def repricings(self, id: str) -> list[dict[str, Any]]:
        """Each repricing of a row, oldest first."""
        return await self._read(lambda reader: reader.repricings(id))

    async def verdicts(self) -> list[Verdict]:
        """What was said of compared replies, oldest first."""
        return await self._read(lambda reader: reader.verdicts())

    async def schema(self) -> str:
        """The SQL of the file's tables, views, indexes and triggers."""
        return await self._read(lambda reader: reader.schema())

    async def change_stamp(self) -> int:
        """A number that differs after any write, by this process or another."""
        return await self._read(lambda reader: reader.change_stamp())

    async def with_reader(self, act: Callable[[LedgerReader], T]) -> T:
        """Read something in the reading thread."""
        return await self._read(act)

    def limit(self, day_usd: Decimal | None, month_usd: Decimal | None) -> None:
        """Hold what is spent against these budgets from the next page on."""
        self._budgets = Budgets(day_usd, month_usd)

    async def with_store(self, act: Callable[[LedgerStore], T]) -> T:
        """Do something with the store in the writing thread, in order with the writes."""
        done = await self._write(act)
        self._tell()
        return done

    async def aclose(self) -> None:
        """Finish what was handed in and close the file."""
        if self._reader is not None:
            await asyncio.wrap_future(self._reading.submit(self._reader.close))
        self._reading.shutdown(wait=True)
        if self._store is not None:
            await asyncio.wrap_future(self._writing.submit(self._store.close))
        self._writing.shutdown(wait=True)

    def _page(self, reader: LedgerReader, limit: int) -> Page:
        notice = None if self._store is None else self._store.notice
        return read_page(reader, self._clock, limit, budgets=self._budgets, notice=notice)

    async def _write(self, act: Callable[[LedgerStore], T]) -> T:
        return await asyncio.wrap_future(self._writing.submit(lambda: act(self._opened())))

    async def _each(self, steps: Iterator[T]) -> AsyncIterator[T]:
        """Each value of an iterator over reads, made in the reading thread."""
        while (found := await self._read(lambda reader: next(steps, None))) is not None:
            yield found

    async def _read(self, act: Callable[[LedgerReader], T]) -> T:
        """Read in the reading thread; a caller that is cancelled ends its own long search."""
        if self._store is None:
            await self._write(lambda store: None)
        mine = object()

        def run() -> T:
            if self._reader is None:
                self._reader = self._opened().reader()
            with self._turn:
                self._under_way = mine
            try:
                return act(self._reader)
            finally:
                with self._turn:
                    self._under_way = None

        try:
            return await asyncio.wrap_future(self._reading.submit(run))
        except asyncio.CancelledError:
            self._give_up(mine)
            raise

    def _give_up(self, read: object) -> None:
        """Interrupt a read, and again if it had not yet begun its statement."""
        with self._turn:
            if self._under_way is not read or self._reader is None:
                return
            self._reader.interrupt()
        asyncio.get_running_loop().call_later(0.05, self._give_up, read)

    def _opened(self) -> LedgerStore:
        if self._store is None:
            self._store = self._open_store()
        return self._store

    def _tell(self) -> None:
        for listener in tuple(self._listeners):
            listener()
