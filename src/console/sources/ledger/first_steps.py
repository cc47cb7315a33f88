"""The first steps of the ledger's schema."""

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from console.sources.ledger import rollup

migrations = Migrations("llmconsole")
"""All steps: these, and behind them those of `console.sources.ledger.migrations`."""


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


def _part(column: str, row: str) -> str:
    spent = f"CASE {row}.tier WHEN 'api' THEN {row}.cost_nano_usd ELSE {row}.energy_nano_usd END"
    saved = f"CASE {row}.tier WHEN 'local' THEN {row}.shadow_nano_usd - {row}.energy_nano_usd END"
    return f"({_PARTS[column].format(row=row, spent=f'({spent})', saved=f'({saved})')})"


_TOTALS = tuple(_PARTS)


@migrations()
def m002_daily_totals(db: Database) -> None:
    """Sums by day, so that totals over millions of rows read a handful."""
    columns = ", ".join(f"{name} INTEGER NOT NULL" for name in _TOTALS)
    db.execute(
        "CREATE TABLE daily_totals (day TEXT NOT NULL, zone TEXT NOT NULL, tier TEXT NOT NULL, "
        f"model TEXT NOT NULL, {columns}, PRIMARY KEY (day, zone, tier, model)) "
        "STRICT, WITHOUT ROWID"
    )

    def add(row: str, sign: str) -> str:
        values = ", ".join(f"{sign}{_part(name, row)}" for name in _TOTALS)
        grown = ", ".join(f"{name} = {name} + excluded.{name}" for name in _TOTALS)
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


@migrations()
def m004_imports_plans_and_hardware(db: Database) -> None:
    """What tells a request from an imported sum and from a plan's, and what a box costs."""
    for column in (
        "calls INTEGER NOT NULL DEFAULT 1 CHECK (calls >= 0)",
        "plan INTEGER NOT NULL DEFAULT 0 CHECK (plan IN (0, 1))",
        "origin TEXT",
        "web_searches INTEGER",
        "price_multipliers TEXT",
        "shadow_price_multipliers TEXT",
        "hardware_nano_usd INTEGER",
        "hardware_rule TEXT",
    ):
        db.execute(f"ALTER TABLE entries ADD COLUMN {column}")


@migrations()
def m005_daily_totals_anew(db: Database) -> None:
    """Totals of the new columns; a change within a day is one update."""
    for event in ("insert", "update", "delete"):
        db.execute(f"DROP TRIGGER entries_totals_{event}")
    db.execute("DROP TABLE daily_totals")
    db.execute(rollup.DAILY_AT_FIRST.create())
    db.execute(rollup.DAILY_AT_FIRST.fill())
    for trigger in rollup.DAILY_AT_FIRST.triggers().values():
        db.execute(trigger)


@migrations()
def m006_indexes_for_filters(db: Database) -> None:
    """A page of rows by model, tag, ending or cost, without reading the rest."""
    db.execute("DROP INDEX entries_day")
    db.execute("CREATE INDEX entries_model ON entries (tier, model, started_ms, id)")
    db.execute("CREATE INDEX entries_tag ON entries (tag, started_ms, id) WHERE tag IS NOT NULL")
    db.execute(
        "CREATE INDEX entries_trouble ON entries (ending, started_ms, id) WHERE ending <> 'done'"
    )
    db.execute(
        "CREATE INDEX entries_cost ON entries "
        "(coalesce(cost_nano_usd, energy_nano_usd, -1), started_ms, id)"
    )


@migrations()
def m007_repricings(db: Database) -> None:
    """The trace of a repricing."""
    db.execute(
        """
        CREATE TABLE repricings (
            id INTEGER PRIMARY KEY,
            at_ms INTEGER NOT NULL,
            filter TEXT NOT NULL,
            changed INTEGER NOT NULL,
            old_nano_usd INTEGER NOT NULL,
            new_nano_usd INTEGER NOT NULL
        ) STRICT
        """
    )
    db.execute(
        """
        CREATE TABLE repriced (
            repricing INTEGER NOT NULL REFERENCES repricings (id),
            entry TEXT NOT NULL,
            figure TEXT NOT NULL CHECK (figure IN ('cost', 'shadow')),
            old_nano_usd INTEGER,
            old_source TEXT,
            old_effective TEXT,
            old_rates TEXT,
            old_multipliers TEXT,
            new_nano_usd INTEGER,
            new_source TEXT,
            new_effective TEXT,
            new_rates TEXT,
            new_multipliers TEXT,
            PRIMARY KEY (repricing, entry, figure)
        ) STRICT, WITHOUT ROWID
        """
    )
    db.execute("CREATE INDEX repriced_entry ON repriced (entry)")


@migrations()
def m008_views(db: Database) -> None:
    """Rows and days for reading by hand."""
    db.execute("DROP VIEW requests")
    db.execute(
        """
        CREATE VIEW requests AS
        SELECT
            datetime(started_ms / 1000, 'unixepoch') AS started_utc,
            tier, provider, model, reason, ending, tag, system_name, system_hash,
            uncached_tokens + coalesce(cache_read_tokens, 0) + coalesce(cache_write_5m_tokens, 0)
                + coalesce(cache_write_1h_tokens, 0) AS prompt_tokens,
            cache_read_tokens, output_tokens, usage_source,
            CASE WHEN NOT plan THEN cost_nano_usd / 1e9 END AS api_usd,
            CASE WHEN plan THEN cost_nano_usd / 1e9 END AS plan_list_usd,
            energy_nano_usd / 1e9 AS energy_usd, energy_source,
            (energy_nano_usd + hardware_nano_usd) / 1e9 AS loaded_usd,
            shadow_nano_usd / 1e9 AS shadow_usd,
            (shadow_nano_usd - energy_nano_usd) / 1e9 AS saved_usd,
            ttft_ms, ended_ms - started_ms AS duration_ms, calls, origin, error, id
        FROM entries
        ORDER BY started_ms DESC, id DESC
        """
    )
    db.execute(
        """
        CREATE VIEW days AS
        SELECT
            day, zone, tier, model, requests, in_flight, prompt_tokens, cached_tokens,
            output_tokens, spent_nano_usd / 1e9 AS spent_usd, loaded_nano_usd / 1e9 AS loaded_usd,
            saved_nano_usd / 1e9 AS saved_usd, plan_nano_usd / 1e9 AS plan_list_usd,
            unpriced, uncounted
        FROM daily_totals
        WHERE requests <> 0
        ORDER BY day DESC, tier, model
        """
    )
