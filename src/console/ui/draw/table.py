"""Columns of fixed width, of which the less important are left out when there is no room."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len, set_cell_size

from console.ui.draw.line import Line, Run


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its head, its width, its side; `rank` 0 is never left out, the highest goes first.

    `grows` cells at most are added when there is room.
    """

    name: str
    width: int
    rank: int = 0
    right: bool = False
    grows: int = 0


def fit(columns: Sequence[Column], width: int) -> dict[str, int]:
    """The columns that fit into `width` cells with one between them, and the width each gets."""
    chosen = list(columns)
    while chosen and sum(column.width + 1 for column in chosen) - 1 > width:
        last = max(chosen, key=lambda column: column.rank)
        if last.rank == 0:
            break
        chosen.remove(last)
    spare = width - (sum(column.width + 1 for column in chosen) - 1)
    widths = {column.name: column.width for column in chosen}
    for column in chosen:
        more = max(0, min(spare, column.grows))
        widths[column.name] += more
        spare -= more
    return widths


def cell(text: str, width: int, *, right: bool = False) -> str:
    """`text` in exactly `width` cells, cut with … when it is longer."""
    length = cell_len(text)
    if length > width:
        return set_cell_size(text, width - 1) + "…" if width > 0 else ""
    fill = " " * (width - length)
    return fill + text if right else text + fill


def row(columns: Sequence[Column], widths: dict[str, int], cells: dict[str, Run]) -> list[Run]:
    """One line of the table; cells are by column name."""
    runs: list[Run] = []
    for column in columns:
        if column.name in widths:
            text, style = cells.get(column.name, ("", ""))
            runs += [(" ", "")] if runs else []
            runs.append((cell(text, widths[column.name], right=column.right), style))
    return runs


def in_style(line: Line, style: str, width: int) -> list[Run]:
    """A line all in one style, filled to `width` cells."""
    text = "".join(text for text, _ in line)
    return [(cell(text, width), style)]
