"""The what-if pane as lines: inputs, monthly bills, the chart, and where the lines cross."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import floor, log10

from console.core.whatif.article import ApiOption, claims
from console.core.whatif.sheet import INPUTS, Crossing, Input, Results, Sheet
from console.ui.draw.chart import Curve, Mark, Scale, chart
from console.ui.draw.line import Line, Run

SIGNS = "ABCD"
"""What each alternative is called in the chart."""

LOW, HIGH = 100.0, 1_000_000.0
"""Requests a day at the ends of the chart, moved when the sheet's own volume lies outside."""

_INPUTS_WIDTH = 35
_BILL_WIDTH = 23
_SHORT = {
    "GPT-4o": "GPT-4o",
    "Claude 3.5 Sonnet": "Sonnet 3.5",
    "Llama 70B, 2× RTX 3090": "Llama 70B",
    "Llama 8B, RTX 4090": "Llama 8B",
}


@dataclass(frozen=True, slots=True)
class View:
    """What the pane shows: the sheet, the cursor's input, what is being typed, and a complaint.

    `stale` is true while the typed text is no value and the figures are those before it.
    """

    sheet: Sheet
    results: Results
    cursor: int = 0
    typing: str | None = None
    complaint: str | None = None
    claims: bool = False

    @property
    def stale(self) -> bool:
        """Whether the figures are older than what is typed."""
        return self.complaint is not None


def whatif_lines(view: View, width: int, height: int) -> list[Line]:
    """The whole pane in `width` × `height` cells."""
    if width < 20 or height < 2:
        return []
    if width >= 2 * _INPUTS_WIDTH:
        left = input_lines(view, _INPUTS_WIDTH, height)
        right = _results(view, width - _INPUTS_WIDTH - 2, height)
        return _beside(left, right, _INPUTS_WIDTH + 2, height)
    if view.claims:
        return claim_lines(width)[:height]
    bills, words = bill_lines(view, width), crossing_lines(view, width)
    if width < 54:
        top = [*input_lines(view, width, max(2, height - len(bills) - len(words))), *_note(view)]
        return [*top, *bills, *words][:height]
    tall = max(5, min(len(INPUTS), (height - len(words)) // 3))
    inputs = input_lines(view, width - _BILL_WIDTH - 1, tall)
    top = _beside(inputs, bill_lines(view, _BILL_WIDTH), width - _BILL_WIDTH, tall)
    below = [*_note(view), *words]
    return [*top, *chart_lines(view, width, height - len(top) - len(below)), *below][:height]


def input_lines(view: View, width: int, height: int) -> list[Line]:
    """A window of `height` inputs round the cursor, grouped where there is room."""
    rows: list[tuple[Line, int | None]] = []
    group = ""
    roomy = height >= len(INPUTS) + 5
    for index, each in enumerate(INPUTS):
        if roomy and each.group != group:
            group = each.group
            rows.append(([(f"{group}"[:width], "dim")], None))
        rows.append((_input_line(view, index, each, width, named=not roomy), index))
    at = next(place for place, (_, index) in enumerate(rows) if index == view.cursor)
    first = max(0, min(at - height // 2, len(rows) - height))
    return [line for line, _ in rows[first : first + height]]


def _input_line(view: View, index: int, each: Input, width: int, *, named: bool) -> Line:
    here = index == view.cursor
    label = each.label
    if named and each.group != "workload":
        label = f"{_SHORT[each.group]} {label}"
    unit = f" {each.unit}" if each.unit else ""
    if here and view.typing is not None:
        value, origin = f"{view.typing}▏", "✎"
    else:
        value = number(view.sheet.value(each.name))
        origin = "✎" if each.name in view.sheet.typed else "○"
    text = f"{'▸' if here else ' '} {label}{unit}"
    room = width - 16
    text = f"{text[:room]:<{room}}{value:>13}"
    style = "cursor" if here else ""
    return [(text, style), (f" {origin} ", "accent" if origin == "✎" else "dim")]


def bill_lines(view: View, width: int) -> list[Line]:
    """Each alternative's sign, name and month, the cheapest called out."""
    roomy = width >= 54
    cheapest = view.results.cheapest
    heading = f"$/month at {number(view.sheet.value('requests_per_day'))}/day"
    lines: list[Line] = [[(heading, "dim"), (" stale" if view.stale else "", "warn")]]
    for sign, bill in zip(SIGNS, view.results.bills, strict=True):
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
        lines.append(_cut(line, width))
    return lines


def crossing_lines(view: View, width: int) -> list[Line]:
    """Where each machine becomes cheaper than each API, in as many words as fit."""
    signs = {bill.option.name: sign for sign, bill in zip(SIGNS, view.results.bills, strict=True)}
    lines: list[Line] = []
    for own in dict.fromkeys(crossing.own for crossing in view.results.crossings):
        mine = [crossing for crossing in view.results.crossings if crossing.own == own]
        full = ", ".join(f"{_SHORT[each.api]} {_from(each)}" for each in mine)
        brief = ", ".join(f"{signs[each.api]} {_from(each)}" for each in mine)
        forms = (
            (f"◆ {_SHORT[own]}", f" beats {full} requests/day"),
            (f"◆ {_SHORT[own]}", f" beats {brief} /day"),
            (f"◆ {signs[own]}", f" beats {brief}"),
        )
        who, what = next((form for form in forms if len("".join(form)) <= width), forms[-1])
        lines.append(_cut([(who, "local"), (what, "")], width))
    return lines


def _from(crossing: Crossing) -> str:
    at = crossing.requests_per_day
    return "never" if at is None else f"from {at:,.0f}"


def chart_lines(view: View, width: int, height: int) -> list[Line]:
    """Monthly cost against requests a day, both logarithmic, crossings and the sheet marked."""
    here = view.sheet.value("requests_per_day")
    low = min(LOW, 10.0 ** floor(log10(here)))
    high = max(HIGH, 10.0 ** (floor(log10(here)) + 1))
    curves = view.sheet.curves(low, high, max(8, min(40, width // 2)))
    costs = [cost for curve in curves for _, cost in curve if cost > 0]
    if not costs:
        return [[("every alternative is free", "dim")]]
    bottom = 10.0 ** floor(log10(min(costs)))
    y = Scale(bottom, max(costs) * 1.2, log=True)
    styles = ["local" if bill.gpu_hours is not None else "api" for bill in view.results.bills]
    own_bills = {
        bill.option.name: curve for bill, curve in zip(view.results.bills, curves, strict=True)
    }
    marks = []
    for crossing in view.results.crossings:
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
        lines.append(_cut([(f"{subject[:room]:<{room}} ", ""), *figures], width))
    remarks = dict.fromkeys(remark for *_, remark in _differences())
    lines += [[("", "")], *(_cut([(f"· {remark}", "dim")], width) for remark in remarks)]
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


def _results(view: View, width: int, height: int) -> list[Line]:
    if view.claims:
        return claim_lines(width)[:height]
    words = [*bill_lines(view, width), [("", "")], *crossing_lines(view, width)]
    note = _note(view)
    footnote: Line = _cut(
        [("formulae as published; the article's own table differs: x", "dim")], width
    )
    room = height - len(words) - len(note) - 3
    if room < 4:
        return [*words, *note, footnote][:height]
    heading = _cut([("$ per month against requests/day, both logarithmic", "dim")], width)
    return [*words, [("", "")], heading, *chart_lines(view, width, room), *note, footnote]


def _note(view: View) -> list[Line]:
    return [[(view.complaint, "bad")]] if view.complaint else []


def _cost_near(curve: Sequence[tuple[float, float]], volume: float) -> float:
    """The cost on a curve at a volume, between its two nearest points."""
    for (x0, y0), (x1, y1) in itertools.pairwise(curve):
        if x0 <= volume <= x1:
            return y0 + (y1 - y0) * (volume - x0) / (x1 - x0)
    return curve[-1][1]


def _beside(left: Sequence[Line], right: Sequence[Line], column: int, height: int) -> list[Line]:
    """Two blocks side by side, the right one from `column` on."""
    lines: list[Line] = []
    for row in range(min(height, max(len(left), len(right)))):
        start = list(left[row]) if row < len(left) else []
        gap = column - sum(len(text) for text, _ in start)
        lines.append([*start, (" " * gap, ""), *(right[row] if row < len(right) else ())])
    return lines


def _cut(line: Sequence[Run], width: int) -> list[Run]:
    """A line of single-width characters, cut to `width`."""
    cut: list[Run] = []
    for text, style in line:
        if width <= 0:
            break
        cut.append((text[:width], style))
        width -= len(text)
    return cut


def number(value: float) -> str:
    """A value as the sheet shows it: grouped, no more digits than it has."""
    if value >= 1e9:
        return f"{value:.6g}"
    return f"{value:,.4f}".rstrip("0").rstrip(".")


def dollars(value: float) -> str:
    """Dollars and cents, whole dollars from a thousand on."""
    return f"${value:,.0f}" if abs(value) >= 1000 else f"${value:,.2f}"


def short(value: float) -> str:
    """A tick in at most four characters or so: 10k, 1M."""
    for size, unit in ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")):
        if value >= size * 0.9995:
            return f"{value / size:.3g}{unit}"
    return f"{value:.3g}"
