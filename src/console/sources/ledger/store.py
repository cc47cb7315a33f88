"""The ledger in one SQLite file: WAL, one short transaction per write, totals from a rollup."""

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from console.core.entry import Entry, Totals
from console.core.tier import Tier
from console.sources.ledger import owner
from console.sources.ledger.rows import TOKENS, is_midnight, local_day, stamp, to_entry, to_row

if TYPE_CHECKING:
    from sqlite_utils import Database

_PATIENCE_S = 15.0
"""How long a write waits for another process's."""


class LedgerError(OSError):
    """The ledger's file cannot be used; the text is one sentence for the operator."""


class SqliteLedger:
    """The rows in a file that other processes may write at the same time.

    Opened and used by one thread. `notice` is a sentence when something happened to the file at
    opening that the operator should know. Raises LedgerError.
    """

    def __init__(self, path: Path, *, now_ms: int) -> None:
        self.path = path
        self.notice: str | None = None
        self._writes = 0
        with self._told("opened"):
            self._db = self._open(now_ms)

    def open_entry(self, entry: Entry) -> None:
        """Write a row before its request's first byte leaves."""
        pid, start = owner.myself()
        self._write(entry, {"owner_pid": pid, "owner_start": start})

    def close_entry(self, entry: Entry) -> None:
        """Write how a row ended; one that has ended with more tokens stays as it is."""
        self._write(entry, {"owner_pid": None, "owner_start": None})

    def recent(self, limit: int, before: tuple[int, str] | None = None) -> list[Entry]:
        """Rows newest first, after the row (started_ms, id) that was shown last."""
        where = "WHERE (started_ms, id) < (?, ?)" if before else ""
        sql = f"SELECT * FROM entries {where} ORDER BY started_ms DESC, id DESC LIMIT ?"
        return [to_entry(dict(row)) for row in self._rows(sql, (*(before or ()), limit))]

    def newer(self, limit: int, after: tuple[int, str] | None = None) -> list[Entry]:
        """Rows newest first that come next after the row (started_ms, id); else the oldest."""
        where = "WHERE (started_ms, id) > (?, ?)" if after else ""
        sql = f"SELECT * FROM entries {where} ORDER BY started_ms, id LIMIT ?"
        return [to_entry(dict(row)) for row in self._rows(sql, (*(after or ()), limit))][::-1]

    def totals(self, since_ms: int | None = None) -> dict[Tier, Totals]:
        """Sums by tier over rows that started at or after a time, read from the rollup.

        Where the time is not a midnight of a row's zone, that one day is summed row by row.
        """
        from console.sources.ledger.migrations import TOTALS, part

        sums = ", ".join(f"sum({name})" for name in TOTALS)
        found: list[Sequence[Any]] = []
        if since_ms is None:
            found += self._rows(f"SELECT tier, {sums} FROM daily_totals GROUP BY tier", ())
        else:
            for (zone,) in self._rows("SELECT DISTINCT zone FROM daily_totals", ()):
                day = local_day(since_ms, zone)
                whole = is_midnight(since_ms, zone)
                found += self._rows(
                    f"SELECT tier, {sums} FROM daily_totals WHERE zone = ? AND day "
                    f"{'>=' if whole else '>'} ? GROUP BY tier",
                    (zone, day),
                )
                if not whole:
                    parts = ", ".join(f"sum({part(name, 'entries')})" for name in TOTALS)
                    found += self._rows(
                        f"SELECT tier, {parts} FROM entries WHERE zone = ? AND day = ? "
                        "AND started_ms >= ? GROUP BY tier",
                        (zone, day, since_ms),
                    )
        totals = {}
        for tier in Tier:
            columns = zip(*(tuple(row)[1:] for row in found if row[0] == tier), strict=True)
            values = [sum(column) for column in columns] or [0] * len(TOTALS)
            names = (name.replace("_nano_usd", "_nano") for name in TOTALS)
            totals[tier] = Totals(**dict(zip(names, values, strict=True)))
        return totals

    def change_stamp(self) -> int:
        """A number that differs after any write, by this process or another."""
        ((version,),) = self._rows("PRAGMA data_version", ())
        return int(version) << 32 | self._writes

    def mark_interrupted(self) -> int:
        """End the rows whose process is gone without having ended them; how many."""
        pending = self._rows(
            "SELECT id, owner_pid, owner_start FROM entries WHERE ending IS NULL", ()
        )
        gone = [
            (row["id"],) for row in pending if not owner.lives(row["owner_pid"], row["owner_start"])
        ]
        if gone:
            with self._transaction():
                self._db.conn.executemany(
                    "UPDATE entries SET ending = 'interrupted', owner_pid = NULL, "
                    "owner_start = NULL WHERE id = ? AND ending IS NULL",
                    gone,
                )
        return len(gone)

    def schema(self) -> str:
        """The SQL of all tables, views, indexes and triggers."""
        return str(self._db.schema)

    def close(self) -> None:
        """Move the write-ahead log into the file and close it."""
        with suppress(sqlite3.Error):
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self._db.close()

    def _write(self, entry: Entry, owned: dict[str, Any]) -> None:
        row = to_row(entry) | owned
        with self._transaction():
            try:
                self._upsert(row)
            except sqlite3.IntegrityError as error:
                if "response_id" not in str(error):
                    raise
                # Two attempts that a server gave one id: both count, the first keeps the id.
                self._upsert(row | {"response_id": None})

    def _upsert(self, row: dict[str, Any]) -> None:
        columns = ", ".join(row)
        values = ", ".join(f":{name}" for name in row)
        changed = ", ".join(f"{name} = excluded.{name}" for name in row if name != "id")
        grown = " AND ".join(
            f"coalesce(excluded.{name}, -1) >= coalesce(entries.{name}, -1)"
            for name in TOKENS
            if name in ("uncached_tokens", "output_tokens")
        )
        self._db.conn.execute(
            f"INSERT INTO entries ({columns}) VALUES ({values}) ON CONFLICT (id) DO UPDATE SET "
            f"{changed} WHERE entries.ending IS NULL OR (excluded.ending IS NOT NULL AND {grown})",
            row,
        )

    def _rows(self, sql: str, values: Sequence[Any]) -> list[sqlite3.Row]:
        """Fetched whole: a cursor left open would let the write-ahead log grow without bound."""
        with self._told("read"):
            return self._db.conn.execute(sql, values).fetchall()

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._told("written"):
            self._db.conn.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._db.conn.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):
                    self._db.conn.execute("ROLLBACK")
                raise
            self._writes += 1

    @contextmanager
    def _told(self, doing: str) -> Iterator[None]:
        """Turn what SQLite or the system says into a sentence."""
        try:
            yield
        except LedgerError:
            raise
        except (sqlite3.Error, OSError) as error:
            raise LedgerError(_sentence(self.path, doing, error)) from error

    def _open(self, now_ms: int) -> "Database":
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            return self._connect()
        except sqlite3.DatabaseError as error:
            if not _corrupt(error):
                raise
            aside = self.path.with_name(f"{self.path.name}.corrupt-{stamp(now_ms)}")
            for suffix in ("", "-wal", "-shm"):
                with suppress(FileNotFoundError):
                    Path(f"{self.path}{suffix}").replace(f"{aside}{suffix}")
            self.notice = (
                f"The ledger {self.path} was no readable database; it is kept as {aside.name}, "
                "and a new ledger was begun."
            )
            return self._connect()

    def _connect(self) -> "Database":
        # Imported here: it costs 85 ms that the first frame must not wait for.
        from sqlite_utils import Database

        # SQLite gives its -wal and -shm files the permissions of this one.
        os.close(os.open(self.path, os.O_CREAT | os.O_RDWR, 0o600))
        connection = sqlite3.connect(self.path, timeout=_PATIENCE_S, isolation_level=None)
        try:
            connection.row_factory = sqlite3.Row
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
            database = Database(connection)
            _migrate(database, self.path)
        except BaseException:
            connection.close()
            raise
        return database


def _migrate(database: "Database", path: Path) -> None:
    """Bring the schema up to this program's, one process at a time; refuse a newer one."""
    from console.sources.ledger.migrations import migrations

    known = {step.name for step in migrations._migrations}
    newer = {step.name for step in migrations.applied(database)} - known
    if newer:
        raise LedgerError(
            f"The ledger {path} was written by a newer llmconsole (it has {min(newer)}); "
            "upgrade this one, or name another file with XDG_DATA_HOME."
        )
    if not migrations.pending(database):
        return
    database.conn.execute("BEGIN IMMEDIATE")
    try:
        migrations.apply(database)
        database.conn.execute("COMMIT")
    except BaseException:
        with suppress(sqlite3.Error):
            database.conn.execute("ROLLBACK")
        raise


def _corrupt(error: sqlite3.DatabaseError) -> bool:
    code = getattr(error, "sqlite_errorcode", None)
    return code in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT)


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
        case _:
            reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
            what = f"{reason}; check the file and the permissions of its folder"
    return f"The ledger {path} cannot be {doing}: {what}."
