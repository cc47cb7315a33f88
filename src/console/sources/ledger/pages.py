"""A page of rows in an order, in as many short steps as it takes.

What an index holds in that order is read at once. Of anything else each step goes through a
bounded number of rows, newest first, and tells the best of what it has seen so far.
"""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from console.core.entry import Entry
from console.core.query import Compare, Found, Query, Sort
from console.sources.ledger.arms import (
    ALL_ROWS,
    MOST,
    Arm,
    are_few,
    arms_of,
    of_models_alone,
    of_times_alone,
    pairs_of,
)
from console.sources.ledger.conditions import SPENT, Fetch, Where, Window, both, bounds, condition
from console.sources.ledger.slices import FIRST, slices
from console.sources.ledger.tails import TAILS

SOME = 100
"""Rows that are told of before all have been gone through."""

FEW = FIRST
"""Rows that are sorted at once."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page ended: the value its rows are sorted by, then the row's own."""

    value: int
    started_ms: int
    id: str


Step: TypeAlias = Found[list[sqlite3.Row]]
"""The rows of a page as far as known."""


@dataclass(frozen=True, slots=True)
class _Order:
    """What rows are sorted by, and the name of the number in a filter."""

    by: str
    key: Callable[[Entry], int | None]
    number: str | None = None


ORDERS = {
    Sort.NEWEST: _Order("started_ms", lambda entry: entry.started_ms),
    Sort.OLDEST: _Order("started_ms", lambda entry: entry.started_ms),
    Sort.COST: _Order(SPENT, lambda entry: entry.spent_nano, "usd"),
    Sort.OUTPUT: _Order("coalesce(output_tokens, -1)", lambda entry: entry.usage.output, "out"),
    Sort.SLOWEST: _Order(
        "coalesce(ended_ms - started_ms, -1)", lambda entry: entry.duration_ms, "took"
    ),
    Sort.TTFT: _Order("coalesce(ttft_ms, -1)", lambda entry: entry.ttft_ms, "ttft"),
}


def place_of(entry: Entry, sort: Sort) -> Place:
    """Where a row stands in an order."""
    value = ORDERS[sort].key(entry)
    return Place(-1 if value is None else value, entry.started_ms, entry.id)


def steps(
    fetch: Fetch, query: Query, limit: int, after: Place | None, window: Window
) -> Iterator[Step]:
    """A page of a filter in its order behind `after`, better with each step; the last is right."""
    page = _Page(fetch, query, limit, after)
    arms = arms_of(fetch, query)
    in_spans = arms.in_spans if arms else ALL_ROWS
    if query.sort in (Sort.NEWEST, Sort.OLDEST):
        if arms.whole if arms else of_times_alone(query):
            yield Found(page.read(arms.arms if arms else ALL_ROWS, [*bounds(window)]))
        else:
            yield from page.along_time(in_spans, window)
        return
    few = arms.arms if arms else [("entries_newest", both(bounds(window)))]
    if (arms or window != (None, None)) and are_few(fetch, few, FEW):
        yield Found(page.read(few, [*bounds(window)]))
    elif of_models_alone(query, page.ranges) and len(chosen := pairs_of(fetch, query)) <= MOST:
        yield from page.from_the_tail(chosen, in_spans)
    else:
        yield from page.through(in_spans, window)


class _Page:
    """A page of a filter's rows, read in one way or another."""

    def __init__(self, fetch: Fetch, query: Query, limit: int, after: Place | None) -> None:
        self._fetch = fetch
        self._sort = query.sort
        self._by = ORDERS[query.sort].by
        self._limit = limit
        self._after = after
        self._kept = [*map(condition, query.terms), *self._follow()]
        number = ORDERS[query.sort].number
        self.ranges = [
            term
            for term in query.terms
            if isinstance(term, Compare) and term.name == number and not term.negated
        ]
        way = "ASC" if query.sort is Sort.OLDEST else "DESC"
        self._ordered, self._by_value = (
            f"ORDER BY {', '.join(f'{name} {way}' for name in dict.fromkeys(names))}"
            for names in ((self._by, "started_ms", "id"), ("value", "started_ms", "id"))
        )

    def read(self, arms: Sequence[Arm], more: Sequence[Where]) -> list[sqlite3.Row]:
        """The page from arms that hold all of its rows."""
        # Rows are sorted by their keys alone; whole ones are read of the page only.
        keys, values = self._union(arms, more, self._limit)
        chosen = f"SELECT rowid FROM ({keys}) {self._by_value} LIMIT {int(self._limit)}"
        return self._fetch(
            f"SELECT * FROM entries WHERE rowid IN ({chosen}) {self._ordered}", values
        )

    def along_time(self, arms: list[Arm], window: Window) -> Iterator[Step]:
        """Span after span in the order of time, until the page is full."""
        oldest = self._sort is Sort.OLDEST
        rows: list[sqlite3.Row] = []
        for span in slices(self._fetch, arms, self._behind(window), oldest=oldest):
            rows += self.read(arms, [*bounds(span)])
            edge = span[1 if oldest else 0]
            if len(rows) >= self._limit or edge == window[1 if oldest else 0]:
                break
            yield Found(rows, edge)
        yield Found(rows[: self._limit])

    def from_the_tail(self, pairs: Sequence[tuple[str, str]], arms: list[Arm]) -> Iterator[Step]:
        """From the order's own index, then, for the rows behind its end, through `arms`."""
        index, tail = next((name, tail) for name, tail in TAILS.items() if tail.sort is self._sort)
        whole = all(tier == tail.whole for tier, _ in pairs)
        held = tail.holds if whole else f"{tail.holds} AND {tail.by} >= {tail.least}"
        for term in self.ranges:
            # Said of the index's own expression, which then is read from there on.
            held += f" AND {tail.by} {term.comparison} {int(term.value)}"
            whole |= term.comparison in (">", ">=") and term.value >= tail.least
        rows: list[sqlite3.Row] = []
        if pairs:
            each = [(index, (f"tier = ? AND model = ? AND {held}", [*pair])) for pair in pairs]
            rows = self.read(each, [])
        if whole or len(rows) >= self._limit:
            yield Found(rows)
        else:
            below: Where = (f"{tail.by} < {tail.least}", [])
            yield from self.through(arms, (None, None), [below], rows)

    def through(
        self,
        arms: list[Arm],
        window: Window,
        more: Sequence[Where] = (),
        head: Sequence[sqlite3.Row] = (),
    ) -> Iterator[Step]:
        """Through all rows of `arms`, newest first, keeping the best; `head` stands before them."""
        limit = self._limit - len(head)
        best: list[tuple[Any, ...]] = []
        for span in slices(self._fetch, arms, window):
            keys, values = self._union(arms, [*more, *bounds(span)], limit)
            found = [tuple(row) for row in self._fetch(keys, values)]
            best = sorted([*best, *found], reverse=True)[:limit]
            edge = None if span[0] == window[0] else span[0]
            yield Found([*head, *self._whole(best if edge is None else best[:SOME])], edge)

    def _whole(self, best: Sequence[tuple[Any, ...]]) -> list[sqlite3.Row]:
        ids = ", ".join(str(int(rowid)) for *_, rowid in best)
        return self._fetch(f"SELECT * FROM entries WHERE rowid IN ({ids}) {self._ordered}", ())

    def _union(self, arms: Sequence[Arm], more: Sequence[Where], limit: int) -> Where:
        """What the rows of each arm are sorted by, and which rows they are."""
        names = f"{self._by} AS value, started_ms, id, rowid AS rowid"
        parts, values = [], []
        for index, arm in arms:
            sql, given = both([arm, *self._kept, *more])
            part = f"SELECT {names} FROM entries INDEXED BY {index} WHERE {sql} {self._ordered}"
            parts.append(f"SELECT * FROM ({part} LIMIT {int(limit)})")
            values += given
        return " UNION ALL ".join(parts), values

    def _follow(self) -> Iterator[Where]:
        if (after := self._after) is None:
            return
        sign = ">" if self._sort is Sort.OLDEST else "<"
        if self._by == "started_ms":
            yield f"(started_ms, id) {sign} (?, ?)", [after.started_ms, after.id]
        else:
            place = [after.value, after.started_ms, after.id]
            yield f"({self._by}, started_ms, id) {sign} (?, ?, ?)", place

    def _behind(self, window: Window) -> Window:
        """The times of a window that come behind the place the last page ended at."""
        since, until = window
        if self._after is None:
            return window
        at = self._after.started_ms
        if self._sort is Sort.OLDEST:
            return (at if since is None else max(since, at)), until
        return since, (at + 1 if until is None else min(until, at + 1))
