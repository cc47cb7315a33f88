"""Which shape the panes take at which size of the terminal."""

from collections.abc import Sequence

WIDE = 180
"""Columns from which three stand side by side."""

Bounds = list[tuple[int, str]]
"""Classes by the least size that they are for, the smallest first."""

BY_WIDTH: Bounds = [(0, "-too-narrow"), (40, "-narrow"), (100, "-normal"), (WIDE, "-wide")]
BY_HEIGHT: Bounds = [(0, "-too-low"), (12, "-low"), (28, "-high")]


def shape(width: int, height: int) -> Sequence[str]:
    """The classes of a screen of this size."""
    return [
        [name for least, name in bounds if cells >= least][-1]
        for cells, bounds in ((width, BY_WIDTH), (height, BY_HEIGHT))
    ]
