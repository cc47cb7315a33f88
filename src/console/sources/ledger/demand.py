"""What was asked of the ledger's models, hour by hour: sums for the what-if, in short reads.

A million rows are summed without being sorted: most rows are ordinary, and those of one model and
hour lie side by side in an index. What is not ordinary has an index of its own and is grouped.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from console.core.period import zone_of
from console.core.tier import Tier
from console.core.verdict import COMPARED
from console.core.whatif.traffic import DayOf, HourOf

PROMPT = (
    "(uncached_tokens + coalesce(cache_read_tokens, 0) + coalesce(cache_write_5m_tokens, 0)"
    " + coalesce(cache_write_1h_tokens, 0))"
)
COUNTED = "(uncached_tokens IS NOT NULL AND output_tokens IS NOT NULL)"
SERVED = "(ending IN ('done', 'cancelled'))"
BILLED = "(coalesce(cost_nano_usd, 0) > 0 OR coalesce(output_tokens, 0) > 0)"
BUCKETS = (
    "uncached_tokens",
    "cache_read_tokens",
    "cache_write_5m_tokens",
    "cache_write_1h_tokens",
    "output_tokens",
    "reasoning_tokens",
)

_COMPARED = f"(coalesce(tag, '') = '{COMPARED}')"
_AGAIN = (
    "(parent IS NOT NULL AND EXISTS (SELECT 1 FROM entries AS first WHERE first.id = entries.parent"
    " AND first.ending IN ('done', 'cancelled')))"
)
_HOUR_MS = 3_600_000
_SUMS = ", ".join(
    (
        "sum(calls)",
        "sum(calls = 1)",
        f"sum(calls * {COUNTED})",
        *(f"sum(CASE WHEN {COUNTED} THEN {name} END)" for name in BUCKETS),
    )
)


class _Kind(NamedTuple):
    """What tells the sums of a day apart."""

    day: str
    tier: str
    model: str
    served: bool = True
    billed: bool = True
    compared: bool = False
    again: bool = False

    @property
    def demand(self) -> bool:
        """Whether its rows are requests that were answered, each for the first time."""
        return self.served and not self.compared and not self.again


def demand(
    connection: sqlite3.Connection, since_ms: int, until_ms: int, zone: str
) -> tuple[tuple[DayOf, ...], tuple[HourOf, ...]]:
    """The sums of each local day by tier, model and how it ended, and the requests of each hour.

    Hours are counted from the window's beginning, a local midnight.
    """
    local = zone_of(zone)
    days: dict[_Kind, list[int]] = {}
    hours: dict[tuple[str, int], int] = {}

    def add(start_ms: int, names: Sequence[str], flags: Sequence[int], sums: Sequence[int]) -> None:
        moment = datetime.fromtimestamp(start_ms / 1000, UTC).astimezone(local)
        tier, model = names
        kind = _Kind(moment.date().isoformat(), tier, model, *map(bool, flags))
        calls, single, *rest = (each or 0 for each in sums)
        known = days.setdefault(kind, [0] * (1 + len(rest)))
        for place, value in enumerate((calls, *rest)):
            known[place] += value
        if kind.demand and single:
            hour = (kind.day, moment.hour)
            hours[hour] = hours.get(hour, 0) + single

    for start, tier, model, sums in _ordinary(connection, since_ms, until_ms):
        add(start, (tier, model), (), sums)
    for hour, tier, model, *found in _others(connection, since_ms, until_ms):
        add(since_ms + hour * _HOUR_MS, (tier, model), found[:4], found[4:])
    return (
        tuple(_day(kind, sums) for kind, sums in days.items()),
        tuple(HourOf(day, hour, requests) for (day, hour), requests in hours.items()),
    )


def _day(kind: _Kind, sums: Sequence[int]) -> DayOf:
    rows, counted, *tokens = sums
    return DayOf(
        day=kind.day,
        tier=Tier(kind.tier),
        model=kind.model,
        served=kind.served,
        billed=kind.billed,
        compared=kind.compared,
        again=kind.again,
        rows=rows,
        counted=counted,
        **dict(zip(BUCKETS, tokens, strict=True)),
    )


def _ordinary(
    connection: sqlite3.Connection, since_ms: int, until_ms: int
) -> Iterator[tuple[int, str, str, Sequence[int]]]:
    """The hours in which a model has rows, and the sums of the ordinary ones among them."""
    following = (
        "SELECT started_ms FROM entries WHERE tier = ? AND model = ? AND started_ms >= ? "
        "AND started_ms < ? ORDER BY started_ms LIMIT 1"
    )
    summed = (
        f"SELECT {_SUMS} FROM entries WHERE tier = ? AND model = ? AND started_ms >= ? "
        f"AND started_ms < ? AND {SERVED} AND calls > 0 AND parent IS NULL AND NOT {_COMPARED}"
    )
    for tier, model in _models(connection):
        at = since_ms
        while found := connection.execute(following, (tier, model, at, until_ms)).fetchone():
            start = since_ms + (found[0] - since_ms) // _HOUR_MS * _HOUR_MS
            at = min(start + _HOUR_MS, until_ms)
            (sums,) = connection.execute(summed, (tier, model, start, at)).fetchall()
            if sums[0]:
                yield start, tier, model, sums


def _models(connection: sqlite3.Connection) -> Iterator[tuple[str, str]]:
    """Every tier and model that has rows, by one look at the index each."""
    sql = "SELECT tier, model FROM entries WHERE (tier, model) > (?, ?) ORDER BY 1, 2 LIMIT 1"
    last = ("", "")
    while found := connection.execute(sql, last).fetchone():
        last = (found[0], found[1])
        yield last


def _others(connection: sqlite3.Connection, since_ms: int, until_ms: int) -> sqlite3.Cursor:
    """The sums of all other rows: failed, after another one, or one side of a comparison.

    The window is a condition that no index serves (`+`), so each part is found by its own.
    """
    names = ("started_ms", "tier", "model", "ending", "calls", "tag", "parent", "cost_nano_usd")
    columns = ", ".join((*names, *BUCKETS))
    window = "+started_ms >= :since AND +started_ms < :until AND calls > 0"
    parts = (
        "ending <> 'done' AND ending <> 'cancelled'",
        f"parent IS NOT NULL AND {SERVED}",
        f"tag = '{COMPARED}' AND parent IS NULL AND {SERVED}",
    )
    rows = " UNION ALL ".join(f"SELECT {columns} FROM entries WHERE {part} AND {window}"
                              for part in parts)  # fmt: skip
    sql = (
        f"SELECT (started_ms - :since) / {_HOUR_MS}, tier, model, {SERVED}, {BILLED}, {_COMPARED}, "
        f"{_AGAIN}, {_SUMS} FROM ({rows}) AS entries GROUP BY 1, 2, 3, 4, 5, 6, 7"
    )
    return connection.execute(sql, {"since": since_ms, "until": until_ms})
