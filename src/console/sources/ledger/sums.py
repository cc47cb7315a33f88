"""Totals of a filter's rows by what they are grouped by, from the rollups where they know."""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from console.core.entry import Totals
from console.core.period import is_midnight, local_date, local_day, start_ms
from console.core.query import Bound, Found, Grouping, Match, Query
from console.core.tier import Tier
from console.sources.ledger.arms import ALL_ROWS, arms_of
from console.sources.ledger.conditions import Fetch, Where, Window, both, bounds, condition
from console.sources.ledger.rollup import COLUMNS, SYSTEM, part
from console.sources.ledger.slices import slices

_KEYS = {
    Grouping.MODEL: "model",
    Grouping.TIER: "tier",
    Grouping.DAY: "day",
    Grouping.TAG: "coalesce(tag, '')",
    Grouping.SYSTEM: SYSTEM.format(row="entries"),
}
_UNLABELLED = {Grouping.TAG: "''", Grouping.SYSTEM: "' '"}
"""The key of the rows without a label."""

_EACH = [f"sum({name})" for name in COLUMNS]


@dataclass(frozen=True, slots=True)
class _Source:
    """Whole days of a rollup: what is selected of which table, under which condition."""

    table: str
    select: str
    condition: Where


ByGroup = dict[str, dict[Tier, Totals]]


def sums(fetch: Fetch, query: Query, by: Grouping | None, window: Window) -> ByGroup:
    """Totals of a filter's rows by what they are grouped by, then by tier; key "" without."""
    *_, last = sum_steps(fetch, query, by, window)
    return last.value


def sum_steps(
    fetch: Fetch, query: Query, by: Grouping | None, window: Window
) -> Iterator[Found[ByGroup]]:
    """The same in short reads, newest rows first; the last one has them all.

    From the rollups, at once, where the filter is of days and of tiers and models (not by a label)
    or of tiers and tags (not by a model or a system prompt); else from the rows.
    """
    key = "''" if by is None else _KEYS[by]
    kept = both(map(condition, query.terms))
    if (sources := _sources(query, by, key, kept)) is not None:
        yield Found(_added(_from_rollups(fetch, sources, key, kept, window)))
        return
    arms = arms_of(fetch, query)
    known: ByGroup = {}
    chosen = arms.in_spans if arms else ALL_ROWS
    for span in slices(fetch, chosen, window):
        for index, arm in chosen:
            within = both([*bounds(span), arm, kept])
            known = _together(known, _added(_from_rows(fetch, key, within, index)))
        yield Found(known, None if span[0] == window[0] else span[0])


def _sources(query: Query, by: Grouping | None, key: str, kept: Where) -> Sequence[_Source] | None:
    """The rollups that answer a query together; None if none does."""
    terms = [term for term in query.terms if not isinstance(term, Bound)]
    fields = {term.field for term in terms if isinstance(term, Match)}
    if not all(isinstance(term, Match) for term in terms):
        return None
    if fields <= {"tier", "model"} and not (by in _UNLABELLED and "model" in fields):
        if by is not None and by in _UNLABELLED:
            return list(_labelled(by, kept))
        return [_Source("daily_totals", f"{key}, tier, {', '.join(_EACH)}", kept)]
    tags = [term for term in terms if isinstance(term, Match) and term.field == "tag"]
    exact = not any(term.negated or "*" in "".join(term.values) for term in tags)
    if fields <= {"tier", "tag"} and exact and by not in (Grouping.MODEL, Grouping.SYSTEM):
        of_label = [("kind = 'tag'", []), *map(condition, (t for t in terms if t not in tags))]
        for term in tags:
            marks = ", ".join("?" * len(term.values))
            of_label.append((f"label IN ({marks})", list(term.values)))
        of_key = "label" if by is Grouping.TAG else key
        select = f"{of_key}, tier, {', '.join(_EACH)}"
        return [_Source("label_totals", select, both(of_label))]
    return None


def _labelled(by: Grouping, kept: Where) -> Iterator[_Source]:
    """The sums by label, and the sums of all rows less those: what has no label."""
    none = _UNLABELLED[by]
    labelled = both([("kind = ?", [str(by)]), kept])
    yield _Source("label_totals", f"label, tier, {', '.join(_EACH)}", labelled)
    yield _Source("daily_totals", f"{none}, tier, {', '.join(_EACH)}", kept)
    less = ", ".join(f"-{each}" for each in _EACH)
    yield _Source("label_totals", f"{none}, tier, {less}", labelled)


def _from_rows(
    fetch: Fetch, key: str, condition: Where, index: str = "entries_newest"
) -> list[sqlite3.Row]:
    parts = ", ".join(f"sum{part(name)}" for name in COLUMNS)
    sql, values = condition
    return fetch(
        f"SELECT {key}, tier, {parts} FROM entries INDEXED BY {index} WHERE {sql} GROUP BY 1, 2",
        values,
    )


def _from_rollups(
    fetch: Fetch, sources: Sequence[_Source], key: str, kept: Where, window: Window
) -> list[sqlite3.Row]:
    """Whole days from the rollups; where a bound is no midnight of a zone, its day row by row."""
    since, until = window
    if since is None and until is None:
        return [row for source in sources for row in _whole_days(fetch, source, [])]
    found: list[sqlite3.Row] = []
    for (zone,) in fetch("SELECT DISTINCT zone FROM daily_totals", ()):
        days: list[Where] = [("zone = ?", [zone])]
        partial: set[date] = set()
        for bound, sign in ((since, ">"), (until, "<")):
            if bound is None:
                continue
            if is_midnight(bound, zone):
                sign = ">=" if sign == ">" else sign
            else:
                partial.add(local_date(bound, zone))
            days.append((f"day {sign} ?", [local_day(bound, zone)]))
        for source in sources:
            found += _whole_days(fetch, source, days)
        for day in sorted(partial):
            there = "SELECT 1 FROM daily_totals WHERE day = ? AND zone = ? LIMIT 1"
            if not fetch(there, (day.isoformat(), zone)):
                continue
            start, end = start_ms(day, zone), start_ms(day + timedelta(days=1), zone)
            part_of_day: Where = (
                "zone = ? AND day = ? AND started_ms >= ? AND started_ms < ?",
                [zone, day.isoformat(), max(start, since or start), min(end, until or end)],
            )
            found += _from_rows(fetch, key, both([part_of_day, kept]))
    return found


def _whole_days(fetch: Fetch, source: _Source, days: Sequence[Where]) -> list[sqlite3.Row]:
    sql, values = both([*days, source.condition])
    return fetch(f"SELECT {source.select} FROM {source.table} WHERE {sql} GROUP BY 1, 2", values)


def _added(rows: Iterable[sqlite3.Row]) -> ByGroup:
    names = [name.replace("_nano_usd", "_nano") for name in COLUMNS]
    groups: ByGroup = {}
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


def _together(one: ByGroup, other: ByGroup) -> ByGroup:
    """Both in sum."""
    none = {tier: Totals() for tier in Tier}
    return {
        key: {tier: one.get(key, none)[tier] + other.get(key, none)[tier] for tier in Tier}
        for key in {**one, **other}
    }
