"""Columns of fixed width, of which the less important are left out when there is no room."""

from collections.abc import Sequence
from typing import NamedTuple

from rich.cells import cell_len, set_cell_size

from console.ui.draw.line import Line, Run


class Column(NamedTuple):
    """A column: its head, its width, its side; those of rank 0 are never left out.

    The others come in the order of their rank, as far as they fit. A column takes up to `grows`
    cells more when there is room, and gives up to `gives` where there is none.
    """

    name: str
    width: int
    rank: int = 0
    right: bool = False
    grows: int = 0
    gives: int = 0


def fit(columns: Sequence[Column], width: int) -> dict[str, int]:
    """The columns that fit into `width` cells with one between them, and the width each gets."""
    widths: dict[str, int] = {}
    spare = width + 1
    for column in sorted(columns, key=lambda column: column.rank):
        if column.rank == 0 or column.width < spare:
            widths[column.name] = column.width
            spare -= column.width + 1
    for column in columns:
        if column.name in widths:
            change = max(-column.gives, min(spare, column.grows))
            widths[column.name] += change
            spare -= change
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
