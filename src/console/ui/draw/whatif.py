"""The what-if pane as lines: inputs beside or above the results, whatever room there is."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from console.services.figures import Figures
from console.ui.draw import whatif_article as article
from console.ui.draw.line import Line
from console.ui.draw.whatif_chart import chart_lines
from console.ui.draw.whatif_results import (
    advice_lines,
    bill_lines,
    duel_lines,
    heading,
    here_lines,
    later_line,
    peak_line,
)
from console.ui.draw.whatif_rows import input_lines, origin_lines
from console.ui.draw.whatif_words import LEGEND, beside, cut, folded
from console.ui.draw.wrap import wrapped

if TYPE_CHECKING:
    from console.core.whatif.later import Later

_WIDE, _INPUTS_WIDE, _INPUTS_WIDTH = 100, 38, 31
_BILLS_WIDTH = 26
_LEAST_CHART = 7
_UNCUT = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What the pane shows: the figures, the cursor's input, what is being typed, a complaint.

    `chart_first` shows the chart for the words where there is no room for both. `asking` is
    the question a typed name answers, `busy` what a worker is at, `pinned` the
    letters that are taken.
    """

    figures: Figures
    cursor: int = 0
    typing: str | None = None
    complaint: str | None = None
    later: "Later | None" = None
    log_y: bool = True
    chart_first: bool = False
    asking: str = ""
    busy: str = ""
    pinned: str = ""

    @property
    def stale(self) -> bool:
        """Whether the figures are older than what is typed."""
        return self.complaint is not None


def whatif_lines(view: View, width: int, height: int) -> list[Line]:
    """The whole pane in `width` × `height` cells."""
    if width < 20 or height < 2:
        return []
    foot = _foot(view, width)
    if width >= 2 * _INPUTS_WIDTH + 8:
        body, column = height - len(foot), _INPUTS_WIDE if width >= _WIDE else _INPUTS_WIDTH
        left = _inputs(view, column, body)
        right = _results(view, width - column - 2, body)
        return [*beside(left, right, column + 2, body), *foot][:height]
    words = _words(view, width)
    if width < 54:
        if view.chart_first:
            chart = _chart(view, width, height - len(foot) - 2)
            return [*_inputs(view, width, 2), *foot, *chart][:height]
        small = height < 14
        bills = folded(_bills(view, width, by_cost=small), 4 if small else height, width)
        rows = max(2, min(6, height - len(foot) - len(bills) - min(3, len(words))))
        top = [*_inputs(view, width, rows), *foot, *bills]
        return [*top, *folded(words, height - len(top), width)][:height]
    return _stacked(view, width, height, words, foot)


def _stacked(
    view: View, width: int, height: int, words: Sequence[Line], foot: Sequence[Line]
) -> list[Line]:
    """Inputs beside bills, then words, and the chart where there is room for it."""
    side = _BILLS_WIDTH
    bills = _bills(view, side)
    bills = folded(bills, max(4, height // 2), side)
    tall = max(len(bills), min(9, height // 3))
    top = beside(_inputs(view, width - side - 1, tall), bills, width - side, tall)
    rest = height - len(top) - len(foot)
    if view.chart_first:
        return [*top, *foot, *_chart(view, width, rest)][:height]
    if rest - len(words) >= _LEAST_CHART:
        chart = _chart(view, width, rest - len(words))
        return [*top, *foot, *words, *chart][:height]
    if rest - 3 >= _LEAST_CHART:
        return [*top, *foot, *folded(words, 3, width), *_chart(view, width, rest - 3)][:height]
    return [*top, *foot, *folded(words, rest, width)][:height]


def everything(view: View, width: int) -> list[Line]:
    """Every figure and crossover in words, none left out and none cut."""
    lines = [*_bills(view, _UNCUT), [("", "")], *_words(view, _UNCUT, advice=None)]
    return [part for line in lines for part in wrapped(line, width)]


def _inputs(view: View, width: int, height: int) -> list[Line]:
    return input_lines(view.figures.rows, view.cursor, view.typing, width, height)


def _foot(view: View, width: int) -> list[Line]:
    """The complaint, the question, what is under way, or where the cursor's value comes from."""
    if view.asking:
        typed = f"{view.typing or ''}▏"
        room = max(0, width - len(typed) - 2)
        short = view.asking if len(view.asking) <= room else f"{view.asking[: room - 1]}…"
        return [cut([(f"{short}: " if room > 6 else "", "accent"), (typed, "")], width)]
    if view.complaint:
        return [cut([(view.complaint, "bad")], width)]
    busy = f" · {view.busy}" if view.busy else ""
    pinned = f" · pinned {view.pinned}" if view.pinned else ""
    [line] = origin_lines(view.figures.rows[view.cursor], width)
    state = f"{busy}{pinned} · {view.cursor + 1}/{len(view.figures.rows)}"
    return [[*cut(line, width - len(state)), (state, "accent")]]


def _bills(view: View, width: int, *, by_cost: bool = False) -> list[Line]:
    figures = view.figures
    if figures.results is None:
        assert figures.article is not None and figures.article_sheet is not None
        return article.bill_lines(figures.article_sheet, figures.article, width, stale=view.stale)
    head = heading(figures.results, figures.spread, width, stale=view.stale)
    return [head, *bill_lines(figures.results, figures.spread, width, by_cost=by_cost)]


def _words(view: View, width: int, advice: int | None = 3) -> list[Line]:
    """What the chart says, in words, and as many warnings; None is all of them."""
    figures = view.figures
    most = len(figures.advice) if advice is None else advice
    if figures.results is None:
        assert figures.article is not None
        crossed = article.crossing_lines(figures.article, width)
        return [
            *crossed,
            *advice_lines(figures.advice, width, most if width >= 54 else min(1, most)),
        ]
    return [
        *here_lines(figures.results, figures.spread, width),
        *duel_lines(figures.results, figures.spread, width),
        later_line(view.later, figures.results, width),
        peak_line(figures.results, width),
        *advice_lines(figures.advice, width, most),
    ]


def _chart(view: View, width: int, height: int) -> list[Line]:
    figures = view.figures
    if figures.results is None:
        assert figures.article is not None and figures.article_sheet is not None
        return article.chart_lines(
            figures.article_sheet, figures.article, width, height, log_y=view.log_y
        )
    return chart_lines(figures.results, width, height, log_y=view.log_y)


def _results(view: View, width: int, height: int) -> list[Line]:
    """The wide form: bills, words, the chart, what each axis is."""
    bills, words = _bills(view, width), _words(view, width)
    notes: list[Line] = []
    if view.figures.results is None:
        note = "formulae as published; the article's own table differs: x"
        notes.append(cut([(note, "dim")], width))
    room = height - len(bills) - len(words) - len(notes) - 2
    if room < _LEAST_CHART:
        keep = max(2, height - len(bills) - _LEAST_CHART - 1)
        if keep < len(words) and height - len(bills) - keep > _LEAST_CHART:
            chart = _chart(view, width, height - len(bills) - keep)
            return [*bills, *folded(words, keep, width), *chart][:height]
        rest = folded([*words, *notes], height - len(bills), width)
        return [*bills, *rest][:height]
    axes = f"$ a month{', log' if view.log_y else ''} · {LEGEND}"
    chart = _chart(view, width, room)
    return [*bills, [("", "")], *words, *chart, cut([(axes, "dim")], width), *notes][:height]
