"""Readings of servers' counters, kept in the ledger's file, and the rows to hold against them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from console.core.reconcile import COUNTS, Charged, Reading, Span
from console.core.tier import Tier
from console.sources.ledger.store import LedgerReader, SqliteLedger

TABLE = f"""
    CREATE TABLE counter_readings (
        server TEXT NOT NULL,
        model TEXT NOT NULL,
        at_ms INTEGER NOT NULL,
        kind TEXT NOT NULL,
        process TEXT,
        began_ms INTEGER,
        {", ".join(f"{name} INTEGER" for name in COUNTS)},
        PRIMARY KEY (server, model, at_ms)
    ) STRICT, WITHOUT ROWID
"""

_LONGEST_MS = 86_400_000
"""How long before a span's beginning a request that ended in it may have begun."""


@dataclass(frozen=True, slots=True)
class Served:
    """The ledger's rows that ended in a span: how many, how many estimated, their tokens."""

    rows: int
    estimated: int
    counts: Mapping[str, int]


def keep(ledger: SqliteLedger, readings: Sequence[Reading]) -> None:
    """Write readings down."""
    names = ("server", "model", "at_ms", "kind", "process", "began_ms", *COUNTS)
    with ledger.transaction() as db:
        db.executemany(
            f"INSERT OR REPLACE INTO counter_readings ({', '.join(names)}) "
            f"VALUES ({', '.join('?' * len(names))})",
            [
                (
                    *(getattr(reading, name) for name in names[:6]),
                    *(reading.counts.get(name) for name in COUNTS),
                )
                for reading in readings
            ],
        )


def kept(ledger: LedgerReader, server: str, since_ms: int) -> list[Reading]:
    """A server's readings since a time, and of each model the last one before it."""
    rows = ledger.rows(
        "SELECT * FROM counter_readings AS reading WHERE server = ? AND at_ms >= coalesce(("
        "SELECT max(at_ms) FROM counter_readings WHERE server = reading.server "
        "AND model = reading.model AND at_ms < ?), 0) ORDER BY at_ms",
        (server, since_ms),
    )
    return [
        Reading(
            **{name: row[name] for name in ("server", "model", "at_ms", "kind", "process",
                                            "began_ms")},
            counts={name: row[name] for name in COUNTS if row[name] is not None},
        )
        for row in rows
    ]  # fmt: skip


def served(ledger: LedgerReader, tier: Tier, provider: str, span: Span) -> Served:
    """The rows of a tier's server that ended in a span, of its model if it tells one."""
    prompt = (
        "uncached_tokens + coalesce(cache_read_tokens, 0) + coalesce(cache_write_5m_tokens, 0)"
        " + coalesce(cache_write_1h_tokens, 0)"
    )
    sums = ("uncached_tokens", "cache_read_tokens", prompt, "output_tokens")
    by_model = " AND ? IN (model, model_reported)" if span.model else ""
    ((rows, estimated, *found),) = ledger.rows(
        "SELECT count(*), coalesce(sum(usage_source = 'estimated'), 0), "
        + ", ".join(f"coalesce(sum({each}), 0)" for each in sums)
        + " FROM entries WHERE tier = ? AND provider = ? AND started_ms >= ? AND started_ms <= ? "
        f"AND ended_ms > ? AND ended_ms <= ? AND origin IS NULL{by_model}",
        (tier, provider, span.since_ms - _LONGEST_MS, span.until_ms, span.since_ms, span.until_ms,
         *([span.model] if span.model else [])),
    )  # fmt: skip
    return Served(rows, estimated, dict(zip(COUNTS, found, strict=True)))


def in_flight(ledger: LedgerReader, tier: Tier, provider: str) -> int:
    """How many requests of a tier's server have not ended."""
    ((count,),) = ledger.rows(
        "SELECT count(*) FROM entries WHERE ending IS NULL AND tier = ? AND provider = ?",
        (tier, provider),
    )
    return int(count)


def charged(ledger: LedgerReader, provider: str, since_ms: int, until_ms: int) -> list[Charged]:
    """A vendor's rows by UTC day and model; what a plan paid is left out, as on its bill."""
    rows = ledger.rows(
        "SELECT date(started_ms / 1000, 'unixepoch') AS day, coalesce(model_reported, model) "
        "AS name, coalesce(sum(cost_nano_usd), 0) AS nano, sum(calls) AS calls, "
        "sum(ending IS NOT NULL AND cost_nano_usd IS NULL) AS unpriced "
        "FROM entries WHERE provider = ? AND tier = 'api' AND NOT plan "
        "AND started_ms >= ? AND started_ms < ? GROUP BY 1, 2",
        (provider, since_ms, until_ms),
    )
    return [
        Charged(day=row["day"], model=row["name"], nano=row["nano"], rows=row["calls"],
                unpriced=row["unpriced"])
        for row in rows
    ]  # fmt: skip
