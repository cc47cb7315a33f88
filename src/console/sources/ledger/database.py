"""Opening the ledger's file: permissions, WAL, migrations under a lock; trouble as one sentence."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

_PATIENCE_S = 15.0
"""How long a write waits for another process's."""


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
        aside = path.with_name(f"{path.name}.corrupt-{_stamp(now_ms)}")
        for suffix in ("", "-wal", "-shm"):
            with suppress(FileNotFoundError):
                Path(f"{path}{suffix}").replace(f"{aside}{suffix}")
        return _open(path), (
            f"The ledger {path} was no readable database; it is kept as {aside.name}, "
            "and a new ledger was begun."
        )


def connect(path: Path, *, read_only: bool = False) -> sqlite3.Connection:
    """A connection with rows by name; transactions are begun by hand."""
    uri = f"{path.absolute().as_uri()}?mode={'ro' if read_only else 'rw'}"
    connection = sqlite3.connect(uri, uri=True, timeout=_PATIENCE_S, isolation_level=None)
    connection.row_factory = sqlite3.Row
    return connection


@contextmanager
def told(path: Path, doing: str) -> Iterator[None]:
    """Turn what SQLite or the system says into a LedgerError."""
    try:
        yield
    except LedgerError:
        raise
    except (sqlite3.Error, OSError) as error:
        raise LedgerError(_sentence(path, doing, error)) from error


def is_corrupt(error: sqlite3.Error) -> bool:
    """Whether the file is no database, or a damaged one."""
    code = getattr(error, "sqlite_errorcode", 0) or 0
    return code & 0xFF in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT)


def _open(path: Path) -> sqlite3.Connection:
    # SQLite gives its -wal and -shm files the permissions of this one.
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    connection = connect(path)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        if not _up_to_date(connection):
            _migrate(connection, path)
    except BaseException:
        connection.close()
        raise
    return connection


LATEST = "m012_counter_readings"
"""The last step of the schema; a ledger that ends with it is opened without loading the steps."""


def _up_to_date(connection: sqlite3.Connection) -> bool:
    try:
        steps = connection.execute(
            "SELECT name FROM _sqlite_migrations WHERE migration_set = 'llmconsole'"
        ).fetchall()
    except sqlite3.OperationalError:
        return False
    return max((name for (name,) in steps), default="") == LATEST


def _migrate(connection: sqlite3.Connection, path: Path) -> None:
    """Bring the schema up to this program's, one process at a time; refuse a newer one."""
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
    if not migrations.pending(database):
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        migrations.apply(database)
        connection.execute("COMMIT")
    except BaseException:
        with suppress(sqlite3.Error):
            connection.execute("ROLLBACK")
        raise


def _stamp(now_ms: int) -> str:
    """A UTC time for a file's name."""
    return datetime.fromtimestamp(now_ms / 1000, UTC).strftime("%Y%m%dT%H%M%SZ")


def _sentence(path: Path, doing: str, error: Exception) -> str:
    code = getattr(error, "sqlite_errorcode", 0) or 0
    match code & 0xFF:
        case sqlite3.SQLITE_FULL:
            what = "the disk is full; free some space"
        case sqlite3.SQLITE_READONLY:
            what = "the file is read-only; make it writable for you"
        case sqlite3.SQLITE_BUSY:
            what = "another process has kept it locked; close that one"
        case sqlite3.SQLITE_CANTOPEN:
            what = "it cannot be opened; check the permissions of its folder"
        case sqlite3.SQLITE_IOERR:
            what = "the disk gave an error; check it and its free space"
        case sqlite3.SQLITE_NOTADB | sqlite3.SQLITE_CORRUPT:
            what = "it is damaged; start the console again to set it aside and begin a new one"
        case _:
            reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
            what = f"{reason}; check the file and the permissions of its folder"
    return f"The ledger {path} cannot be {doing}: {what}."
