"""Opening the ledger's file: permissions, WAL, migrations under a lock; trouble as one sentence."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from console.sources.ledger.version import LATEST, NUMBER
from console.sources.sqlite_file import ailment, create, is_corrupt, set_aside


class LedgerError(OSError):
    """The ledger's file cannot be used; the text is one sentence for the operator."""


def open_or_set_aside(path: Path, now_ms: int) -> tuple[sqlite3.Connection, str | None]:
    """The file's connection, its schema up to date; a file that is no database is kept aside.

    With it a sentence for the operator when that happened.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        return _open(path), None
    except sqlite3.DatabaseError as error:
        if not is_corrupt(error):
            raise
        aside = set_aside(path, now_ms)
        return _open(path), (
            f"The ledger {path} was no readable database; it is kept as {aside.name}, "
            "and a new ledger was begun."
        )


@contextmanager
def told(path: Path, doing: str) -> Iterator[None]:
    """Turn what SQLite or the system says into a LedgerError."""
    try:
        yield
    except LedgerError:
        raise
    except (sqlite3.Error, OSError) as error:
        raise LedgerError(f"The ledger {path} cannot be {doing}: {ailment(error)}.") from error


CHECKPOINT_PAGES = 4_000
"""Pages in the write-ahead log (16 MB) at which they move into the file, with two waits for the
disk: a row's write touches about nine, so that some four hundred rows share those waits."""


def _open(path: Path) -> sqlite3.Connection:
    connection = create(path)
    try:
        connection.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}")
        if not is_up_to_date(connection):
            migrate(connection, path)
    except BaseException:
        connection.close()
        raise
    return connection


Tell = Callable[[str, int, int], None]
"""Told before each step: what it makes, its number, and how many there are."""


def is_up_to_date(connection: sqlite3.Connection) -> bool:
    """Whether the schema is this program's."""
    try:
        steps = connection.execute(
            "SELECT name FROM _sqlite_migrations WHERE migration_set = 'llmconsole'"
        ).fetchall()
    except sqlite3.OperationalError:
        return False
    return max((name for (name,) in steps), default="") == LATEST


def migrate(connection: sqlite3.Connection, path: Path, tell: Tell | None = None) -> None:
    """Bring the schema up to this program's, one process at a time; refuse a newer one.

    Each step is kept or undone whole, so that one that is stopped or killed goes on from there at
    the next start.
    """
    # Imported here: it costs 85 ms that the first frame must not wait for.
    from sqlite_utils import Database

    from console.sources.ledger.migrations import migrations

    database = Database(connection)
    known = {step.name for step in migrations._migrations}
    newer = {step.name for step in migrations.applied(database)} - known
    if newer:
        raise LedgerError(
            f"The ledger {path} was written by a newer llmconsole (it has {min(newer)}); "
            "upgrade this one, or name another file with XDG_DATA_HOME."
        )
    of = len(migrations.pending(database))
    while migrations.pending(database):
        connection.execute("BEGIN IMMEDIATE")
        try:
            # Another process may have gone ahead while this one waited.
            if left := migrations.pending(database):
                if tell is not None:
                    tell((left[0].fn.__doc__ or "").strip(), of - len(left) + 1, of)
                migrations.apply(database, stop_before=[step.name for step in left[1:]])
            connection.execute("COMMIT")
        except BaseException:
            with suppress(sqlite3.Error):
                connection.execute("ROLLBACK")
            raise
    connection.execute(f"PRAGMA user_version = {NUMBER}")
