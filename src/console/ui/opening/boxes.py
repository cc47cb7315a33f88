"""Where the status line, the panes and the key bar stand on a terminal."""

from typing import NamedTuple

from console.ui.draw.shape import shape
from console.ui.places import CHAT, GPU, LEDGER, WHATIF, Place

_ROWS = 20
"""Rows of the grid that the panes share, as the style sheet has it."""


class Box(NamedTuple):
    """A pane's frame: the cell of its upper left corner, its columns and rows."""

    place: Place
    x: int
    y: int
    width: int
    height: int


class Layout(NamedTuple):
    """The panes on screen, and whether a line of tabs names those that are not."""

    boxes: tuple[Box, ...]
    tabs: bool


_PAIR = ((GPU, 0, 0, 9), (CHAT, 1, 0, 11), (LEDGER, 0, 9, 20), (WHATIF, 1, 11, 20))
_TRIO = ((GPU, 0, 0, 9), (LEDGER, 1, 0, 20), (CHAT, 2, 0, 20), (WHATIF, 0, 9, 20))
"""Each pane's column of the grid, its first row and the row after its last."""


def layout(width: int, height: int, current: Place, *, zoomed: bool) -> Layout | None:
    """How the panes stand; None where there is no room for them."""
    classes = shape(width, height)
    if "-too-narrow" in classes or "-too-low" in classes:
        return None
    if zoomed or "-narrow" in classes or "-low" in classes:
        return Layout((Box(current, 0, 2, width, height - 3),), tabs=True)
    grid = _TRIO if "-wide" in classes else _PAIR
    columns, high = (3 if grid is _TRIO else 2), height - 2
    boxes = []
    for place, column, first, end in grid:
        x, right = (width * at // columns for at in (column, column + 1))
        y, bottom = (high * at // _ROWS for at in (first, end))
        boxes.append(Box(place, x, 1 + y, right - x, bottom - y))
    return Layout(tuple(boxes), tabs=False)
