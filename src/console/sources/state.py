"""What the operator left open, remembered between runs in one small JSON file."""

import json
from contextlib import suppress
from pathlib import Path

from console.sources.places import write_whole


class StateFile:
    """Values by name; what cannot be read or written is forgotten without a word."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def get(self, name: str) -> object:
        """A remembered value (JSON), or None."""
        return self._read().get(name)

    def put(self, name: str, value: object) -> None:
        """Remember a value; never raises.

        The file is read again first, so that two consoles keep each other's values.
        """
        with suppress(OSError, ValueError, TypeError, RecursionError):
            write_whole(self._path, json.dumps({**self._read(), name: value}, indent=1))

    def _read(self) -> dict[str, object]:
        try:
            values = json.loads(self._path.read_bytes())
        except (OSError, ValueError, RecursionError):
            return {}
        return values if isinstance(values, dict) else {}
