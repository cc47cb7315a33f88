"""The what-if's chart: cost against requests a day, crossovers and "you are here" marked."""

from math import floor, log10

from console.core.whatif.alternatives import Results
from console.core.whatif.curve import Side
from console.core.whatif.duel import OWN
from console.ui.draw.chart import Curve, Mark, Scale, chart
from console.ui.draw.line import Line
from console.ui.draw.whatif_results import SIGNS, style_of
from console.ui.draw.whatif_words import short


def chart_lines(results: Results, width: int, height: int, *, log_y: bool = True) -> list[Line]:
    """All alternatives in `width` × `height` cells; ▲▼ crossovers, ◆ the measured volume.

    The measured volume's interval is a bar of dashes on the lowest row, ◇ the sheet's own volume.
    """
    curves = results.curves(max(12, min(60, width)))
    costs = [cost for curve in curves for _, cost in curve if cost is not None and cost > 0]
    if not costs:
        return [[("every alternative is free", "dim")]]
    low = 10.0 ** floor(log10(max(min(costs), max(costs) / 1e5))) if log_y else 0.0
    y = Scale(low, max(costs) * 1.1, log=log_y)
    x = Scale(results.low, results.high, log=True)
    marks: list[Mark] = []
    for each, sign, curve in zip(results.alternatives, SIGNS, curves, strict=False):
        known = [point for point in curve if point[1] is not None]
        if known:
            at, cost = known[-1 - min(len(known) - 1, 2 * (SIGNS.index(sign) % 3))]
            marks.append(Mark(at, cost or low, sign, style_of(each)))
    for duel in results.duels:
        for crossover in duel.breakeven.crossovers[:12]:
            q = crossover.requests_per_day
            cost = duel.theirs.at(q)
            own = crossover.cheaper_above is Side.SELF
            if results.low <= q <= results.high and cost is not None and cost >= low:
                hue = "local" if own or duel.against == OWN else "api"
                marks.append(Mark(q, cost, "▲" if own else "▼", hue))
    marks += _here(results, x, low, width)
    return chart(
        [
            Curve(curve, style_of(each))
            for each, curve in zip(results.alternatives, curves, strict=True)
        ],
        width,
        height,
        x,
        y,
        marks=marks,
        x_label=short,
        y_label=lambda usd: f"${short(usd)}",
    )


def _here(results: Results, x: Scale, bottom: float, width: int) -> list[Mark]:
    q = results.sheet.case.inputs.workload.requests_per_day
    here = results.sheet.base.here
    marks: list[Mark] = []
    if here is not None:
        for column in range(width):
            at = x.low * (x.high / x.low) ** (column / max(1, width - 1))
            if here.p5 <= at <= here.p95:
                marks.append(Mark(at, bottom, "─", "accent"))
        marks += [Mark(here.p5, bottom, "├", "accent"), Mark(here.p95, bottom, "┤", "accent")]
    if q > 0:
        marks.append(Mark(q, bottom, "◇", "accent"))
    if here is not None:
        marks.append(Mark(here.p50, bottom, "◆", "accent"))
    return marks
