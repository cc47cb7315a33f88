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

from console.sources.ledger import kin, readings, rollup, tails, views
from console.sources.ledger.first_steps import migrations

__all__ = ["migrations"]


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
    for name, (by, least) in tails.TAILS_AT_FIRST.items():
        db.execute(f"CREATE INDEX {name} ON entries ({by}, started_ms, id) WHERE {by} >= {least}")
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


def _tail(db: Database, name: str, *instead_of: str) -> None:
    for old in instead_of:
        db.execute(f"DROP INDEX {old}")
    db.execute(tails.TAILS[name].create(name))


# An index a step: other processes write between them, and one that is stopped loses little.


@migrations()
def m015_dearest(db: Database) -> None:
    """Rows of each model by dollars."""
    _tail(db, "entries_dearest", "entries_cost")


@migrations()
def m016_longest(db: Database) -> None:
    """Rows of each model by output tokens."""
    _tail(db, "entries_longest", "entries_longest")


@migrations()
def m017_slowest(db: Database) -> None:
    """Rows of each model by how long they took."""
    _tail(db, "entries_slowest", "entries_slowest")


@migrations()
def m018_latest(db: Database) -> None:
    """Rows of each model by time to the first token."""
    _tail(db, "entries_latest", "entries_late")
