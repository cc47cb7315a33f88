"""The ledger in one SQLite file: one short transaction per write, totals from a rollup."""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from console.core.entry import Entry, Totals
from console.core.query import ALL, Found, Grouping, Query
from console.core.tier import Tier
from console.core.verdict import Verdict
from console.sources.ledger import owner, verdicts
from console.sources.ledger.database import LedgerError, open_or_set_aside, told
from console.sources.ledger.pages import place_of, steps
from console.sources.ledger.rows import to_entry
from console.sources.ledger.sums import sum_steps, sums
from console.sources.ledger.writes import RowWriter
from console.sources.sqlite_file import connect

__all__ = ["LedgerError", "LedgerReader", "SqliteLedger"]


class LedgerReader:
    """Reads of the ledger's file, on a connection of their own; raises LedgerError.

    Used by one thread, but for `interrupt`. Opens the file at first use, which must exist.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._db: sqlite3.Connection | None = None

    def recent(self, limit: int, before: tuple[int, str] | None = None) -> list[Entry]:
        """Rows newest first, after the row (started_ms, id) that was shown last."""
        where = "WHERE (started_ms, id) < (?, ?)" if before else ""
        sql = f"SELECT * FROM entries {where} ORDER BY started_ms DESC, id DESC LIMIT ?"
        return [to_entry(dict(row)) for row in self.rows(sql, (*(before or ()), limit))]

    def newer(self, limit: int, after: tuple[int, str] | None = None) -> list[Entry]:
        """Rows newest first that come next after the row (started_ms, id); else the oldest."""
        where = "WHERE (started_ms, id) > (?, ?)" if after else ""
        sql = f"SELECT * FROM entries {where} ORDER BY started_ms, id LIMIT ?"
        return [to_entry(dict(row)) for row in self.rows(sql, (*(after or ()), limit))][::-1]

    def page(
        self, query: Query, limit: int, after: Entry | None, now_ms: int, zone: str
    ) -> list[Entry]:
        """Rows of a filter in its order, those that follow `after`."""
        place = None if after is None else place_of(after, query.sort)
        window = query.window_ms(now_ms, zone)
        *_, last = steps(self.rows, query, limit, place, window)
        return [to_entry(dict(row)) for row in last.value]

    def page_steps(
        self, query: Query, limit: int, after: Entry | None, now_ms: int, zone: str
    ) -> Iterator[Found[list[Entry]]]:
        """The same in short reads, each of which tells what is known so far."""
        place = None if after is None else place_of(after, query.sort)
        for step in steps(self.rows, query, limit, place, query.window_ms(now_ms, zone)):
            yield Found([to_entry(dict(row)) for row in step.value], step.edge_ms)

    def totals(
        self, since_ms: int | None = None, until_ms: int | None = None
    ) -> dict[Tier, Totals]:
        """Sums by tier over rows that began in a window, read from the rollup.

        Where a bound is not a midnight of a row's zone, that one day is summed row by row.
        """
        found = sums(self.rows, ALL, None, (since_ms, until_ms))
        return found.get("", {tier: Totals() for tier in Tier})

    def groups(
        self, query: Query, by: Grouping | None, now_ms: int, zone: str
    ) -> dict[str, dict[Tier, Totals]]:
        """Sums of a filter's rows by group and tier; without a grouping under the key ""."""
        return sums(self.rows, query, by, query.window_ms(now_ms, zone))

    def group_steps(
        self, query: Query, by: Grouping | None, now_ms: int, zone: str
    ) -> Iterator[Found[dict[str, dict[Tier, Totals]]]]:
        """The same in short reads, each of which tells what is known so far."""
        return sum_steps(self.rows, query, by, query.window_ms(now_ms, zone))

    def first_ms(self) -> int | None:
        """When the oldest row began."""
        ((first,),) = self.rows("SELECT min(started_ms) FROM entries", ())
        return None if first is None else int(first)

    def get(self, id: str) -> Entry | None:
        """The row whose id begins so, if it is the only one."""
        sql = "SELECT * FROM entries WHERE id >= ? AND substr(id, 1, ?) = ? ORDER BY id LIMIT 2"
        found = self.rows(sql, (id, len(id), id))
        exact = [row for row in found if row["id"] == id] or found
        return to_entry(dict(exact[0])) if len(exact) == 1 else None

    def kin(self, entry: Entry) -> list[Entry]:
        """The row and those that belong together with it by `parent`, oldest first."""
        sql = (
            "SELECT * FROM entries WHERE id IN (:id, :parent) OR parent IN (:id, :parent) "
            "ORDER BY started_ms, id LIMIT 100"
        )
        ids = {"id": entry.id, "parent": entry.parent}
        return [to_entry(dict(row)) for row in self.rows(sql, ids)]

    def repricings(self, id: str) -> list[dict[str, Any]]:
        """Each repricing of a row, oldest first: when, which figure, old and new."""
        sql = (
            "SELECT at_ms, figure, repriced.old_nano_usd AS old_nano, old_source, old_rates, "
            "repriced.new_nano_usd AS new_nano, new_source, new_rates "
            "FROM repriced JOIN repricings ON repricing = id WHERE entry = ? ORDER BY repricing"
        )
        return [dict(row) for row in self.rows(sql, (id,))]

    def verdicts(self) -> list[Verdict]:
        """What was said of compared replies, oldest first."""
        return verdicts.read(self.rows)

    def change_stamp(self) -> int:
        """A number that differs after any write of another connection."""
        ((version,),) = self.rows("PRAGMA data_version", ())
        return int(version)

    def schema(self) -> str:
        """The SQL of all tables, views, indexes and triggers."""
        return ";\n".join(sql for (sql,) in self.rows(_SCHEMA, ())) + ";"

    def rows(self, sql: str, values: Sequence[Any] | Mapping[str, Any]) -> list[sqlite3.Row]:
        """Fetched whole: a cursor left open would let the write-ahead log grow without bound."""
        with told(self.path, "read"):
            return self._connection().execute(sql, values).fetchall()

    def interrupt(self) -> None:
        """End the read that is under way in another thread, which then raises LedgerError."""
        if self._db is not None:
            self._db.interrupt()

    def close(self) -> None:
        """Close the connection."""
        if self._db is not None:
            self._db.close()
            self._db = None

    def _connection(self) -> sqlite3.Connection:
        if self._db is None:
            # Closed by whoever opened it; interrupted by another thread.
            self._db = connect(self.path, read_only=True)
        return self._db


_SCHEMA = """
    SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'
    ORDER BY CASE type WHEN 'table' THEN 1 WHEN 'view' THEN 2 WHEN 'index' THEN 3 ELSE 4 END, rowid
"""


class SqliteLedger(LedgerReader):
    """The rows in a file that other processes may write at the same time.

    Opened and used by one thread. `notice` is a sentence when something happened to the file at
    opening that the operator should know. Raises LedgerError.
    """

    def __init__(self, path: Path, *, now_ms: int) -> None:
        super().__init__(path)
        self._writes = 0
        self._rows = RowWriter()
        with told(path, "opened"):
            self._db, self.notice = open_or_set_aside(path, now_ms)

    def reader(self) -> LedgerReader:
        """A reader of the same file, for another thread."""
        return LedgerReader(self.path)

    def open_entry(self, entry: Entry) -> None:
        """Write a row before its request's first byte leaves."""
        with self.transaction() as db:
            self._rows.open(db, entry)

    def close_entry(self, entry: Entry) -> None:
        """Write how a row ended; one that has ended with more tokens stays as it is."""
        with self.transaction() as db:
            self._rows.close(db, entry)

    def add(self, entries: Iterable[Entry]) -> int:
        """Write ended rows in one transaction, those that are new; how many there were."""
        before = self._connection().total_changes
        with self.transaction() as db:
            for entry in entries:
                self._rows.close(db, entry)
        return self._connection().total_changes - before

    def change_stamp(self) -> int:
        """A number that differs after any write, by this process or another."""
        return super().change_stamp() << 32 | self._writes

    def keep_verdict(self, verdict: Verdict) -> None:
        """Keep what was said of two replies; a second verdict on the pair replaces the first."""
        with self.transaction() as db:
            verdicts.write(db, verdict)

    def keep_unpinning(self, at_ms: int, conversation: str, pin: str, reason: str) -> None:
        """Keep that a conversation was let off the box: what had pinned it, and why it may go."""
        with self.transaction() as db:
            db.execute(
                "INSERT INTO unpinnings VALUES (?, ?, ?, ?)", (at_ms, conversation, pin, reason)
            )

    def mark_interrupted(self) -> int:
        """End the rows whose process is gone without having ended them; how many."""
        pending = self.rows(
            "SELECT id, owner_pid, owner_start FROM entries WHERE ending IS NULL", ()
        )
        gone = [
            (row["id"],) for row in pending if not owner.lives(row["owner_pid"], row["owner_start"])
        ]
        if gone:
            with self.transaction() as db:
                db.executemany(
                    "UPDATE entries SET ending = 'interrupted', owner_pid = NULL, "
                    "owner_start = NULL WHERE id = ? AND ending IS NULL",
                    gone,
                )
        return len(gone)

    def close(self) -> None:
        """Move the write-ahead log into the file and close it."""
        if self._db is not None:
            with suppress(sqlite3.Error):
                self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        super().close()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """One short turn as the file's only writer: all of it is kept, or nothing."""
        with told(self.path, "written"):
            db = self._connection()
            db.execute("BEGIN IMMEDIATE")
            try:
                yield db
                db.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):
                    db.execute("ROLLBACK")
                raise
            self._writes += 1

    def _connection(self) -> sqlite3.Connection:
        if self._db is None:
            raise LedgerError(f"The ledger {self.path} is closed.")
        return self._db
