"""The ledger pane: running totals, and every request a row, newest first."""

import asyncio
from collections.abc import Callable

from textual.app import ComposeResult
from textual.events import Blur, Focus, Resize

from console.core.entry import Entry
from console.services.books import Books, Page
from console.services.ports import Clock
from console.ui.draw.gpu import trouble_lines
from console.ui.draw.ledger import Rowset, as_text, ledger_lines, room_for_rows
from console.ui.keys import Context, bindings
from console.ui.messages import BooksRead, Explain
from console.ui.widgets.pane import Pane
from console.ui.widgets.rows import Rows

PAGE = 100
"""Rows read at once."""

KEEP = 400
"""Rows held; those farthest from the cursor are let go and read again when they are wanted."""

LOOK_AGAIN_S = 2.0
"""How often the file is asked whether another process wrote."""


class LedgerPane(Pane):
    """Requests, tokens and dollars, API against local."""

    can_focus = True
    BINDINGS = bindings(Context.LEDGER)
    number = 2
    name_ = "Ledger"
    help_ = (
        "Totals by tier over today and this month in your time zone, and over all time; then one "
        "row per request. API dollars are tokens × the price in force when the request began. "
        "Local dollars are electricity only: the cards' joules × your tariff, an estimate (~). "
        "Saved is what the api tier's model would have charged for the local tokens, less that "
        "electricity. A sum with + leaves rows out that nobody could price or count; the line "
        "below says how many. In a row ~ marks an estimated count, … a request in flight, "
        "■ a stopped one, × a failed one, ? one that a crash interrupted. Unknown is -."
    )

    def __init__(self, books: Books, clock: Clock, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._books = books
        self._clock = clock
        self._page: Page | None = None
        self._trouble: str | None = None
        self._rows: list[Entry] = []
        self._at_newest = True
        self._top = 0
        self._cursor = 0
        self._stale = asyncio.Event()
        self._reading = asyncio.Lock()
        self._unsubscribe: Callable[[], None] | None = None

    def compose(self) -> ComposeResult:
        """One block of lines."""
        yield Rows(id="ledger-rows")

    def on_mount(self) -> None:
        """Follow this process's writes, and look for those of others."""
        self._unsubscribe = self._books.subscribe(self._stale.set)
        self.call_after_refresh(self._follow)

    def on_unmount(self) -> None:
        """Stop following."""
        if self._unsubscribe is not None:
            self._unsubscribe()

    def on_resize(self, event: Resize) -> None:
        """Draw for the new size."""
        self._draw()

    def on_focus(self, event: Focus) -> None:
        """Show the cursor."""
        self._draw()

    def on_blur(self, event: Blur) -> None:
        """Hide the cursor."""
        self._draw()

    @property
    def copied(self) -> str:
        """The chosen row, its cells apart by tabs."""
        return as_text(self._rows[self._cursor], self._clock.zone()) if self._rows else ""

    def step_back(self) -> bool:
        """Return to the newest row."""
        if self._cursor == 0 and self._at_newest:
            return False
        self.action_newest()
        return True

    def action_move(self, by: int) -> None:
        """Move the cursor by rows."""
        self.run_worker(self._move(by), group="move", exit_on_error=False)

    def action_page(self, direction: int) -> None:
        """Move the cursor by half of what is shown."""
        self.action_move(direction * max(1, self._room // 2))

    def action_newest(self) -> None:
        """Go to the newest row and follow it."""
        self._cursor = self._top = 0
        if not self._at_newest:
            self._at_newest = True
            self._stale.set()
        self._draw()

    def action_oldest(self) -> None:
        """Go to the oldest row."""
        self.run_worker(self._to_oldest(), group="move", exit_on_error=False)

    def action_explain(self) -> None:
        """Open the chosen row."""
        if self._rows:
            self.post_message(Explain(self._rows[self._cursor]))

    def _follow(self) -> None:
        self.run_worker(self._keep_reading(), group="follow", exit_on_error=False)

    async def _keep_reading(self) -> None:
        """Read at the start, after each write, and when the file's stamp has changed."""
        stamp: int | None = None
        while True:
            self._stale.clear()
            try:
                if stamp is None or stamp != await self._books.change_stamp():
                    stamp = await self._read()
            except OSError as error:
                self._trouble, stamp = str(error), None
                self._draw()
            try:
                async with asyncio.timeout(LOOK_AGAIN_S):
                    await self._stale.wait()
                    stamp = None
            except TimeoutError:
                continue

    async def _read(self) -> int:
        async with self._reading:
            page = await self._books.page(max(PAGE, len(self._rows) if self._at_newest else 1))
            self._trouble, self._page = None, page
            if self._at_newest:
                chosen = self._rows[self._cursor].id if self._rows and self._cursor else None
                before, self._rows = self._cursor, list(page.entries)
                self._cursor = next(
                    (place for place, entry in enumerate(self._rows) if entry.id == chosen), 0
                )
                self._top = max(0, self._top + self._cursor - before)
        self.post_message(BooksRead(page))
        self._draw()
        return page.stamp

    async def _move(self, by: int) -> None:
        async with self._reading:
            try:
                if self._cursor + by >= len(self._rows) and self._rows:
                    self._append(await self._books.older(PAGE, self._rows[-1]))
                elif self._cursor + by < 0 and not self._at_newest:
                    self._prepend(await self._books.newer(PAGE, self._rows[0]))
            except OSError as error:
                self._trouble = str(error)
        self._cursor = max(0, min(len(self._rows) - 1, self._cursor + by))
        self._draw()

    async def _to_oldest(self) -> None:
        async with self._reading:
            try:
                rows = await self._books.newer(PAGE)
            except OSError as error:
                self._trouble, rows = str(error), []
            if rows and rows[0].id not in {entry.id for entry in self._rows}:
                self._at_newest = False
                self._rows = rows
            elif rows:
                known = {entry.id for entry in self._rows}
                self._rows += [entry for entry in rows if entry.id not in known]
        self._cursor = max(0, len(self._rows) - 1)
        self._draw()

    def _append(self, older: list[Entry]) -> None:
        self._rows += older
        gone = max(0, len(self._rows) - KEEP)
        if gone:
            del self._rows[:gone]
            self._at_newest = False
            self._cursor -= gone
            self._top -= gone

    def _prepend(self, newer: list[Entry]) -> None:
        self._rows[:0] = newer
        del self._rows[KEEP:]
        self._cursor += len(newer)
        self._top += len(newer)
        if len(newer) < PAGE:
            self._at_newest = True
            self._stale.set()

    @property
    def _room(self) -> int:
        width, height = self.query_one(Rows).size
        return room_for_rows(self._page, width, height) if self._page else 1

    def _draw(self) -> None:
        rows = self.query_one(Rows)
        width, height = rows.size
        if not width or not height:
            return
        if self._trouble is not None:
            rows.show(trouble_lines(self._trouble, width)[:height])
            return
        if self._page is None:
            rows.show([[], [(" opening …", "dim")]])
            return
        room = self._room
        self._top = max(0, min(self._top, len(self._rows) - room))
        self._top = max(self._cursor - room + 1, min(self._top, self._cursor))
        shown = Rowset(self._rows, self._top, self._cursor if self.has_focus else None)
        rows.show(ledger_lines(self._page, shown, self._clock.zone(), width, height)[:height])
