"""The ledger's schema, as named steps that are applied once each and never changed.

Table `entries`: one row per upstream attempt, opened before its first byte leaves.
  Times are UTC milliseconds (`*_ms`); `day` is the local date of `started_ms` in `zone`.
  Token columns are disjoint buckets; `reasoning_tokens` is a part of `output_tokens`.
  Money is whole nano-dollars (`*_nano_usd`); energy is joules. NULL is unknown, never 0.
  `ending` is NULL while the request is in flight.
  `owner_pid`, `owner_start` name the process that has it in flight.
Table `daily_totals`: sums over `entries` by day, zone, tier and model, kept by triggers.
View `requests`: `entries` for reading by hand, newest first, money in dollars.
"""

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

migrations = Migrations("llmconsole")


@migrations()
def m001_entries(db: Database) -> None:
    """The rows."""
    db.execute(
        """
        CREATE TABLE entries (
            id TEXT PRIMARY KEY,
            started_ms INTEGER NOT NULL,
            zone TEXT NOT NULL,
            day TEXT NOT NULL,
            tier TEXT NOT NULL CHECK (tier IN ('local', 'api')),
            provider TEXT NOT NULL,
            model TEXT NOT NULL,
            policy TEXT NOT NULL,
            reason TEXT NOT NULL,
            conversation TEXT,
            parent TEXT,
            tag TEXT,
            system_name TEXT,
            system_hash TEXT,
            prompt_chars INTEGER NOT NULL,
            prompt_bytes INTEGER NOT NULL,
            ended_ms INTEGER,
            ending TEXT CHECK (
                ending IN ('done', 'cancelled', 'error', 'timeout', 'interrupted')
            ),
            error TEXT,
            ttft_ms INTEGER,
            model_reported TEXT,
            model_digest TEXT,
            response_id TEXT,
            uncached_tokens INTEGER,
            cache_read_tokens INTEGER,
            cache_write_5m_tokens INTEGER,
            cache_write_1h_tokens INTEGER,
            output_tokens INTEGER,
            reasoning_tokens INTEGER,
            usage_source TEXT NOT NULL CHECK (usage_source IN ('reported', 'estimated', 'none')),
            usage_raw TEXT,
            reply_chars INTEGER,
            reply_bytes INTEGER,
            cost_nano_usd INTEGER,
            price_source TEXT,
            price_effective TEXT,
            price_rates TEXT,
            energy_joules REAL,
            energy_source TEXT CHECK (energy_source IN ('measured', 'estimated')),
            energy_nano_usd INTEGER,
            tariff_usd_per_kwh TEXT,
            shadow_nano_usd INTEGER,
            shadow_price_source TEXT,
            shadow_price_effective TEXT,
            shadow_price_rates TEXT,
            owner_pid INTEGER,
            owner_start TEXT
        ) STRICT
        """
    )
    db.execute("CREATE INDEX entries_newest ON entries (started_ms, id)")
    db.execute("CREATE INDEX entries_day ON entries (zone, day)")
    db.execute("CREATE INDEX entries_in_flight ON entries (id) WHERE ending IS NULL")
    db.execute(
        "CREATE UNIQUE INDEX entries_response ON entries (provider, response_id) "
        "WHERE response_id IS NOT NULL"
    )


_PARTS = {
    "requests": "1",
    "in_flight": "{row}.ending IS NULL",
    "prompt_tokens": (
        "coalesce({row}.uncached_tokens + coalesce({row}.cache_read_tokens, 0)"
        " + coalesce({row}.cache_write_5m_tokens, 0)"
        " + coalesce({row}.cache_write_1h_tokens, 0), 0)"
    ),
    "cached_tokens": "coalesce({row}.cache_read_tokens, 0)",
    "output_tokens": "coalesce({row}.output_tokens, 0)",
    "spent_nano_usd": "coalesce({spent}, 0)",
    "saved_nano_usd": "coalesce({saved}, 0)",
    "unpriced": "{row}.ending IS NOT NULL AND {spent} IS NULL",
    "uncounted": (
        "{row}.ending IS NOT NULL"
        " AND ({row}.uncached_tokens IS NULL OR {row}.output_tokens IS NULL)"
    ),
    "unsaved": "{row}.tier = 'local' AND {row}.ending IS NOT NULL AND {saved} IS NULL",
}
"""Each column of `daily_totals`, and what one row of `entries` adds to it."""


def part(column: str, row: str) -> str:
    """The SQL of what `row` adds to a column of `daily_totals`."""
    spent = f"CASE {row}.tier WHEN 'api' THEN {row}.cost_nano_usd ELSE {row}.energy_nano_usd END"
    saved = f"CASE {row}.tier WHEN 'local' THEN {row}.shadow_nano_usd - {row}.energy_nano_usd END"
    return f"({_PARTS[column].format(row=row, spent=f'({spent})', saved=f'({saved})')})"


TOTALS = tuple(_PARTS)


@migrations()
def m002_daily_totals(db: Database) -> None:
    """Sums by day, so that totals over millions of rows read a handful."""
    columns = ", ".join(f"{name} INTEGER NOT NULL" for name in TOTALS)
    db.execute(
        "CREATE TABLE daily_totals (day TEXT NOT NULL, zone TEXT NOT NULL, tier TEXT NOT NULL, "
        f"model TEXT NOT NULL, {columns}, PRIMARY KEY (day, zone, tier, model)) "
        "STRICT, WITHOUT ROWID"
    )

    def add(row: str, sign: str) -> str:
        values = ", ".join(f"{sign}{part(name, row)}" for name in TOTALS)
        grown = ", ".join(f"{name} = {name} + excluded.{name}" for name in TOTALS)
        return (
            f"INSERT INTO daily_totals VALUES ({row}.day, {row}.zone, {row}.tier, {row}.model, "
            f"{values}) ON CONFLICT DO UPDATE SET {grown};"
        )

    for event, body in {
        "INSERT": add("new", "+"),
        "UPDATE": add("old", "-") + add("new", "+"),
        "DELETE": add("old", "-"),
    }.items():
        db.execute(
            f"CREATE TRIGGER entries_totals_{event.lower()} AFTER {event} ON entries "
            f"BEGIN {body} END"
        )


@migrations()
def m003_requests_view(db: Database) -> None:
    """Rows for reading by hand."""
    db.execute(
        """
        CREATE VIEW requests AS
        SELECT
            datetime(started_ms / 1000, 'unixepoch') AS started_utc,
            tier, model, reason, ending,
            uncached_tokens + coalesce(cache_read_tokens, 0) + coalesce(cache_write_5m_tokens, 0)
                + coalesce(cache_write_1h_tokens, 0) AS prompt_tokens,
            cache_read_tokens, output_tokens, usage_source,
            cost_nano_usd / 1e9 AS api_usd,
            energy_nano_usd / 1e9 AS energy_usd,
            shadow_nano_usd / 1e9 AS shadow_usd,
            ttft_ms, ended_ms - started_ms AS duration_ms, error, id
        FROM entries
        ORDER BY started_ms DESC, id DESC
        """
    )
