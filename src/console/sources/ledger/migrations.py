"""The ledger's schema, as named steps that are applied once each and never changed.

Table `entries`: one row per upstream attempt, opened before its first byte leaves.
  Times are UTC milliseconds (`*_ms`); `day` is the local date of `started_ms` in `zone`.
  Token columns are disjoint buckets; `reasoning_tokens` is a part of `output_tokens`.
  Money is whole nano-dollars (`*_nano_usd`); energy is joules. NULL is unknown, never 0.
  `ending` is NULL while the request is in flight.
  `owner_pid`, `owner_start` name the process that has it in flight.
  `calls` is more than 1 only in an imported sum, 0 in one that does not tell; `plan` is 1 where
  a subscription paid, so that `cost_nano_usd` is a list price nobody charged; `origin` names what
  was imported.
  `energy_error_joules` is how far off `energy_joules` can be; `api_too` is 1 on a local row whose
  request the API served as well, so that it saved nothing.
  `decision` is JSON: the steps that led to the tier, the score's parts, and the counterfactual.
Table `daily_totals`: sums over `entries` by day, zone, tier and model, kept by triggers.
Table `label_totals`: the same by tag (`kind` 'tag') or system prompt ('system') instead of model.
Table `counter_readings`: what model servers counted themselves, at the times they were asked.
Table `verdicts`: which of two compared replies was better.
Tables `repricings`, `repriced`: each act of repricing, and each figure it changed.
Table `unpinnings`: each time a conversation that had to stay was let off the box, and why.
Table `verdicts`: what the operator said of two replies to one prompt (`a_entry`, `b_entry` are
  rows of `entries`), with features of the prompt as JSON; `prompt` is NULL unless stored.
View `requests`: `entries` for reading by hand, newest first, money in dollars.
View `days`: `daily_totals` for reading by hand, money in dollars.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from console.sources.ledger import kin, readings, rollup, tails, views

migrations = Migrations("llmconsole")


@contextmanager
def editable_schema(db: Database) -> Iterator[None]:
    """Let the text of a table's constraint be changed, as SQLite's manual of ALTER TABLE allows.

    The rows are not touched, and neither are triggers and indexes.
    """
    ((version,),) = db.execute("PRAGMA schema_version").fetchall()
    db.execute("PRAGMA writable_schema = ON")
    try:
        yield
    finally:
        db.execute("PRAGMA writable_schema = RESET")
    db.execute(f"PRAGMA schema_version = {int(version) + 1}")


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


@migrations()
def m009_verdicts(db: Database) -> None:
    """Blind comparisons, for the router's fit."""
    db.execute(
        """
        CREATE TABLE verdicts (
            pair TEXT PRIMARY KEY,
            a_entry TEXT NOT NULL,
            b_entry TEXT NOT NULL,
            a_tier TEXT NOT NULL CHECK (a_tier IN ('local', 'api')),
            judgement TEXT NOT NULL CHECK (judgement IN ('a', 'b', 'tie', 'both bad')),
            at_ms INTEGER NOT NULL,
            prompt_hash TEXT NOT NULL,
            features TEXT,
            features_version INTEGER,
            prompt TEXT
        ) STRICT
        """
    )
    db.execute("CREATE INDEX verdicts_time ON verdicts (at_ms, pair)")


@migrations()
def m010_energy_and_kin(db: Database) -> None:
    """How well joules are known, and which requests the API served as well."""
    for sql in kin.STEPS:
        db.execute(sql)
    with editable_schema(db):
        db.execute(
            "UPDATE sqlite_schema SET sql = replace(sql, '(''measured'', ''estimated'')', "
            "'(''measured'', ''allocated'', ''estimated'')') "
            "WHERE type = 'table' AND name = 'entries'"
        )
    for column in rollup.LATER:
        db.execute(f"ALTER TABLE daily_totals ADD COLUMN {column} INTEGER NOT NULL DEFAULT 0")
    for name, trigger in rollup.DAILY.triggers().items():
        db.execute(f"DROP TRIGGER {name}")
        db.execute(trigger)


@migrations()
def m011_labels_and_tails(db: Database) -> None:
    """Sums by tag and system prompt; the longest and slowest rows, without reading the rest."""
    db.execute(next(iter(rollup.LABELS.values())).create())
    for label in rollup.LABELS.values():
        db.execute(label.fill())
        for trigger in label.triggers().values():
            db.execute(trigger)
    for name, tail in tails.TAILS.items():
        db.execute(
            f"CREATE INDEX {name} ON entries ({tail.by}, started_ms, id) "
            f"WHERE {tail.by} >= {tail.least}"
        )
    for view in views.VIEWS:
        db.execute(view)


@migrations()
def m012_counter_readings(db: Database) -> None:
    """Servers' own counters, to hold the rows against."""
    db.execute(readings.TABLE)


@migrations()
def m013_sides_of_a_comparison(db: Database) -> None:
    """Rows that share a parent belong together too; sums follow whatever trigger runs first."""
    for sql in kin.SIBLINGS:
        db.execute(sql)
    for sums in (rollup.DAILY, *rollup.LABELS.values()):
        for name, trigger in sums.triggers().items():
            db.execute(f"DROP TRIGGER {name}")
            db.execute(trigger)


@migrations()
def m014_decisions_and_unpinnings(db: Database) -> None:
    """The steps behind a row's tier; and each time a conversation was let off the box."""
    db.execute("ALTER TABLE entries ADD COLUMN decision TEXT")
    db.execute(
        """
        CREATE TABLE unpinnings (
            at_ms INTEGER NOT NULL,
            conversation TEXT NOT NULL,
            pin TEXT NOT NULL,
            reason TEXT NOT NULL CHECK (length(trim(reason)) > 0)
        ) STRICT
        """
    )
