"""Breaking a line into rows of a given width, in cells."""

import re
from collections.abc import Iterator
from itertools import pairwise

from rich.cells import cell_len

from console.ui.draw.line import Line, Run, plain

# No-break spaces keep a figure and its unit on one row.
_WORD = re.compile(r"[^ ]+ *| +")


def wrapped(line: Line, width: int) -> list[list[Run]]:
    """The rows of a line: broken at spaces, words longer than a row cut where it ends.

    Later text never changes any row but the last, so a growing line keeps its rows.
    """
    text = plain(line)
    starts = [*_starts(text, max(1, width)), len(text)]
    if len(starts) == 2:
        return [list(line)]
    return [list(_cut(line, start, end)) for start, end in pairwise(starts)]


def _starts(text: str, width: int) -> Iterator[int]:
    """Where each row starts, as offsets into the text."""
    yield 0
    if text.isascii() and len(text) <= width:
        return
    column = 0
    for match in _WORD.finditer(text):
        word = match[0].rstrip(" ")
        size = cell_len(word)
        if column and column + size > width:
            yield match.start()
            column = 0
        if size > width:
            for offset, cells in _folds(word, width):
                column = cells
                if offset:
                    yield match.start() + offset
        else:
            column += size
        column += len(match[0]) - len(word)


def _folds(word: str, width: int) -> Iterator[tuple[int, int]]:
    """The pieces of a long word: where each starts, and how many cells it fills."""
    if word.isascii():
        for start in range(0, len(word), width):
            yield start, min(width, len(word) - start)
        return
    start = column = 0
    for offset, character in enumerate(word):
        size = cell_len(character)
        if column and column + size > width:
            yield start, column
            start, column = offset, 0
        column += size
    yield start, column


def _cut(line: Line, start: int, end: int) -> Iterator[Run]:
    """The runs of a line between two offsets."""
    at = 0
    for text, style in line:
        piece = text[max(0, start - at) : max(0, end - at)]
        if piece:
            yield piece, style
        at += len(text)
