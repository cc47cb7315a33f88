"""Rows and sums of the ledger as CSV, JSON lines or a Markdown table."""

import csv
import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from io import StringIO
from typing import Any

from console.core.entry import Entry, Totals
from console.core.money import to_usd
from console.core.text import spreadsheet_safe
from console.core.tier import Tier
from console.sources.ledger.rows import to_row


class Format(StrEnum):
    """What an export can be."""

    CSV = "csv"
    JSONL = "jsonl"
    MARKDOWN = "md"


_SHORT = (
    "started", "tier", "model", "prompt_tokens", "cache_read_tokens", "output_tokens",
    "spent_usd", "ttft_ms", "ending", "reason",
)  # fmt: skip
"""Columns of a Markdown table of rows, which is for reading."""


def row_fields(entry: Entry) -> dict[str, Any]:
    """A row as its columns in the file, with what follows from them; money in dollars, as text."""
    columns = to_row(entry)
    started = datetime.fromtimestamp(entry.started_ms / 1000, UTC)
    fields: dict[str, Any] = {"started": started.isoformat(timespec="milliseconds")}
    fields |= {name: value for name, value in columns.items() if not name.endswith("_nano_usd")}
    fields["prompt_tokens"] = entry.usage.prompt
    for name, nano in (
        ("spent", entry.spent_nano),
        ("cost", entry.cost_nano),
        ("energy", entry.energy_nano),
        ("hardware", entry.hardware_nano),
        ("shadow", entry.shadow_nano),
        ("saved", entry.saved_nano),
        ("saved_loaded", entry.saved_loaded_nano),
    ):
        fields[f"{name}_usd"] = None if nano is None else f"{to_usd(nano):f}"
    return fields


def group_fields(key_name: str, key: str, tier: Tier, totals: Totals) -> dict[str, Any]:
    """A sum as named fields; money in dollars, as text."""
    fields: dict[str, Any] = {key_name: key, "tier": str(tier)}
    for name in Totals.__dataclass_fields__:
        value = getattr(totals, name)
        if name.endswith("_nano"):
            fields[f"{name.removesuffix('_nano')}_usd"] = f"{to_usd(value):f}"
        else:
            fields[name] = value
    return fields


def export(
    records: Iterable[Mapping[str, Any]], format: Format, *, headed: bool = True
) -> Iterator[str]:
    """The text of an export, a line or so at a time; unknown is empty, or null in JSON.

    Without `headed` the heads are left out, for what follows an earlier part.
    """
    match format:
        case Format.JSONL:
            for record in records:
                yield json.dumps(dict(record), separators=(",", ":")) + "\n"
        case Format.CSV:
            yield from _csv(records, headed)
        case Format.MARKDOWN:
            yield from _markdown(records, headed)


def _csv(records: Iterable[Mapping[str, Any]], headed: bool) -> Iterator[str]:
    for record in records:
        buffer = StringIO()
        writer = csv.writer(buffer, lineterminator="\n")
        if headed:
            writer.writerow(record)
            headed = False
        writer.writerow([_cell(value) for value in record.values()])
        yield buffer.getvalue()


def _cell(value: object) -> object:
    """A value for a spreadsheet, which must not take a model's text for a formula."""
    return spreadsheet_safe(value) if isinstance(value, str) else value


def _markdown(records: Iterable[Mapping[str, Any]], headed: bool) -> Iterator[str]:
    for record in records:
        names = _SHORT if "id" in record else tuple(record)
        if headed:
            yield f"| {' | '.join(names)} |\n|{'---|' * len(names)}\n"
            headed = False
        cells = ("-" if record[name] is None else _escaped(str(record[name])) for name in names)
        yield f"| {' | '.join(cells)} |\n"


def _escaped(text: str) -> str:
    for special in "\\|`*_[]<>":
        text = text.replace(special, f"\\{special}")
    return text.replace("\n", " ")
