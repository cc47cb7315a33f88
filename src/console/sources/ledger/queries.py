"""Reading the ledger: filters as SQL, pages that follow an index, sums from the rollup.

A filter on tier and model is first put to the rollup, which names the few pairs it means; each
is then read from its index, so that a model of last year is found as fast as today's.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from console.core.entry import Ending, Entry, Totals
from console.core.period import is_midnight, local_date, local_day, start_ms
from console.core.query import OPEN, Bound, Compare, Flag, Grouping, Match, Query, Sort, Term
from console.core.tier import Tier
from console.sources.ledger.rollup import COLUMNS, part

Where = tuple[str, list[Any]]
"""A condition in SQL, and the values of its parameters."""

Fetch = Callable[[str, Sequence[Any]], list[sqlite3.Row]]
"""Runs a statement and fetches all of it."""

Window = tuple[int | None, int | None]
"""UTC times that rows began from and before; None is unbounded."""

SPENT = "coalesce(cost_nano_usd, energy_nano_usd, -1)"
"""What a row cost its tier, -1 where unknown; the expression that `entries_cost` indexes."""

_PROMPT = (
    "(uncached_tokens + coalesce(cache_read_tokens, 0) + coalesce(cache_write_5m_tokens, 0)"
    " + coalesce(cache_write_1h_tokens, 0))"
)
_NUMBERS = {
    "usd": SPENT,
    "in": _PROMPT,
    "out": "output_tokens",
    "ttft": "ttft_ms",
    "took": "(ended_ms - started_ms)",
}
_FLAGS = {
    "unpriced": part("unpriced"),
    "uncounted": part("uncounted"),
    "unmeasured": "(tier = 'local' AND ending IS NOT NULL AND energy_joules IS NULL)",
    "estimated": "(usage_source = 'estimated')",
    "plan": "(plan = 1)",
    "imported": "(origin IS NOT NULL)",
    "batch": "(coalesce(usage_raw, '') LIKE '%\"service_tier\": \"batch\"%')",
}
_COLUMNS = {"ended": "ending", "from": "origin", "system": "system_name"}
_WHOLE = ("tier", "ended", "tag")
_BEGINS = ("id", "conversation")

ARMS = 24
"""Values of a filter that are read from an index each; with more, rows are read by time."""

COUNTED = 5_000
"""Rows above a cost that are few enough to be sorted by time."""


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
    index: str | None = None


ORDERS = {
    Sort.NEWEST: _Order("started_ms", lambda entry: entry.started_ms, "entries_newest"),
    Sort.OLDEST: _Order("started_ms", lambda entry: entry.started_ms, "entries_newest"),
    Sort.COST: _Order(SPENT, lambda entry: entry.spent_nano, "entries_cost"),
    Sort.OUTPUT: _Order("coalesce(output_tokens, -1)", lambda entry: entry.usage.output),
    Sort.SLOWEST: _Order("coalesce(ended_ms - started_ms, -1)", lambda entry: entry.duration_ms),
    Sort.TTFT: _Order("coalesce(ttft_ms, -1)", lambda entry: entry.ttft_ms),
}


def place_of(entry: Entry, sort: Sort) -> Place:
    """Where a row stands in an order."""
    value = ORDERS[sort].key(entry)
    return Place(-1 if value is None else value, entry.started_ms, entry.id)


def condition(term: Term, negated: bool | None = None) -> Where:
    """The SQL of one term; a row where the field is unknown does not match it."""
    turned = getattr(term, "negated", False) if negated is None else negated
    match term:
        case Match():
            parts = [_matches(term.field, value) for value in term.values]
            sql = " OR ".join(sql for sql, _ in parts)
            values = [value for _, each in parts for value in each]
        case Flag():
            sql, values = _FLAGS[term.name], []
        case Compare():
            known = " AND coalesce(cost_nano_usd, energy_nano_usd) IS NOT NULL"
            sql = f"{_NUMBERS[term.name]} {term.comparison} ?" + known * (term.name == "usd")
            values = [term.value]
        case Bound():
            return "1", []
    return (f"NOT coalesce(({sql}), 0)" if turned else f"({sql})"), values


def _matches(field: str, value: str) -> Where:
    column = _COLUMNS.get(field, field)
    if field == "ended" and value == OPEN:
        return "ending IS NULL", []
    if field == "system":
        return "(system_name = ? OR substr(system_hash, 1, ?) = ?)", [value, len(value), value]
    if "*" in value:
        return f"lower({column}) GLOB ?", [_pattern(value.lower())]
    if field in _WHOLE:
        return f"{column} = ?", [value]
    if field in _BEGINS:
        return f"substr({column}, 1, ?) = ?", [len(value), value]
    return f"instr(lower({column}), ?) > 0", [value.lower()]


def _pattern(value: str) -> str:
    """A GLOB in which only `*` is special."""
    return value.replace("[", "[[]").replace("?", "[?]")


def both(parts: Iterable[Where]) -> Where:
    """All of some conditions."""
    chosen = [(sql, values) for sql, values in parts if sql != "1"]
    return (
        " AND ".join(sql for sql, _ in chosen) or "1",
        [value for _, values in chosen for value in values],
    )


def where(query: Query, window: Window) -> Where:
    """The whole filter."""
    return both([*_bounds(window), *map(condition, query.terms)])


def _bounds(window: Window) -> Iterator[Where]:
    for bound, sign in zip(window, (">=", "<"), strict=True):
        if bound is not None:
            yield f"started_ms {sign} ?", [bound]


def page_sql(fetch: Fetch, query: Query, limit: int, after: Place | None, window: Window) -> Where:
    """The statement of a page of rows that follow `after`."""
    order = ORDERS[query.sort]
    up = query.sort is Sort.OLDEST
    filtered = [where(query, window)]
    if after is not None:
        sign = ">" if up else "<"
        filtered.append(
            (
                f"({order.by}, started_ms, id) {sign} (?, ?, ?)",
                [after.value, after.started_ms, after.id],
            )
            if order.by != "started_ms"
            else (f"(started_ms, id) {sign} (?, ?)", [after.started_ms, after.id])
        )
    way = "ASC" if up else "DESC"
    names = [order.by, "started_ms", "id"] if order.by != "started_ms" else ["started_ms", "id"]
    ordered = f"ORDER BY {', '.join(f'{name} {way}' for name in names)} LIMIT {int(limit)}"
    arms = _arms(fetch, query)
    if arms is None:
        sql, values = both(filtered)
        by = f"INDEXED BY {order.index}" if order.index else ""
        return f"SELECT * FROM entries {by} WHERE {sql} {ordered}", values
    selects, values = [], []
    for index, arm in arms:
        sql, more = both([arm, *filtered])
        # The rows' ids come from the index; whole rows are read of the page alone.
        selects.append(
            f"SELECT * FROM (SELECT * FROM entries INDEXED BY {index} WHERE {sql} {ordered})"
        )
        values += more
    return f"SELECT * FROM ({' UNION ALL '.join(selects)}) {ordered}", values


def _arms(fetch: Fetch, query: Query) -> list[tuple[str, Where]] | None:
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
                sql = f"{SPENT} {sign} ?"
                counted = (
                    "SELECT count(*) FROM (SELECT 1 FROM entries INDEXED BY entries_cost "
                    f"WHERE {sql} LIMIT {COUNTED})"
                )
                ((count,),) = fetch(counted, [value])
                if count < COUNTED:
                    return [("entries_cost", (sql, [value]))]
    return None


_KEYS = {
    Grouping.MODEL: "model",
    Grouping.TIER: "tier",
    Grouping.DAY: "day",
    Grouping.TAG: "coalesce(tag, '')",
    Grouping.SYSTEM: "coalesce(system_name, '') || ' ' || substr(coalesce(system_hash, ''), 1, 12)",
}
_IN_ROLLUP = (Grouping.MODEL, Grouping.TIER, Grouping.DAY)


def sums(
    fetch: Fetch, query: Query, by: Grouping | None, window: Window
) -> dict[str, dict[Tier, Totals]]:
    """Totals of a filter's rows by what they are grouped by, then by tier; key "" without.

    From the rollup where the filter is of tiers, models and days; else from the rows.
    """
    key = "''" if by is None else _KEYS[by]
    kept = both(map(condition, query.terms))
    simple = all(
        isinstance(term, Bound) or (isinstance(term, Match) and term.field in ("tier", "model"))
        for term in query.terms
    )
    if simple and (by is None or by in _IN_ROLLUP):
        return _added(_from_rollup(fetch, key, kept, *window))
    return _added(_from_rows(fetch, key, both([*_bounds(window), kept])))


def _from_rows(fetch: Fetch, key: str, condition: Where) -> list[sqlite3.Row]:
    parts = ", ".join(f"sum{part(name)}" for name in COLUMNS)
    sql, values = condition
    return fetch(f"SELECT {key}, tier, {parts} FROM entries WHERE {sql} GROUP BY 1, 2", values)


def _from_rollup(
    fetch: Fetch, key: str, condition: Where, since: int | None, until: int | None
) -> list[sqlite3.Row]:
    """Whole days from the rollup; where a bound is no midnight of a zone, its day row by row."""
    parts = ", ".join(f"sum({name})" for name in COLUMNS)
    select = f"SELECT {key}, tier, {parts} FROM daily_totals"
    if since is None and until is None:
        return fetch(f"{select} WHERE {condition[0]} GROUP BY 1, 2", condition[1])
    found: list[sqlite3.Row] = []
    for (zone,) in fetch("SELECT DISTINCT zone FROM daily_totals", ()):
        days: list[Where] = [("zone = ?", [zone]), condition]
        partial: set[date] = set()
        for bound, sign in ((since, ">"), (until, "<")):
            if bound is None:
                continue
            if is_midnight(bound, zone):
                sign = ">=" if sign == ">" else sign
            else:
                partial.add(local_date(bound, zone))
            days.append((f"day {sign} ?", [local_day(bound, zone)]))
        sql, values = both(days)
        found += fetch(f"{select} WHERE {sql} GROUP BY 1, 2", values)
        for day in sorted(partial):
            start, end = start_ms(day, zone), start_ms(day + timedelta(days=1), zone)
            window: Where = (
                "zone = ? AND day = ? AND started_ms >= ? AND started_ms < ?",
                [zone, day.isoformat(), max(start, since or start), min(end, until or end)],
            )
            found += _from_rows(fetch, key, both([window, condition]))
    return found


def _added(rows: Iterable[sqlite3.Row]) -> dict[str, dict[Tier, Totals]]:
    names = [name.replace("_nano_usd", "_nano") for name in COLUMNS]
    groups: dict[str, dict[Tier, Totals]] = {}
    for row in rows:
        key, tier, values = str(row[0]), Tier(row[1]), tuple(row)[2:]
        totals = Totals(**dict(zip(names, values, strict=True)))
        by_tier = groups.setdefault(key, {each: Totals() for each in Tier})
        by_tier[tier] += totals
    return {
        key: by_tier
        for key, by_tier in groups.items()
        if any(totals != Totals() for totals in by_tier.values())
    }
