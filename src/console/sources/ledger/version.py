"""The version of the ledger's schema, and how a file tells its own without being opened."""

from contextlib import suppress
from pathlib import Path

LATEST = "m018_latest"
"""The last step of the schema; a ledger that ends with it is opened without loading the steps."""

NUMBER = int(LATEST[1:4])
"""The same as the file's `user_version`."""

_HEADER = 100
_USER_VERSION = slice(60, 64)
"""Where an SQLite file's header keeps it."""


def may_be_older(path: Path) -> bool:
    """Whether there is a file that does not say at once that its schema is this program's.

    An upgrade can still be in the write-ahead log alone, and a file no ledger at all.
    """
    with suppress(OSError), path.open("rb") as file:
        header = file.read(_HEADER)
        return len(header) == _HEADER and header[_USER_VERSION] != NUMBER.to_bytes(4)
    return False
