"""A page of rows in an order: which index it is read from, and the statements.

A filter on tier and model is first put to the rollup, which names the few pairs it means; each
is then read from its index, so that a model of last year is found as fast as today's. In another
order than time a few rows are sorted, many are read along the order's own index.
"""

import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from console.core.entry import Ending, Entry
from console.core.query import OPEN, Compare, Match, Query, Sort
from console.sources.ledger.conditions import (
    SPENT,
    Fetch,
    Where,
    Window,
    both,
    bounds,
    condition,
    where,
)
from console.sources.ledger.tails import TAILS

ARMS = 24
"""Values of a filter that are read from an index each; with more, rows are read by time."""

FEW = 50_000
"""Rows that are sorted sooner than looked for along the order's own index."""

DEAR = 5_000
"""Rows above a cost that are few enough to be read by it and sorted by time."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page ended: the value its rows are sorted by, then the row's own."""

    value: int
    started_ms: int
    id: str


@dataclass(frozen=True, slots=True)
class _Order:
    by: str
    key: Callable[[Entry], int | None]


ORDERS = {
    Sort.NEWEST: _Order("started_ms", lambda entry: entry.started_ms),
    Sort.OLDEST: _Order("started_ms", lambda entry: entry.started_ms),
    Sort.COST: _Order(SPENT, lambda entry: entry.spent_nano),
    Sort.OUTPUT: _Order("coalesce(output_tokens, -1)", lambda entry: entry.usage.output),
    Sort.SLOWEST: _Order("coalesce(ended_ms - started_ms, -1)", lambda entry: entry.duration_ms),
    Sort.TTFT: _Order("coalesce(ttft_ms, -1)", lambda entry: entry.ttft_ms),
}

Arm = tuple[str, Where]
"""An index, and a condition that it serves; several together hold every row of a filter."""


def place_of(entry: Entry, sort: Sort) -> Place:
    """Where a row stands in an order."""
    value = ORDERS[sort].key(entry)
    return Place(-1 if value is None else value, entry.started_ms, entry.id)


def page(
    fetch: Fetch, query: Query, limit: int, after: Place | None, window: Window
) -> list[sqlite3.Row]:
    """The rows of a filter in its order that follow `after`."""
    rows: list[sqlite3.Row] = []
    for sql, values in statements(fetch, query, limit, after, window):
        rows += fetch(sql, values)
        if len(rows) >= limit:
            break
    return rows[:limit]


def statements(
    fetch: Fetch, query: Query, limit: int, after: Place | None, window: Window
) -> Iterator[Where]:
    """What reads a page: the next statement is for when the ones before brought too few rows."""
    order = ORDERS[query.sort]
    kept = [where(query, window), *_follow(order, query.sort, after)]
    way = "ASC" if query.sort is Sort.OLDEST else "DESC"
    names = dict.fromkeys((order.by, "started_ms", "id"))
    ordered = f"ORDER BY {', '.join(f'{name} {way}' for name in names)} LIMIT {int(limit)}"
    for arms in _ways(fetch, query, after, window):
        # Rows are sorted by their keys alone; whole ones are read of the page only.
        found, values = [], []
        for index, arm in arms:
            sql, more = both([arm, *kept])
            indexed = f"INDEXED BY {index}" if index else "NOT INDEXED"
            found.append(f"SELECT rowid FROM entries {indexed} WHERE {sql} {ordered}")
            values += more
        chosen = " UNION ALL ".join(f"SELECT * FROM ({each})" for each in found)
        yield f"SELECT * FROM entries WHERE rowid IN ({chosen}) {ordered}", values


def _follow(order: _Order, sort: Sort, after: Place | None) -> Iterator[Where]:
    if after is None:
        return
    sign = ">" if sort is Sort.OLDEST else "<"
    if order.by == "started_ms":
        yield f"(started_ms, id) {sign} (?, ?)", [after.started_ms, after.id]
    else:
        place = [after.value, after.started_ms, after.id]
        yield f"({order.by}, started_ms, id) {sign} (?, ?, ?)", place


def _ways(fetch: Fetch, query: Query, after: Place | None, window: Window) -> Iterator[list[Arm]]:
    """The indexes that together bring the rows, one way after another."""
    arms = _arms(fetch, query)
    if query.sort in (Sort.NEWEST, Sort.OLDEST):
        yield arms or [("entries_newest", ("1", []))]
        return
    if arms is None and window != (None, None):
        arms = [("entries_newest", both(bounds(window)))]
    if arms is not None and _are_few(fetch, arms, FEW):
        yield arms
    elif query.sort is Sort.COST:
        yield [("entries_cost", ("1", []))]
    else:
        index, tail = next((name, tail) for name, tail in TAILS.items() if tail.sort is query.sort)
        # Written out, since the index is partial: a parameter would not prove it.
        if after is None or after.value >= tail.least:
            yield [(index, (f"{tail.by} >= {tail.least}", []))]
        yield [("", (f"{tail.by} < {tail.least}", []))]


def _are_few(fetch: Fetch, arms: list[Arm], most: int) -> bool:
    left = most
    for index, (sql, values) in arms:
        some = f"SELECT 1 FROM entries INDEXED BY {index} WHERE {sql} LIMIT {left}"
        ((count,),) = fetch(f"SELECT count(*) FROM ({some})", values)
        left -= count
        if left <= 0:
            return False
    return True


def _arms(fetch: Fetch, query: Query) -> list[Arm] | None:
    """Equalities that an index serves and that together hold every row of the filter, if few."""
    for term in query.terms:
        if isinstance(term, Match) and not term.negated and "*" not in "".join(term.values):
            values = set(term.values)
            if term.field == "tag" and len(values) <= ARMS:
                return [("entries_tag", ("tag = ?", [value])) for value in sorted(values)]
            if term.field == "ended" and Ending.DONE not in values:
                # Written out, since the index is partial: a parameter would not prove it.
                return [
                    ("entries_in_flight", ("ending IS NULL", []))
                    if value == OPEN
                    else ("entries_trouble", (f"ending = '{value}' AND ending <> 'done'", []))
                    for value in sorted(values)
                ]
    named = [t for t in query.terms if isinstance(t, Match) and t.field in ("tier", "model")]
    if named:
        sql, values_ = both(map(condition, named))
        pairs = fetch("SELECT DISTINCT tier, model FROM daily_totals", ())
        chosen = fetch(f"SELECT DISTINCT tier, model FROM daily_totals WHERE {sql}", values_)
        if len(chosen) < len(pairs) and len(chosen) <= ARMS:
            arms = [tuple(pair) for pair in chosen] or [("", "")]
            return [("entries_model", ("tier = ? AND model = ?", list(pair))) for pair in arms]
    for term in query.terms:
        match term:
            case Compare("usd", ">" | ">=" as sign, value, False) if value >= 0:
                arms_ = [("entries_cost", (f"{SPENT} {sign} ?", [value]))]
                if _are_few(fetch, arms_, DEAR):
                    return arms_
    return None
