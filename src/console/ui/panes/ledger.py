"""The ledger pane: running totals, and every request a row, newest first."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

from textual.app import ComposeResult
from textual.events import Blur, Focus, Key, Resize

from console.core.entry import Entry
from console.core.query import Grouping, Sort, parse
from console.services.books import Books, Page
from console.services.ports import Clock
from console.ui.draw.found import (
    Group,
    Search,
    group_lines,
    groups_of,
    room_for_groups,
    search_line,
)
from console.ui.draw.gpu import trouble_lines
from console.ui.draw.ledger import Rowset, as_text, row_lines, total_lines
from console.ui.draw.line import Line
from console.ui.keys import Context, bindings
from console.ui.messages import BooksRead, Explain, ExplainSum
from console.ui.widgets.pane import Pane
from console.ui.widgets.rows import Rows

PAGE = 100
"""Rows read at once."""

KEEP = 400
"""Rows held; those farthest from the cursor are let go and read again when they are wanted."""

LOOK_AGAIN_S = 2.0
"""How often the file is asked whether another process wrote."""

TICK_S = 1.0
"""How often requests under way are shown anew."""

_SORTS = tuple(Sort)
_GROUPS = (None, Grouping.MODEL, Grouping.TIER, Grouping.DAY, Grouping.TAG, Grouping.SYSTEM)


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
        "below says how many. Fully loaded adds the hardware's share by the rule of [hardware]; "
        "saved-hw is saved less that. What a subscription paid stands apart. The month's line "
        "shows where the API's dollars are heading, your budgets, and the marks at $1,000 "
        "(evaluate self-hosting) and $3,000 (act). / filters: tier:api model:sonnet >0.01 "
        "since:7d tag:x !haiku ended:error is:unpriced. In a row ~ marks an estimated count, … a "
        "request in flight, ■ a stopped one, × a failed one, ? one that a crash interrupted. "
        "Unknown is -. A model with † is retired: the API serves it no more."
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
        self._search = Search()
        self._groups: list[Group] = []
        self._under_way: dict[str, Entry] = {}

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
        if self._search.by is not None:
            return super().copied
        return as_text(self._rows[self._cursor], self._clock.zone()) if self._rows else ""

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """While a filter is typed, characters belong to it."""
        return self._search.typing is not None and character is not None and character.isprintable()

    def on_key(self, event: Key) -> None:
        """While a filter is typed, keys edit it."""
        typing = self._search.typing
        if typing is None:
            return
        if event.key == "enter":
            self._commit(typing)
        elif event.key == "backspace":
            self._type(typing[:-1])
        elif event.key == "ctrl+u":
            self._type("")
        elif event.character is not None and event.character.isprintable():
            self._type((typing + event.character)[:_LONGEST])
        else:
            return
        event.stop()
        event.prevent_default()

    def action_filter(self) -> None:
        """Type a filter."""
        self._type(self._search.query.text)

    def action_sort(self) -> None:
        """The next order of rows."""
        now = self._search.query.sort
        query = replace(self._search.query, sort=_SORTS[(_SORTS.index(now) + 1) % len(_SORTS)])
        self._look_for(replace(self._search, query=query, by=None))

    def action_group(self) -> None:
        """Sum the rows by the next thing, then show rows again."""
        by = _GROUPS[(_GROUPS.index(self._search.by) + 1) % len(_GROUPS)]
        self._look_for(replace(self._search, by=by))

    def step_back(self) -> bool:
        """Leave the filter being typed, else the filter and the grouping, else go to the newest."""
        if self._search.typing is not None:
            self._search = replace(self._search, typing=None, complaint=None)
            self._draw()
            return True
        if not self._search.plain:
            self._look_for(Search())
            return True
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
        if not self._search.plain:
            self._look_for(self._search)
        elif not self._at_newest:
            self._at_newest = True
            self._stale.set()
        self._draw()

    def action_oldest(self) -> None:
        """Go to the oldest row."""
        self.run_worker(self._to_oldest(), group="move", exit_on_error=False)

    def action_explain(self) -> None:
        """Open the chosen row, or the chosen sum."""
        if self._search.by is not None:
            if self._groups:
                chosen = self._groups[self._cursor]
                self.post_message(ExplainSum(chosen.key, chosen.tier, chosen.totals))
        elif self._rows:
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
                async with asyncio.timeout(TICK_S if self._under_way else LOOK_AGAIN_S):
                    await self._stale.wait()
                    stamp = None
            except TimeoutError:
                self._tick()

    def _tick(self) -> None:
        """Show what is known by now of the requests under way."""
        running = self._books.running()
        if running or self._under_way:
            self._under_way = running
            self._draw()

    async def _read(self) -> int:
        async with self._reading:
            page = await self._books.page(max(PAGE, len(self._rows) if self._at_newest else 1))
            self._trouble, self._page = None, page
            self._under_way = self._books.running()
            if self._at_newest and self._search.plain:
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
                if not self._search.plain:
                    await self._more_found(by)
                elif self._cursor + by >= len(self._rows) and self._rows:
                    self._append(await self._books.older(PAGE, self._rows[-1]))
                elif self._cursor + by < 0 and not self._at_newest:
                    self._prepend(await self._books.newer(PAGE, self._rows[0]))
            except OSError as error:
                self._trouble = str(error)
        self._cursor = max(0, min(self._count - 1, self._cursor + by))
        self._draw()

    async def _more_found(self, by: int) -> None:
        """The next page of what was found, when the cursor comes to the end of this one."""
        if self._search.by is None and self._cursor + by >= len(self._rows) and self._rows:
            self._rows += await self._books.find(self._search.query, PAGE, self._rows[-1])

    async def _to_oldest(self) -> None:
        if not self._search.plain:
            await self._move(self._count)
            return
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

    def _type(self, text: str) -> None:
        """Show a filter as it is typed, and what is wrong with it so far."""
        self._search = replace(self._search, typing=text, complaint=_complaint(text))
        self._draw()

    def _commit(self, text: str) -> None:
        """Look for what was typed; text that is no filter stays to be mended."""
        if _complaint(text) is None:
            query = parse(text, sort=self._search.query.sort)
            self._look_for(replace(self._search, query=query, typing=None, complaint=None))

    def _look_for(self, search: Search) -> None:
        """Read what a search finds; one that is under way is given up."""
        self._cursor = self._top = 0
        self._groups = []
        self._search = replace(search, busy=not search.plain)
        if search.plain:
            self._search, self._rows, self._at_newest = Search(), [], True
            self._stale.set()
        self._draw()
        self.run_worker(self._find(search), group="find", exclusive=True, exit_on_error=False)

    async def _find(self, search: Search) -> None:
        if search.plain:
            return
        complaint = None
        try:
            if search.by is not None:
                found = await self._books.groups(search.query, search.by)
                self._groups = groups_of(found, search.by)
            else:
                self._rows = await self._books.find(search.query, PAGE)
        except OSError as error:
            complaint = str(error)
        self._search = replace(self._search, busy=False, complaint=complaint)
        self._draw()

    @property
    def _count(self) -> int:
        """Lines that the cursor can be on."""
        return len(self._rows if self._search.by is None else self._groups)

    @property
    def _room(self) -> int:
        width, height = self.query_one(Rows).size
        if self._page is None:
            return 1
        left = height - len(self._head(self._page, width, height))
        by = self._search.by
        if by is None:
            return max(1, left - 1)
        return room_for_groups(self._groups, by, width, left)

    def _head(self, page: Page, width: int, height: int) -> list[Line]:
        """What stands above the rows: the totals, and the search when there is one."""
        running = list(self._under_way.values())
        if self._search.plain and self._search.typing is None:
            return total_lines(page, width, height, running)
        totals = total_lines(page, width, min(height, 13), running) if height >= 12 else []
        return [*totals, search_line(self._search, width)]

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
        self._top = max(0, min(self._top, self._count - room))
        self._top = max(self._cursor - room + 1, min(self._top, self._cursor))
        lines = self._head(self._page, width, height)
        lines += self._body(self._page, width, height - len(lines))
        rows.show(lines[:height])

    def _body(self, page: Page, width: int, height: int) -> list[Line]:
        search, cursor = self._search, self._cursor if self.has_focus else None
        if search.by is not None:
            return group_lines(self._groups, search.by, self._top, cursor, width, height)
        entries = [self._under_way.get(entry.id, entry) for entry in self._rows]
        shown = Rowset(entries, self._top, cursor)
        zone = self._clock.zone()
        if search.plain:
            return row_lines(page, shown, zone, width, height)
        nothing = "looking …" if search.busy else "no request matches"
        return row_lines(page, shown, zone, width, height, nothing)


_LONGEST = 200
"""Characters a filter may have."""


def _complaint(text: str) -> str | None:
    """What is wrong with a filter; None when nothing is."""
    try:
        parse(text)
    except ValueError as error:
        return str(error)
    return None
