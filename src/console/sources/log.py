"""The log: what went wrong inside the program, for whoever mends it."""

import logging
from contextlib import suppress
from pathlib import Path
from time import gmtime

from console.sources.places import append


class LogFile(logging.Handler):
    """Adds records to the end of a file, which is made with the first of them."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path
        form = logging.Formatter("%(asctime)sZ %(message)s", "%Y-%m-%dT%H:%M:%S")
        form.converter = gmtime
        self.setFormatter(form)

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record; where that cannot be done nobody is told, for there is a screen."""
        with suppress(OSError):
            append(self._path, self.format(record) + "\n")


def log_to(path: Path) -> None:
    """Keep what the program logs in a file, and off the terminal."""
    logger = logging.getLogger("console")
    logger.handlers = [LogFile(path)]
    logger.propagate = False
