"""The GPU pane as a whole: what stands where in the room there is."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from console.core.gpu import Card, Snapshot
from console.ui.draw.gpu import card_line, model
from console.ui.draw.gpu_charts import LEAST_ROWS
from console.ui.draw.gpu_facts import fact_lines
from console.ui.draw.gpu_notes import note_lines
from console.ui.draw.gpu_processes import process_lines
from console.ui.draw.line import Line, Run, plain
from console.ui.draw.number import ago
from console.ui.draw.wrap import wrapped

WIDE, HIGH = 100, 22
"""From this size on a card stands in full beside the charts, below the list of all."""

_FACTS = 58
"""Columns of a card in full where charts stand beside it."""

Charts = Callable[[int, int], Sequence[Line]]
"""The charts in so many columns and rows; none where that is too little."""


def _no_meter(width: int) -> Sequence[Line]:
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What is to be shown: the cards, which is selected, and whether it alone is wanted.

    `top` is the first row of a card in full that does not fit; `meter` draws the lines of the
    power meter, the most important first; `disagreeing` are cards whose counter and power differ,
    by such a share; `banner` says what is wrong with all cards; `held` since when nothing is read,
    at the operator's wish.
    """

    snapshot: Snapshot
    now_ms: int
    interval_s: float
    selected: int = 0
    alone: bool = False
    top: int = 0
    meter: Callable[[int], Sequence[Line]] = _no_meter
    disagreeing: Mapping[int, float] = field(default_factory=dict)
    banner: str = ""
    held: str = ""

    @property
    def card(self) -> Card:
        """The selected card."""
        return self.snapshot.cards[self.selected]


def page(view: View, charts: Charts, width: int, height: int) -> list[Line]:
    """The pane in lines of `width` cells, `height` at most."""
    lines = _banner(view.banner, width)[: max(1, height // 4)] if view.banner else []
    rest = height - len(lines)
    if is_wide(width, height):
        lines += _wide(view, charts, width, rest)
    elif view.alone:
        lines += _alone(view, charts, width, rest)
    else:
        lines += _all(view, charts, width, rest)
    return lines[:height]


def _banner(words: str, width: int) -> list[Line]:
    """What is wrong with all cards, wrapped."""
    lines = wrapped([(words, "bad")], max(1, width - 3))
    return [[("   " if row else " ! ", "bad"), *line] for row, line in enumerate(lines)]


def is_wide(width: int, height: int) -> bool:
    """Whether a card in full has room beside the list of all."""
    return width >= WIDE and height >= HIGH


def _all(view: View, charts: Charts, width: int, height: int) -> list[Line]:
    """A line per card; below them remarks, the meter, processes and charts as room allows."""
    cards = view.snapshot.cards
    lines = _list(view, width, height if len(cards) <= height else max(1, height - 1))
    rest = height - len(lines)
    # What is wrong comes before the charts, which want this much.
    lines += _remarks(view, width, min(3 if rest >= LEAST_ROWS + 5 else 1, rest))
    rest = height - len(lines)
    # Where the charts have no room anyhow, the second line takes what they leave.
    both = rest >= 11 or rest <= LEAST_ROWS
    meter = list(view.meter(width)[: min(2 if both else 1, rest)])
    lines += meter
    rest -= len(meter)
    held = sum(len(card.processes or ()) for card in cards)
    if held and rest >= LEAST_ROWS + 5:
        table = process_lines(cards, width, min(held + 1, rest - LEAST_ROWS - 1, 6))
        lines += table
        rest -= len(table)
    return [*lines, *charts(width, rest)]


def _alone(view: View, charts: Charts, width: int, height: int) -> list[Line]:
    """One card in full, its processes, and its charts."""
    lines = [_line(view, view.selected, width)]
    lines += _facts(view, width)
    rest = height - len(lines) - 1
    held = len(view.card.processes or ())
    charted = rest >= LEAST_ROWS + 3
    table = process_lines([view.card], width, max(2, min(held + 1, rest // 2 if charted else 9)))
    lines += [[], *table]
    rest = height - len(lines)
    if rest >= 1 + LEAST_ROWS:
        return [*lines, [], *charts(width, rest - 1)]
    top = max(0, min(view.top, len(lines) - height))
    return lines[top:]


def _wide(view: View, charts: Charts, width: int, height: int) -> list[Line]:
    """The list of all above, one card in full on the left, the charts on the right."""
    cards = view.snapshot.cards
    lines = _list(view, width, min(len(cards), height // 3))
    lines += _remarks(view, width, 4)
    lines += view.meter(width)[:2]
    if len(cards) > 1:
        head = f"── {view.card.index} {model(view.card)} "
        lines.append([(head + "─" * (width - len(head)), "faint")])
    rest = height - len(lines)
    columns = min(_FACTS + max(0, width - 2 * _FACTS) // 3, width // 2)
    left = [*_facts(view, columns), []]
    left += process_lines(cards, columns, rest - len(left))
    right = charts(width - columns - 2, rest)
    for row in range(rest):
        runs = list(left[row]) if row < len(left) else []
        if row < len(right):
            runs += [(" " * (columns + 2 - len(plain(runs))), ""), *right[row]]
        lines.append(runs)
    return lines


def _remarks(view: View, width: int, most: int) -> list[Line]:
    """The remarks, or the blank line that the first of them will take."""
    lines = note_lines(view.snapshot.cards, view.now_ms, width, most, view.disagreeing)
    return lines or [[]] * min(1, most)


def _facts(view: View, width: int) -> list[Line]:
    return fact_lines(view.card, view.snapshot, view.now_ms, view.interval_s, width)


def _list(view: View, width: int, most: int) -> list[Line]:
    """As many cards as there is room for, the selected one among them."""
    cards = view.snapshot.cards
    first = max(0, min(view.selected - most // 2, len(cards) - most))
    lines = [_line(view, place, width) for place in range(first, min(first + most, len(cards)))]
    hidden = len(cards) - len(lines)
    if hidden and lines and most > 2:
        above, below = first, hidden - first
        words = [f"{above} above"] if above else []
        words += [f"{below} below"] if below else []
        lines[-1 if below else 0] = _more(lines[-1 if below else 0], " · ".join(words), width)
    return lines


def _more(line: Line, words: str, width: int) -> Line:
    """A line whose end says how many cards are out of sight."""
    runs: list[Run] = []
    room = width - len(words) - 1
    for text, style in line:
        runs.append((text[: max(0, room)], style))
        room -= len(text)
    return [*runs, (" " * max(0, room) + " " + words, "dim")]


def _line(view: View, place: int, width: int) -> Line:
    card = view.snapshot.cards[place]
    age_s = card.overdue_s("util_pct", view.now_ms, view.interval_s)
    return card_line(
        card,
        width,
        now_ms=view.now_ms,
        selected=place == view.selected and len(view.snapshot.cards) > 1,
        old=view.held or ("" if age_s is None else ago(age_s)),
    )
