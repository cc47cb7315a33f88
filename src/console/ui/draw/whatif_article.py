"""The preset `article` as lines: its bills, its chart, where it crosses, and what it misprints."""

import itertools
from collections.abc import Sequence
from functools import lru_cache
from math import floor, log10

from console.core.whatif.alternatives import chart_ends
from console.core.whatif.article import ApiOption, claims
from console.core.whatif.article_sheet import ArticleSheet, Crossing, Results
from console.ui.draw.chart import Curve, Mark, Scale, chart
from console.ui.draw.line import Line, Run
from console.ui.draw.whatif_words import cut, dollars, number, short

SIGNS = "ABCD"
"""What each alternative is called in the chart."""

_SHORT = {
    "GPT-4o": "GPT-4o",
    "Claude 3.5 Sonnet": "Sonnet 3.5",
    "Llama 70B, 2× RTX 3090": "Llama 70B",
    "Llama 8B, RTX 4090": "Llama 8B",
}


def bill_lines(sheet: ArticleSheet, results: Results, width: int, *, stale: bool) -> list[Line]:
    """Each alternative's sign, name and month, the cheapest called out."""
    roomy = width >= 54
    cheapest = results.cheapest
    heading = f"$/month at {number(sheet.value('workload.requests_per_day'))}/day"
    lines: list[Line] = [cut([(heading, "dim"), (" stale" if stale else "", "warn")], width)]
    for sign, bill in zip(SIGNS, results.bills, strict=True):
        hue = "api" if isinstance(bill.option, ApiOption) else "local"
        parts = " + ".join(f"{line.name} {dollars(float(line))}" for line in bill.lines)
        lowest = ("◂ lowest" if roomy else "◂") if bill is cheapest else ""
        line: list[Run] = [
            (f"{sign} ", hue),
            (f"{hue:<6}" if roomy else "", hue),
            (f"{bill.option.name:<23}" if roomy else f"{_SHORT[bill.option.name]:<10}", ""),
            (f"{float(bill.total_usd):>10,.0f}", "strong"),
            (f" {lowest:<8}" if roomy else lowest, "good"),
            (f"  {parts}" if width >= 53 + len(parts) else "", "dim"),
        ]
        lines.append(cut(line, width))
    return lines


def crossing_lines(results: Results, width: int) -> list[Line]:
    """Where each machine becomes cheaper than each API, in as many words as fit."""
    signs = {bill.option.name: sign for sign, bill in zip(SIGNS, results.bills, strict=True)}
    lines: list[Line] = []
    for own in dict.fromkeys(crossing.own for crossing in results.crossings):
        mine = [crossing for crossing in results.crossings if crossing.own == own]
        full = ", ".join(f"{_SHORT[each.api]} {_from(each)}" for each in mine)
        brief = ", ".join(f"{signs[each.api]} {_from(each)}" for each in mine)
        forms = (
            (f"◆ {_SHORT[own]}", f" beats {full} requests/day"),
            (f"◆ {_SHORT[own]}", f" beats {brief} /day"),
            (f"◆ {signs[own]}", f" beats {brief}"),
        )
        who, what = next((form for form in forms if len("".join(form)) <= width), forms[-1])
        lines.append(cut([(who, "local"), (what, "")], width))
    return lines


def _from(crossing: Crossing) -> str:
    at = crossing.requests_per_day
    return "never" if at is None else f"from {at:,.0f}"


def chart_lines(
    sheet: ArticleSheet, results: Results, width: int, height: int, *, log_y: bool = True
) -> list[Line]:
    """Monthly cost against requests a day, both logarithmic, crossings and the sheet marked."""
    here = sheet.value("workload.requests_per_day")
    low, high = chart_ends(here)
    curves = sheet.curves(low, high, max(8, min(40, width // 2)))
    costs = [cost for curve in curves for _, cost in curve if cost > 0]
    if not costs:
        return [[("every alternative is free", "dim")]]
    bottom = 10.0 ** floor(log10(min(costs))) if log_y else 0.0
    y = Scale(bottom, max(costs) * 1.2, log=log_y)
    styles = ["local" if bill.gpu_hours is not None else "api" for bill in results.bills]
    own_bills = {bill.option.name: curve for bill, curve in zip(results.bills, curves, strict=True)}
    marks = []
    for crossing in results.crossings:
        at = crossing.requests_per_day
        if at is not None and low <= at <= high:
            marks.append(Mark(at, _cost_near(own_bills[crossing.own], at), "◆"))
    marks += [
        Mark(curve[-1 - 3 * (index % 2)][0], curve[-1 - 3 * (index % 2)][1], sign)
        for index, (sign, curve) in enumerate(zip(SIGNS, curves, strict=True))
    ]
    marks.append(Mark(here, bottom, "▲", "accent"))
    return chart(
        [Curve(curve, style) for curve, style in zip(curves, styles, strict=True)],
        width,
        height,
        Scale(low, high, log=True),
        y,
        marks=marks,
        x_label=short,
        y_label=lambda usd: f"${short(usd)}",
    )


def claim_lines(width: int) -> list[Line]:
    """Where the article's printed figures and its own formulae differ, and why."""
    lines: list[Line] = [[("printed by the article → given by its own formulae", "strong")]]
    room = max(10, width - 28)
    for subject, printed, recomputed, _ in _differences():
        figures = [(f"{printed:>13} → ", "dim"), (f"{recomputed:>10}", "strong")]
        lines.append(cut([(f"{subject[:room]:<{room}} ", ""), *figures], width))
    remarks = dict.fromkeys(remark for *_, remark in _differences())
    lines += [[("", "")], *(cut([(f"· {remark}", "dim")], width) for remark in remarks)]
    return lines


@lru_cache(maxsize=1)
def _differences() -> Sequence[tuple[str, str, str, str]]:
    def figure(value: float, unit: str) -> str:
        if unit == "$/month":
            return f"${value:,.0f}"
        return f"{value:.1f}×" if unit == "×" else f"{value:,.0f}/day"

    return [
        (claim.subject, claim.printed, figure(claim.recomputed, claim.unit), claim.remark)
        for claim in claims()
        if not claim.agrees
    ]


def _cost_near(curve: Sequence[tuple[float, float]], volume: float) -> float:
    """The cost on a curve at a volume, between its two nearest points."""
    for (x0, y0), (x1, y1) in itertools.pairwise(curve):
        if x0 <= volume <= x1:
            return y0 + (y1 - y0) * (volume - x0) / (x1 - x0)
    return curve[-1][1]
