"""Totals of a filter's rows by what they are grouped by, from the rollups where they know."""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from console.core.entry import Totals
from console.core.period import is_midnight, local_date, local_day, start_ms
from console.core.query import Grouping, Match, Query
from console.core.tier import Tier
from console.sources.ledger.conditions import Fetch, Where, Window, both, bounds, condition
from console.sources.ledger.rollup import COLUMNS, SYSTEM, part

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


def sums(
    fetch: Fetch, query: Query, by: Grouping | None, window: Window
) -> dict[str, dict[Tier, Totals]]:
    """Totals of a filter's rows by what they are grouped by, then by tier; key "" without.

    From the rollups where the filter is of tiers, models (not by a label) and days; else from the
    rows.
    """
    key = "''" if by is None else _KEYS[by]
    kept = both(map(condition, query.terms))
    of_model = any(isinstance(term, Match) and term.field == "model" for term in query.terms)
    if not query.by_day or (by in _UNLABELLED and of_model):
        return _added(_from_rows(fetch, key, both([*bounds(window), kept])))
    sources = [_Source("daily_totals", f"{key}, tier, {', '.join(_EACH)}", kept)]
    if by is not None and by in _UNLABELLED:
        sources = list(_labelled(by, kept))
    return _added(_from_rollups(fetch, sources, key, kept, window))


def _labelled(by: Grouping, kept: Where) -> Iterator[_Source]:
    """The sums by label, and the sums of all rows less those: what has no label."""
    none = _UNLABELLED[by]
    labelled = both([("kind = ?", [str(by)]), kept])
    yield _Source("label_totals", f"label, tier, {', '.join(_EACH)}", labelled)
    yield _Source("daily_totals", f"{none}, tier, {', '.join(_EACH)}", kept)
    less = ", ".join(f"-{each}" for each in _EACH)
    yield _Source("label_totals", f"{none}, tier, {less}", labelled)


def _from_rows(fetch: Fetch, key: str, condition: Where) -> list[sqlite3.Row]:
    parts = ", ".join(f"sum{part(name)}" for name in COLUMNS)
    sql, values = condition
    return fetch(f"SELECT {key}, tier, {parts} FROM entries WHERE {sql} GROUP BY 1, 2", values)


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
