"""What all our SQLite files share: how they are opened, set aside when damaged, and explained."""

import os
import sqlite3
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

_PATIENCE_S = 15.0
"""How long a write waits for another process's."""


def connect(path: Path, *, read_only: bool = False) -> sqlite3.Connection:
    """A connection with rows by name; transactions are begun by hand."""
    uri = f"{path.absolute().as_uri()}?mode={'ro' if read_only else 'rw'}"
    connection = sqlite3.connect(uri, uri=True, timeout=_PATIENCE_S, isolation_level=None)
    connection.row_factory = sqlite3.Row
    return connection


def create(path: Path) -> sqlite3.Connection:
    """A connection to a file of its owner's alone, in WAL mode, made where there is none."""
    # SQLite gives its -wal and -shm files the permissions of this one.
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    connection = connect(path)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
    except BaseException:
        connection.close()
        raise
    return connection


def set_aside(path: Path, now_ms: int) -> Path:
    """Rename a file with its companions, so that another can be begun; the name it has now."""
    stamp = datetime.fromtimestamp(now_ms / 1000, UTC).strftime("%Y%m%dT%H%M%SZ")
    aside = path.with_name(f"{path.name}.corrupt-{stamp}")
    for suffix in ("", "-wal", "-shm"):
        with suppress(FileNotFoundError):
            Path(f"{path}{suffix}").replace(f"{aside}{suffix}")
    return aside


def is_corrupt(error: sqlite3.Error) -> bool:
    """Whether the file is no database, or a damaged one."""
    return _code(error) in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT)


def ailment(error: Exception) -> str:
    """What is wrong with the file and what to do, as the end of a sentence."""
    match _code(error):
        case sqlite3.SQLITE_FULL:
            return "the disk is full; free some space"
        case sqlite3.SQLITE_READONLY:
            return "the file is read-only; make it writable for you"
        case sqlite3.SQLITE_BUSY:
            return "another process has kept it locked; close that one"
        case sqlite3.SQLITE_CANTOPEN:
            return "it cannot be opened; check the permissions of its folder"
        case sqlite3.SQLITE_IOERR:
            return "the disk gave an error; check it and its free space"
        case sqlite3.SQLITE_NOTADB | sqlite3.SQLITE_CORRUPT:
            return "it is damaged; start the console again to set it aside and begin a new one"
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return f"{reason}; check the file and the permissions of its folder"


def _code(error: Exception) -> int:
    return (getattr(error, "sqlite_errorcode", 0) or 0) & 0xFF
