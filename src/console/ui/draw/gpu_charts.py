"""The cards over time: charts on one time axis, in which no spike is lost."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from console.core.gpu import Flow, Gauge
from console.core.series import Bucket
from console.ui.draw.chart import Curve, Scale, chart, plot_columns
from console.ui.draw.line import Line
from console.ui.draw.number import count

LEAST_ROWS = 6
"""Rows below which a chart says nothing."""

_COLUMNS = 26
"""Columns from which one more chart stands beside the others."""

_STEPS = (1, 1.5, 2, 2.5, 3, 4, 5, 6, 7, 8, 10)
"""So fine that a limit of any size leaves at least one tick besides 0."""

_TIME_STEPS = (1, 1.2, 2, 3, 5, 6, 10)
"""Ticks at 30 minutes and 6 or 12 hours, as on a clock."""

_FLOWS = {
    Flow.TOKENS: "local tok/s",
    Flow.RATE: "local requests/min",
    Flow.REQUESTS: "local requests at once",
}

WINDOWS_S = (60.0, 900.0, 3600.0, 86400.0)
"""The stretches of time that can be charted, seconds."""


class Track(NamedTuple):
    """One curve: its buckets, oldest first, how long one is in seconds, and its style."""

    buckets: Sequence[Bucket]
    width_s: float
    style: str


class Plot(NamedTuple):
    """One chart: its title, its curves (later ones lie on top), its axis and the axis's unit."""

    title: str
    tracks: Sequence[Track]
    y: Scale
    unit: float = 1.0
    y_label: Callable[[float], str] = lambda value: f"{value:g}"


class Window(NamedTuple):
    """A stretch of time, UTC seconds; `live` when it ends now."""

    start_s: float
    end_s: float
    live: bool = True
    clock: Callable[[float], str] = lambda at_s: ""
    """A time of the window as the operator's clock shows it."""

    @property
    def length_s(self) -> float:
        """How long it is."""
        return self.end_s - self.start_s


def gauge_plot(gauge: Gauge, tracks: Sequence[Track], limits: Sequence[float | None]) -> Plot:
    """The chart of a gauge; its axis reaches the limits of the cards and what they drew."""
    highs = [bucket.high for track in tracks for bucket in track.buckets]
    highest = max([*(limit for limit in limits if limit), *highs, 1.0])
    match gauge:
        case Gauge.UTIL:
            return Plot("util %", tracks, Scale(0, 100))
        case Gauge.POWER:
            return Plot("power W", tracks, Scale(0, highest, steps=_STEPS))
        case Gauge.MEMORY:
            axis = Scale(0, highest / 2**30, steps=_STEPS)
            return Plot("memory GiB", tracks, axis, 2**30)
        case Gauge.TEMPERATURE:
            return Plot("temperature °C", tracks, Scale(20, max(100.0, highest)))


def flow_plot(flow: Flow, track: Track) -> Plot:
    """The chart of the local tier's rate of requests or tokens."""
    highest = max([*(bucket.high for bucket in track.buckets), 1.0])
    return Plot(_FLOWS[flow], [track], Scale(0, highest), y_label=count_label)


def chart_lines(plots: Sequence[Plot], window: Window, width: int, height: int) -> list[Line]:
    """As many charts as there is room for, side by side and below each other, the first first."""
    if height < LEAST_ROWS or width < 16:
        return []
    across = max(1, min(len(plots), (width + 2) // (_COLUMNS + 2)))
    down = max(1, min(height // LEAST_ROWS, -(-len(plots) // across)))
    across = min(across, -(-len(plots) // down))
    lines: list[Line] = []
    for row in range(down):
        rows = height // down + (row < height % down)
        shown = plots[row * across : (row + 1) * across]
        columns = (width - 2 * (across - 1)) // across
        lines += _beside([_titled(plot, window, columns, rows) for plot in shown], columns, rows)
    return lines


def _beside(blocks: Sequence[Sequence[Line]], columns: int, rows: int) -> list[Line]:
    lines: list[Line] = []
    for row in range(rows):
        runs = list(blocks[0][row])
        for place, block in enumerate(blocks[1:], 1):
            reach = place * (columns + 2)
            runs.append((" " * (reach - sum(len(text) for text, _ in runs)), ""))
            runs += block[row]
        lines.append(runs)
    return lines


def _titled(plot: Plot, window: Window, width: int, height: int) -> list[Line]:
    dots = 2 * plot_columns(width, height - 1, plot.y, plot.y_label)
    step = window.length_s / max(1, dots)
    # Dots stand for the same moments at every drawing: a chart moves when a dot's time is over.
    first = window.end_s // step * step - (dots - 1) * step
    unit, name = _unit(window)
    length = window.length_s / unit
    curves = [
        Curve(_points(envelope(track, first, step, dots), length, plot.unit), track.style)
        for track in plot.tracks
    ]

    def at_name(at: float) -> str:
        if not window.live:
            return window.clock(window.end_s + at * unit)
        return "now" if at > -1e-6 else f"{at:g}{name}"

    x = Scale(-length, 0, steps=_TIME_STEPS)
    plotted = chart(curves, width, height - 1, x, plot.y, x_label=at_name, y_label=plot.y_label)
    return [[(f" {plot.title}", "dim")], *plotted]


def envelope(
    track: Track, first_s: float, step_s: float, dots: int
) -> list[tuple[float, float] | None]:
    """The lowest and the highest value in each of `dots` steps of time; None where none is known.

    A bucket longer than a step fills all that it covers.
    """
    found: list[tuple[float, float] | None] = [None] * dots
    for bucket in track.buckets:
        start = int((bucket.start - first_s) // step_s)
        end = int((bucket.start + track.width_s - first_s) / step_s - 1e-6)
        for dot in range(max(0, start), min(dots - 1, max(start, end)) + 1):
            known = found[dot]
            found[dot] = (
                (bucket.low, bucket.high)
                if known is None
                else (min(known[0], bucket.low), max(known[1], bucket.high))
            )
    return found


def _points(
    extremes: Sequence[tuple[float, float] | None], length: float, unit: float
) -> list[tuple[float, float | None]]:
    """Each step's extremes as a line from the one to the other, broken where none is known."""
    points: list[tuple[float, float | None]] = []
    last = 0.0
    for place, extreme in enumerate(extremes):
        at = -length + length * place / max(1, len(extremes) - 1)
        if extreme is None:
            points.append((at, None))
            continue
        low, high = extreme[0] / unit, extreme[1] / unit
        near, far = (low, high) if abs(low - last) < abs(high - last) else (high, low)
        points.append((at, near))
        if far != near:
            points.append((at, far))
        last = far
    return points


def _unit(window: Window) -> tuple[float, str]:
    """The unit of the time axis: in seconds, and its sign."""
    units = ((3600.0, "h"), (60.0, "m"), (1.0, "s"))
    return next(unit for unit in units if window.length_s > unit[0] or unit[0] == 1.0)


def count_label(value: float) -> str:
    """A count on an axis."""
    return count(value) if value >= 1000 else f"{value:g}"
