"""Looking through the ledger: a search, the rows or sums it found, and a cursor among them.

Of a long ledger only a window of rows is held; those farthest from the cursor are let go and read
again when they are wanted.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import NamedTuple

from console.core.entry import Entry, Totals
from console.core.group import Group, groups_of, sums_of
from console.core.query import ALL, Grouping, Query, Sort, parse
from console.core.tier import Tier
from console.services.books import Books
from console.services.page import Page

PAGE = 100
"""Rows read at once."""

KEEP = 400
"""Rows held."""

AHEAD = 1_000
"""Rows read at once of a search that has to go through the ledger for them."""

LONGEST = 200
"""Characters a filter may have."""


class Search(NamedTuple):
    """What the operator looks for; `typing` is a filter that is being typed.

    While it is `busy`, rows or groups are known only as far as `edge_ms`, and `found` as far as
    `found_edge_ms` while that is not None (see `query.Found`).
    """

    query: Query = ALL
    by: Grouping | None = None
    typing: str | None = None
    complaint: str | None = None
    busy: bool = False
    edge_ms: int | None = None
    found: Mapping[Tier, Totals] | None = None
    """Sums of all that was found."""
    found_edge_ms: int | None = None

    @property
    def plain(self) -> bool:
        """Whether it is the running ledger itself."""
        return not self.query.terms and self.query.sort is Sort.NEWEST and self.by is None

    def typed(self, text: str | None) -> "Search":
        """The same with a filter that is being typed, and what is wrong with it so far."""
        if text is None:
            return self._replace(typing=None, complaint=None)
        return self._replace(typing=text[:LONGEST], complaint=_complaint(text[:LONGEST]))

    def edited(self, key: str, character: str | None) -> "Search | None":
        """The same after a key in the filter that is being typed; None when it edits nothing."""
        if self.typing is None:
            return None
        if key == "backspace":
            return self.typed(self.typing[:-1])
        if key == "ctrl+u":
            return self.typed("")
        if character is not None and character.isprintable():
            return self.typed(self.typing + character)
        return None

    def committed(self) -> "Search | None":
        """A search for what was typed; None when that is no filter, to be mended."""
        if self.typing is None or _complaint(self.typing) is not None:
            return None
        query = parse(self.typing, sort=self.query.sort)
        return self._replace(query=query, typing=None, complaint=None)


def _complaint(text: str) -> str | None:
    """What is wrong with a filter; None when nothing is."""
    try:
        parse(text)
    except ValueError as error:
        return str(error)
    return None


class Browse:
    """A window on the ledger; `top` is the first line shown, `cursor` the chosen one.

    What reads raises OSError with a sentence.
    """

    def __init__(self, books: Books) -> None:
        self.search = Search()
        self.rows: list[Entry] = []
        self.groups: list[Group] = []
        self.at_newest = True
        self.top = 0
        self.cursor = 0
        self._books = books
        self._reading = asyncio.Lock()
        self._steps = 1
        self._all_found = False

    @property
    def count(self) -> int:
        """Lines that the cursor can be on."""
        return len(self.rows if self.search.by is None else self.groups)

    @property
    def chosen(self) -> Entry | Group | None:
        """What the cursor is on."""
        lines = self.rows if self.search.by is None else self.groups
        return lines[self.cursor] if lines else None

    async def refresh(self) -> Page:
        """The running totals, and the newest rows where those are shown."""
        async with self._reading:
            page = await self._books.page(max(PAGE, len(self.rows) if self.at_newest else 1))
            if self.at_newest and self.search.plain:
                self._show(list(page.entries))
            return page

    async def move(self, by: int) -> None:
        """Move the cursor by lines, reading on at either end of what is held of the ledger."""
        try:
            if self.search.plain:
                async with self._reading:
                    if self.cursor + by >= len(self.rows) and self.rows:
                        self._append(await self._books.older(PAGE, self.rows[-1]))
                    elif self.cursor + by < 0 and not self.at_newest:
                        self._prepend(await self._books.newer(PAGE, self.rows[0]))
        finally:
            self.cursor = max(0, min(self.count - 1, self.cursor + by))

    def runs_out(self, by: int) -> bool:
        """Whether moving by lines leaves the rows of a search that are known, with more to find."""
        search = self.search
        if search.plain or search.by is not None or search.busy or self._all_found:
            return False
        return bool(self.rows) and self.cursor + by >= len(self.rows)

    def to_newest(self) -> None:
        """Go to the first line; without a search the newest row, which is then followed."""
        self.cursor = self.top = 0
        self.at_newest = True

    async def to_oldest(self) -> None:
        """Go to the oldest row of the ledger."""
        async with self._reading:
            rows = await self._books.newer(PAGE)
            known = {entry.id for entry in self.rows}
            if rows and rows[0].id not in known:
                self.at_newest = False
                self.rows = rows
            else:
                self.rows += [entry for entry in rows if entry.id not in known]
        self.cursor = max(0, len(self.rows) - 1)

    def look_for(self, search: Search) -> None:
        """Begin a search, which `find` then reads."""
        self.cursor = self.top = 0
        self.groups = []
        self._all_found = False
        self.search = search._replace(
            busy=not search.plain, edge_ms=None, found=None, found_edge_ms=None
        )
        if search.plain:
            self.search, self.rows, self.at_newest = Search(), [], True

    async def find(self) -> AsyncIterator[None]:
        """Read what the search finds; each step knows more of it."""
        query, by = self.search.query, self.search.by
        try:
            if by is not None:
                async for groups in self._books.group_steps(query, by):
                    self.groups = groups_of(groups.value, by)
                    self._know(groups.edge_ms)
                    yield
                return
            self._steps = 0
            async for rows in self._books.find_steps(query, PAGE):
                self._steps += 1
                self._show(rows.value)
                self._know(rows.edge_ms)
                yield
            self._all_found = len(self.rows) < PAGE
            if self._all_found:
                self.search = self.search._replace(found=sums_of(self.rows))
                yield
                return
            async for sums in self._books.group_steps(query, None):
                self.search = self.search._replace(
                    found=sums.value.get(""), found_edge_ms=sums.edge_ms
                )
                yield
        except OSError as error:
            self.search = self.search._replace(
                busy=False, found=None, found_edge_ms=None, complaint=str(error)
            )
            yield

    def more(self, by: int) -> AsyncIterator[None]:
        """Read the rows that follow those a search has found, and move on by lines."""
        self.search = self.search._replace(busy=True, edge_ms=None)
        return self._more(by)

    async def _more(self, by: int) -> AsyncIterator[None]:
        limit = PAGE if self._steps == 1 else AHEAD
        try:
            async for rows in self._books.find_steps(self.search.query, limit, self.rows[-1]):
                self._know(rows.edge_ms)
                if rows.edge_ms is None:
                    self._all_found = len(rows.value) < limit
                    self.rows += rows.value
                    self.cursor = max(0, min(self.count - 1, self.cursor + by))
                yield
        except OSError as error:
            self.search = self.search._replace(busy=False, complaint=str(error))
            yield

    def _know(self, edge_ms: int | None) -> None:
        self.search = self.search._replace(busy=edge_ms is not None, edge_ms=edge_ms)

    def settle(self, room: int) -> None:
        """Move what is shown so that `room` lines hold the cursor."""
        self.top = max(0, min(self.top, self.count - room))
        self.top = max(self.cursor - room + 1, min(self.top, self.cursor))

    def _show(self, rows: list[Entry]) -> None:
        """Show other rows; the chosen one stays chosen, but for the first itself."""
        chosen = self.rows[self.cursor].id if self.rows and self.cursor else None
        before, self.rows = self.cursor, rows
        self.cursor = next((place for place, row in enumerate(rows) if row.id == chosen), 0)
        self.top = max(0, self.top + self.cursor - before)

    def _append(self, older: list[Entry]) -> None:
        self.rows += older
        gone = max(0, len(self.rows) - KEEP)
        if gone:
            del self.rows[:gone]
            self.at_newest = False
            self.cursor -= gone
            self.top -= gone

    def _prepend(self, newer: list[Entry]) -> None:
        self.rows[:0] = newer
        del self.rows[KEEP:]
        self.cursor += len(newer)
        self.top += len(newer)
        self.at_newest = self.at_newest or len(newer) < PAGE
