"""The ledger pane: running totals, and every request a row, newest first."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine

from textual.app import ComposeResult
from textual.events import Blur, Focus, Key, Resize

from console.core.entry import Entry
from console.core.group import Group
from console.core.query import Grouping, Sort
from console.services.books import Books
from console.services.browse import Browse, Search
from console.services.page import Page
from console.services.ports import Clock
from console.ui.draw.found import group_lines, room_for_groups, search_line
from console.ui.draw.gpu import trouble_lines
from console.ui.draw.ledger import OPENING, Rowset, as_text, row_lines
from console.ui.draw.ledger_totals import FOUND, STANDING, Sum, total_lines
from console.ui.draw.ledger_words import HELP
from console.ui.draw.line import Line
from console.ui.draw.table import in_style
from console.ui.keys import Context, bindings
from console.ui.messages import Answer, BooksRead, Explain, ExplainSum, Say
from console.ui.places import LEDGER
from console.ui.widgets.pane import Pane
from console.ui.widgets.rows import Rows

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
    place = LEDGER
    help_ = HELP

    def __init__(self, books: Books, clock: Clock, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._books = books
        self._clock = clock
        self._browse = Browse(books)
        self._page: Page | None = None
        self._trouble: str | None = None
        self._turn = 0
        self._stale = asyncio.Event()
        self._unsubscribe: Callable[[], None] | None = None
        self._under_way: dict[str, Entry] = {}
        self._sum: Sum | None = None

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
        chosen = self._browse.chosen
        if self._search.by is not None:
            return super().copied
        return as_text(chosen, self._clock.zone()) if isinstance(chosen, Entry) else ""

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """While a filter is typed, characters belong to it."""
        return self._search.typing is not None and character is not None and character.isprintable()

    def on_key(self, event: Key) -> None:
        """While a filter is typed, keys edit it."""
        if self._search.typing is None:
            return
        if event.key == "enter":
            if (search := self._search.committed()) is not None:
                self._look_for(search)
        elif (search := self._search.edited(event.key, event.character)) is not None:
            self._show(search)
        else:
            return
        event.stop()
        event.prevent_default()

    def action_filter(self) -> None:
        """Type a filter."""
        self._show(self._search.typed(self._search.query.text))

    def action_sort(self) -> None:
        """The next order of rows."""
        now = self._search.query.sort
        query = self._search.query._replace(sort=_SORTS[(_SORTS.index(now) + 1) % len(_SORTS)])
        self._look_for(self._search._replace(query=query, by=None))

    def action_group(self) -> None:
        """Sum the rows by the next thing, then show rows again."""
        by = _GROUPS[(_GROUPS.index(self._search.by) + 1) % len(_GROUPS)]
        self._look_for(self._search._replace(by=by))

    def action_window(self) -> None:
        """Totals of the next windows."""
        self._turn += 1
        self._draw()

    def step_back(self) -> bool:
        """Leave the filter being typed, else the filter and the grouping, else go to the newest."""
        if self._search.typing is not None:
            self._show(self._search.typed(None))
            return True
        if not self._search.plain:
            self._look_for(Search())
            return True
        if self._browse.cursor == 0 and self._browse.at_newest and self._sum is None:
            return False
        self.action_newest()
        return True

    def action_move(self, by: int) -> None:
        """Move the cursor by rows, and above the first one by the lines of sums."""
        if self._moved_in_sums(by):
            return
        if self._browse.runs_out(by):
            more = self._found(self._browse.more(by))
            self.run_worker(more, group="more", exclusive=True, exit_on_error=False)
        self.run_worker(self._moved(self._browse.move(by)), group="move", exit_on_error=False)

    def action_page(self, direction: int) -> None:
        """Move the cursor by half of what is shown."""
        self.action_move(direction * max(1, self._room // 2))

    def action_newest(self) -> None:
        """Go to the newest row and follow it."""
        following, self._sum = self._browse.at_newest, None
        self._browse.to_newest()
        if not self._search.plain:
            self._look_for(self._search)
        elif not following:
            self._stale.set()
        self._draw()

    def action_oldest(self) -> None:
        """Go to the oldest row; of a search to the last one known, and look for more."""
        if not self._search.plain:
            self.action_move(self._browse.count)
            return
        self.run_worker(self._moved(self._browse.to_oldest()), group="move", exit_on_error=False)

    def action_explain(self) -> None:
        """Open the chosen row, or the chosen sum."""
        if self._sum is not None:
            self._explain_sum(self._sum)
            return
        match self._browse.chosen:
            case Entry() as entry:
                self.run_worker(self._explain(entry), group="explain", exit_on_error=False)
            case Group() as group:
                self.post_message(ExplainSum(group.key, group.tier, group.totals))

    def _moved_in_sums(self, by: int) -> bool:
        """Move among the lines of sums, which stand above the first row; false if not there."""
        browse, sums = self._browse, self._sums
        at_top = browse.cursor == 0 and (browse.at_newest or not self._search.plain)
        if self._sum is None and not (by < 0 and at_top and sums):
            return False
        at = sums.index(self._sum) if self._sum in sums else len(sums)
        at = max(0, at + by)
        self._sum = sums[at] if at < len(sums) else None
        self._draw()
        return True

    def _explain_sum(self, chosen: Sum) -> None:
        from console.ui.draw.sums import found_lines, standing_lines

        page, found = self._page, self._search.found
        if page is None:
            return
        if chosen == STANDING:
            self.post_message(
                Answer("Dollars of the API", lambda width: standing_lines(page, width))
            )
        elif chosen == FOUND and found is not None:
            self.post_message(
                Answer(f"/{self._search.query.text}", lambda width: found_lines(found, width))
            )
        elif chosen.tier is not None:
            totals = page.windows[chosen.window][chosen.tier]
            self.post_message(ExplainSum(chosen.window, chosen.tier, totals))

    def action_export(self) -> None:
        """Write the rows that are looked for, or their sums, as files."""
        self.run_worker(self._export(), group="export", exclusive=True, exit_on_error=False)

    async def _explain(self, entry: Entry) -> None:
        try:
            family = await self._books.kin(entry) if entry.id not in self._under_way else []
        except OSError:
            family = []
        self.post_message(Explain(entry, tuple(family)))

    async def _export(self) -> None:
        search = self._search
        try:
            done = await self._books.export(search.query, search.by)
        except OSError as error:
            self.post_message(Say(f"Not exported: {error}", trouble=True))
            return
        what = "sums" if search.by is not None else "rows"
        first = f"The first {done.count:,}" if done.more else f"{done.count:,}"
        rest = "; `llmconsole ledger export` writes all" if done.more else ""
        stem = done.paths[0].rpartition(".")[0]
        forms = ", ".join(path.rpartition(".")[2] for path in done.paths)
        self.post_message(Say(f"{first} {what} are in {stem}.* ({forms}){rest}."))

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
        page = await self._browse.refresh()
        self._trouble, self._page = None, page
        self._under_way = self._books.running()
        self.post_message(BooksRead(page))
        self._draw()
        return page.stamp

    async def _moved(self, moving: Coroutine[None, None, None]) -> None:
        following = self._browse.at_newest
        try:
            await moving
        except OSError as error:
            self._trouble = str(error)
        if self._browse.at_newest and not following:
            self._stale.set()
        self._draw()

    def _show(self, search: Search) -> None:
        """Show a search without reading anew."""
        self._browse.search = search
        self._draw()

    def _look_for(self, search: Search) -> None:
        """Read what a search finds; one that is under way is given up."""
        self._browse.look_for(search)
        self._sum = None
        if search.plain:
            self._stale.set()
        self._draw()
        self.workers.cancel_group(self, "more")
        self.workers.cancel_group(self, "find")
        if not self._search.plain:
            found = self._found(self._browse.find())
            self.run_worker(found, group="find", exit_on_error=False)

    async def _found(self, steps: AsyncIterator[None]) -> None:
        """Show each step of a search."""
        async for _ in steps:
            self._draw()

    @property
    def _search(self) -> Search:
        return self._browse.search

    @property
    def _room(self) -> int:
        width, height = self.query_one(Rows).size
        if self._page is None:
            return 1
        left = height - len(self._head(self._page, width, height))
        by = self._search.by
        if by is None:
            return max(1, left - 1)
        return room_for_groups(self._browse.groups, by, width, left)

    def _head(self, page: Page, width: int, height: int) -> list[tuple[Line, Sum | None]]:
        """What stands above the rows: the totals, and the search when there is one."""
        running, search = list(self._under_way.values()), self._search
        if search.plain and search.typing is None:
            return total_lines(page, width, height, running, self._turn)
        most = min(height, 13)
        totals = total_lines(page, width, most, running, self._turn) if height >= 12 else []
        line = search_line(search, width, self._clock.zone())
        return [*totals, (line, None if search.found is None else FOUND)]

    @property
    def _sums(self) -> list[Sum]:
        """The sums that can be chosen, from above."""
        if self._page is None:
            return []
        size = self.query_one(Rows).size
        return [mark for _, mark in self._head(self._page, size.width, size.height) if mark]

    def _draw(self) -> None:
        rows = self.query_one(Rows)
        width, height = rows.size
        if not width or not height:
            return
        if self._trouble is not None:
            rows.show(trouble_lines(self._trouble, width)[:height])
            return
        if self._page is None:
            rows.show(OPENING)
            return
        self._browse.settle(self._room)
        chosen = self._sum if self.has_focus else None
        lines = [
            in_style(line, "cursor", width) if mark is not None and mark == chosen else line
            for line, mark in self._head(self._page, width, height)
        ]
        lines += self._body(width, height - len(lines))
        rows.show(lines[:height])

    def _body(self, width: int, height: int) -> list[Line]:
        browse, search = self._browse, self._search
        cursor = browse.cursor if self.has_focus and self._sum is None else None
        if search.by is not None:
            return group_lines(browse.groups, search.by, browse.top, cursor, width, height)
        entries = [self._under_way.get(entry.id, entry) for entry in browse.rows]
        shown = Rowset(entries, browse.top, cursor, search.query.sort)
        now_ms, zone = self._clock.now_ms(), self._clock.zone()
        if search.plain:
            return row_lines(shown, now_ms, zone, width, height)
        nothing = "looking …" if search.busy else "no request matches"
        return row_lines(shown, now_ms, zone, width, height, nothing)
