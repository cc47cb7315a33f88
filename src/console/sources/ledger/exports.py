"""A folder of exports: what is shown of the ledger, as CSV, JSON lines and Markdown."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from console.core.entry import Entry
from console.core.group import Group
from console.core.query import Grouping
from console.sources.ledger.export import Format, export, group_fields, row_fields
from console.sources.places import write_whole


class ExportFolder:
    """Writes files for the operator's eyes only (0600); raises OSError with a sentence."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def rows(self, rows: Iterable[Entry], at_ms: int) -> list[str]:
        """Write rows; the paths of the files."""
        return self._write("ledger", list(map(row_fields, rows)), at_ms)

    def groups(self, groups: Iterable[Group], by: Grouping, at_ms: int) -> list[str]:
        """Write sums; the paths of the files."""
        records = [group_fields(by, group.key, group.tier, group.totals) for group in groups]
        return self._write(f"ledger-by-{by}", records, at_ms)

    def _write(self, name: str, records: Sequence[Mapping[str, Any]], at_ms: int) -> list[str]:
        stamp = datetime.fromtimestamp(at_ms / 1000, UTC).strftime("%Y%m%dT%H%M%SZ")
        paths = [self.folder / f"{name}-{stamp}.{format}" for format in Format]
        try:
            for path, format in zip(paths, Format, strict=True):
                write_whole(path, "".join(export(records, format)))
        except OSError as error:
            raise OSError(f"{self.folder} cannot be written: {error.strerror}.") from error
        return [str(path) for path in paths]
