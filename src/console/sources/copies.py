"""Texts that the operator wants as files: each in one of its own, for their eyes only."""

from datetime import UTC, datetime
from pathlib import Path

from console.sources.places import write_whole

_MOST_OF_ONE_SECOND = 1000


class Copies:
    """A folder of copied texts, named by the time at which they were copied."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def keep(self, text: str, now_ms: int) -> str:
        """Write a text into a new file, 0600; its path. Raises OSError."""
        stamp = datetime.fromtimestamp(now_ms / 1000, UTC).strftime("%Y%m%dT%H%M%SZ")
        for number in range(_MOST_OF_ONE_SECOND):
            path = self.folder / (f"{stamp}-{number}.txt" if number else f"{stamp}.txt")
            if not path.exists():
                break
        write_whole(path, text)
        return str(path)
