"""Line charts in braille dots, as lines of runs: no terminal, no widget."""

from collections.abc import Callable, Iterable, Sequence
from math import ceil, floor, isfinite, log10
from typing import NamedTuple

from console.ui.draw.line import Line, Run

_DOTS = ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))
"""Bits of a braille cell by column, then row from the top."""

Points = Sequence[tuple[float, float]]


class Scale(NamedTuple):
    """An axis from `low` to `high`; a logarithmic one needs `low` above 0.

    Ticks of a linear one are a power of ten times one of `steps` apart.
    """

    low: float
    high: float
    log: bool = False
    steps: Sequence[float] = (1, 2, 5, 10)

    def share(self, value: float) -> float:
        """Where a value falls: 0 at `low`, 1 at `high`; outside values fall outside."""
        low, high, at = self.low, self.high, value
        if self.log:
            if value <= 0:
                return -1.0
            low, high, at = log10(low), log10(high), log10(value)
        return (at - low) / (high - low) if high != low else 0.5

    def ticks(self, most: int) -> list[float]:
        """At most about `most` round values inside the axis."""
        if self.log:
            first, last = ceil(log10(self.low) - 1e-9), floor(log10(self.high) + 1e-9)
            step = max(1, ceil((last - first + 1) / max(1, most)))
            return [10.0**decade for decade in range(first, last + 1, step)]
        rough = (self.high - self.low) / max(1, most)
        if rough <= 0:
            return [self.low]
        size = 10.0 ** floor(log10(rough))
        step_by = next(size * of for of in self.steps if size * of >= rough * (1 - 1e-9))
        return [
            step_by * count
            for count in range(
                ceil(self.low / step_by - 1e-9), floor(self.high / step_by + 1e-9) + 1
            )
        ]


class Curve(NamedTuple):
    """One series: its points in order of x, and its style. None as y breaks the line."""

    points: Sequence[tuple[float, float | None]]
    style: str


class Mark(NamedTuple):
    """A point that is called out with a sign."""

    x: float
    y: float
    sign: str
    style: str = "strong"


def chart(
    curves: Sequence[Curve],
    width: int,
    height: int,
    x: Scale,
    y: Scale,
    *,
    marks: Iterable[Mark] = (),
    x_label: Callable[[float], str] = lambda value: f"{value:g}",
    y_label: Callable[[float], str] = lambda value: f"{value:g}",
) -> list[Line]:
    """Curves over two axes in `width` × `height` cells; later curves lie on top.

    Empty when there is no room for a plot of 4 × 2 cells.
    """
    y_names = _y_names(height, y, y_label)
    columns, rows = plot_columns(width, height, y, y_label), height - 2
    if columns < 4 or rows < 2:
        return []
    gutter = width - columns
    cells = _plot(curves, columns, rows, x, y)
    for mark in marks:
        column, row = round(x.share(mark.x) * (columns - 1)), _row(y, mark.y, rows)
        if 0 <= column < columns and 0 <= row < rows:
            cells[row][column] = (mark.sign, mark.style)
    names = {_row(y, tick, rows): name for tick, name in y_names}
    lines: list[Line] = [
        [
            (f"{names.get(row, ''):>{gutter - 1}}" + ("┤" if row in names else "│"), "dim"),
            *_runs(cells[row]),
        ]
        for row in range(rows)
    ]
    rule, legend = ["─"] * columns, [" "] * columns
    free = 0
    for tick in x.ticks(max(2, columns // 10)):
        column, name = round(x.share(tick) * (columns - 1)), x_label(tick)
        start = min(max(0, column - len(name) // 2), columns - len(name))
        if 0 <= column < columns:
            rule[column] = "┬"
            if start >= free:
                legend[start : start + len(name)] = name
                free = start + len(name) + 1
    lines.append([(" " * (gutter - 1) + "└" + "".join(rule), "dim")])
    lines.append([(" " * gutter + "".join(legend), "dim")])
    return lines


def plot_columns(
    width: int,
    height: int,
    y: Scale,
    y_label: Callable[[float], str] = lambda value: f"{value:g}",
) -> int:
    """How many cells wide the plot of a chart of `width` × `height` cells is; each has two dots."""
    return width - max((len(name) for _, name in _y_names(height, y, y_label)), default=0) - 1


def _y_names(height: int, y: Scale, y_label: Callable[[float], str]) -> list[tuple[float, str]]:
    return [(tick, y_label(tick)) for tick in y.ticks(max(2, (height - 2) // 3))]


def _plot(curves: Sequence[Curve], columns: int, rows: int, x: Scale, y: Scale) -> list[list[Run]]:
    dots = [[0] * columns for _ in range(rows)]
    styles = [[""] * columns for _ in range(rows)]
    for curve in curves:
        last: tuple[int, int] | None = None
        for px, py in curve.points:
            if py is None or not isfinite(py) or not isfinite(px):
                last = None
                continue
            at = (
                round(x.share(px) * (2 * columns - 1)),
                round((1 - y.share(py)) * (4 * rows - 1)),
            )
            for column, row in _line(last or at, at, 2 * columns, 4 * rows):
                dots[row // 4][column // 2] |= _DOTS[column % 2][row % 4]
                styles[row // 4][column // 2] = curve.style
            last = at
    return [
        [
            (chr(0x2800 + bits), style) if bits else (" ", "")
            for bits, style in zip(*pair, strict=True)
        ]
        for pair in zip(dots, styles, strict=True)
    ]


def _line(
    start: tuple[int, int], end: tuple[int, int], width: int, height: int
) -> Iterable[tuple[int, int]]:
    """The dots of a straight line that lie inside the plot."""
    (x0, y0), (x1, y1) = start, end
    # A point far outside would make a line of millions of dots: cut it near the plot first.
    y0, y1 = max(-height, min(2 * height, y0)), max(-height, min(2 * height, y1))
    x0, x1 = max(-width, min(2 * width, x0)), max(-width, min(2 * width, x1))
    steps = max(abs(x1 - x0), abs(y1 - y0), 1)
    for step in range(steps + 1):
        column, row = x0 + round((x1 - x0) * step / steps), y0 + round((y1 - y0) * step / steps)
        if 0 <= column < width and 0 <= row < height:
            yield column, row


def _row(y: Scale, value: float, rows: int) -> int:
    return round((1 - y.share(value)) * (rows - 1))


def _runs(cells: Sequence[Run]) -> list[Run]:
    """Neighbouring cells of one style as one run."""
    runs: list[Run] = []
    for text, style in cells:
        if runs and runs[-1][1] == style:
            runs[-1] = (runs[-1][0] + text, style)
        else:
            runs.append((text, style))
    return runs
