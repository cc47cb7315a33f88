"""How a row is written: opened, closed where it was opened, or put in whole."""

import sqlite3
from typing import Any

from console.core.entry import Entry
from console.sources.ledger import owner
from console.sources.ledger.rows import COLUMNS, KNOWN_AT_OPENING, values


class RowWriter:
    """Writes rows on one connection, inside its transactions.

    It remembers what it opened: a row's end then changes only what was not known before, and no
    index of what was.
    """

    def __init__(self) -> None:
        self._opened: dict[str, tuple[Any, ...]] = {}

    def open(self, db: sqlite3.Connection, entry: Entry) -> None:
        """Put a row in whose request this process has in flight."""
        row = values(entry)
        _put(db, row, owner.myself())
        self._opened[entry.id] = row[:KNOWN_AT_OPENING]

    def close(self, db: sqlite3.Connection, entry: Entry) -> None:
        """Write how a row ended; one that has ended with more tokens stays as it is."""
        row = values(entry)
        if self._opened.pop(entry.id, None) == row[:KNOWN_AT_OPENING]:
            end = (*row[KNOWN_AT_OPENING:], entry.id)
            try:
                if db.execute(_CLOSE, end).rowcount:
                    return
            except sqlite3.IntegrityError as error:
                if not _is_shared_id(error):
                    raise
        _put(db, row, _NOBODY)


def _put(db: sqlite3.Connection, row: tuple[Any, ...], owned: tuple[Any, ...]) -> None:
    try:
        db.execute(_UPSERT, row + owned)
    except sqlite3.IntegrityError as error:
        if not _is_shared_id(error):
            raise
        # Two attempts that a server gave one id: both count, the first keeps the id.
        at = COLUMNS.index("response_id")
        db.execute(_UPSERT, (*row[:at], None, *row[at + 1 :], *owned))


def _is_shared_id(error: sqlite3.IntegrityError) -> bool:
    return "response_id" in str(error)


_OWNER = ("owner_pid", "owner_start")
_NOBODY = (None, None)


def _upsert() -> str:
    """One statement for opening and closing; an ended row is only ever replaced by a fuller one."""
    names = (*COLUMNS, *_OWNER)
    changed = ", ".join(f"{name} = excluded.{name}" for name in names if name != "id")
    grown = " AND ".join(
        f"coalesce(excluded.{name}, -1) >= coalesce(entries.{name}, -1)"
        for name in ("uncached_tokens", "output_tokens")
    )
    return (
        f"INSERT INTO entries ({', '.join(names)}) VALUES ({', '.join('?' * len(names))}) "
        f"ON CONFLICT (id) DO UPDATE SET {changed} WHERE entries.ending IS NULL "
        f"OR (excluded.ending IS NOT NULL AND {grown})"
    )


_UPSERT = _upsert()
_CLOSE = (
    f"UPDATE entries SET {', '.join(f'{name} = ?' for name in COLUMNS[KNOWN_AT_OPENING:])}, "
    f"{', '.join(f'{name} = NULL' for name in _OWNER)} WHERE id = ? AND ending IS NULL"
)
