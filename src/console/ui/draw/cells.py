"""Lines cell by cell, and where two of them differ."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import zip_longest

from rich.cells import cell_len, split_graphemes

from console.ui.draw.line import Run

Cell = tuple[str, str]
"""What stands in a cell, and its style; the right half of a wide character is empty."""


def cells_of(line: Iterable[Run]) -> list[Cell]:
    """What stands in each cell; a wide character fills two, a combining one joins its base."""
    cells: list[Cell] = []
    for text, style in line:
        if text.isascii() or cell_len(text) == len(text):
            cells += [(character, style) for character in text]
            continue
        for start, end, width in split_graphemes(text)[0]:
            if width:
                cells += [(text[start:end], style)] + [("", style)] * (width - 1)
            elif cells:
                cells[-1] = (cells[-1][0] + text[start:end], cells[-1][1])
    return cells


def spans(
    old: Sequence[Cell | None], new: Sequence[Cell | None], gap: int
) -> Iterator[tuple[int, int]]:
    """The [start, end) columns where two rows of cells differ, those up to `gap` apart joined."""
    start = end = None
    for column, (before, after) in enumerate(zip_longest(old, new)):
        if before == after:
            continue
        if start is None or end is None:
            start = column
        elif column - end > gap:
            yield start, end
            start = column
        end = column + 1
    if start is not None and end is not None:
        yield start, end
