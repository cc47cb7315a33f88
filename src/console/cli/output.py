"""What verbs print: one line of JSON, or aligned text."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from console.core.entry import Entry, Totals
    from console.core.routing.decision import Decision

UNKNOWN = "-"


def print_json(value: object) -> None:
    """Print one line of JSON; its escapes leave nothing that could command a terminal."""
    click.echo(json.dumps(value, separators=(",", ":"), default=str))


def entry_json(entry: "Entry") -> dict[str, Any]:
    """A ledger row: every field, and the figures that follow from them."""
    return _with_usd(
        {
            **asdict(entry),
            "spent_nano": entry.spent_nano,
            "duration_ms": entry.duration_ms,
            "output_per_s": entry.output_per_s,
            "prompt_tokens": entry.usage.prompt,
        }
    )


def totals_json(totals: "Totals") -> dict[str, Any]:
    """Sums over rows."""
    return _with_usd(asdict(totals))


def decision_json(decision: "Decision") -> dict[str, Any]:
    """Where a request goes, where it might have gone, and why."""
    from console.core.routing.report import as_mapping

    return as_mapping(decision)


def _with_usd(fields: Mapping[str, Any]) -> dict[str, Any]:
    dollars = {
        f"{name.removesuffix('_nano')}_usd": None if value is None else value / 1e9
        for name, value in fields.items()
        if name.endswith("_nano")
    }
    return {**fields, **dollars}


def usd(nano: int | None) -> str:
    """Nano-dollars for reading: cents from a dollar up, millionths below."""
    if nano is None:
        return UNKNOWN
    places = 2 if nano == 0 or abs(nano) >= 1_000_000_000 else 6
    return f"${nano / 1e9:,.{places}f}"


def count(number: int | None, *, about: bool = False) -> str:
    """A whole number; `about` marks an estimate."""
    return UNKNOWN if number is None else f"{'~' if about else ''}{number:,}"


def seconds(milliseconds: int | None) -> str:
    """A length of time."""
    return UNKNOWN if milliseconds is None else f"{milliseconds / 1000:.1f} s"


def print_table(titles: Sequence[str], rows: Iterable[Sequence[str]], *, left: int = 1) -> None:
    """Print aligned columns: the first `left` and the last to the left, numbers to the right.

    A title that begins with `<` has its column to the left too.
    """
    to_left = [at < left or title.startswith("<") for at, title in enumerate(titles)]
    lines = [[title.removeprefix("<") for title in titles], *(list(row) for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        cells = zip(line, widths, to_left, strict=True)
        shown = (cell.ljust(width) if first else cell.rjust(width) for cell, width, first in cells)
        click.echo("  ".join(shown).rstrip())
