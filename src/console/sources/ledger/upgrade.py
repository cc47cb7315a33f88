"""Bringing an older ledger's schema up to date before it is opened, told step by step."""

import sqlite3
from contextlib import suppress
from pathlib import Path

from console.sources.ledger.database import is_up_to_date, migrate, told
from console.sources.sqlite_file import create


def is_due(path: Path) -> bool:
    """Whether a ledger has an older schema; False where it is none that can be read."""
    with suppress(OSError, sqlite3.Error):
        connection = create(path)
        try:
            return not is_up_to_date(connection)
        finally:
            connection.close()
    return False


class Upgrade:
    """An upgrade of one ledger, run in a thread; others read how far it is, and may stop it.

    `rows` is about how many rows there are, `step` what is being made, `number` of `steps`.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection: sqlite3.Connection | None = None
        self._stopped = False
        self.rows = 0
        self.step = ""
        self.number = self.steps = 0

    def run(self) -> None:
        """Make what is missing; raises OSError with a sentence. A stopped step is undone."""
        with told(self._path, "brought up to date"):
            self._connection = connection = create(self._path)
            try:
                ((last,),) = connection.execute("SELECT max(rowid) FROM entries").fetchall()
                self.rows = int(last or 0)
                migrate(connection, self._path, self._tell)
            finally:
                connection.close()

    def stop(self) -> None:
        """Give up, from another thread; what was done by then stays done."""
        self._stopped = True
        with suppress(sqlite3.Error):
            if self._connection is not None:
                self._connection.interrupt()

    def _tell(self, step: str, number: int, steps: int) -> None:
        if self._stopped:
            raise sqlite3.OperationalError("interrupted")
        self.step, self.number, self.steps = step, number, steps
