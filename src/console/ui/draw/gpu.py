"""The GPU pane as lines: a row per card, and the history of utilisation and power."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from console.core.gpu import Card, Snapshot
from console.core.series import Bucket
from console.ui.draw.bar import bar
from console.ui.draw.chart import Curve, Scale, chart
from console.ui.draw.line import Line, Run
from console.ui.draw.number import gib, whole
from console.ui.draw.table import cell
from console.ui.draw.wrap import wrapped

HOT_C = 85.0
"""Temperature from which a card is called hot, °C."""

CAPPED = 0.98
"""Share of the power limit from which a card is called held back by it."""

STYLES = ("accent", "strong", "dim")
"""The style of a card's bar and of its curves, by its place."""

_CHART_ROWS = 6
_CHART_COLUMNS = 26
_NAME = 18


@dataclass(frozen=True, slots=True)
class History:
    """One card's buckets of utilisation (%) and power (W), oldest first."""

    util: Sequence[Bucket]
    power: Sequence[Bucket]


def model(card: Card) -> str:
    """A card's name without its maker's."""
    return card.name.removeprefix("NVIDIA ").removeprefix("GeForce ")


def summary(snapshot: Snapshot) -> str:
    """The cards in a few words: 2 × H200."""
    names = list(dict.fromkeys(model(card) for card in snapshot.cards))
    if not names:
        return ""
    if len(names) == 1:
        return names[0] if len(snapshot.cards) == 1 else f"{len(snapshot.cards)} × {names[0]}"
    return f"{len(snapshot.cards)} cards"


def card_line(card: Card, place: int, width: int) -> Line:
    """One card in one line of `width` cells; less important parts give way."""
    style = STYLES[place % len(STYLES)]
    head = f"{card.index:>2} "
    if card.fault:
        return [(head, "dim"), (f"{model(card)}: {card.fault}"[: max(0, width - 3)], "bad")]
    limit, drawn = card.power_limit_w, card.power_w
    capped = drawn is not None and limit is not None and drawn >= CAPPED * limit
    hot = card.temperature_c is not None and card.temperature_c >= HOT_C
    util: Run = (f"{whole(card.util_pct):>3}%", "")
    power: list[Run] = [
        (f"{whole(drawn):>4}", "warn" if capped else ""),
        (f"/{whole(limit)}W".ljust(6), "dim"),
    ]
    memory: list[Run] = [
        (f"{gib(card.memory_used_b):>5}", ""),
        (f"/{gib(card.memory_total_b)}G".ljust(7), "dim"),
    ]
    heat: Run = (f"{whole(card.temperature_c):>3}°C", "warn" if hot else "")
    room = width - 3 - 4 - 11
    parts_memory, parts_heat = room >= 14, room >= 20
    room -= 14 * parts_memory + 6 * parts_heat
    named = room >= _NAME + 18
    room -= (_NAME + 1) * named
    power_bar = min(12, room // 3) if room >= 14 else 0
    util_bar = room - 1 - (power_bar + 1 if power_bar else 0)
    runs: list[Run] = [(head, "dim")]
    if named:
        runs.append((cell(model(card), _NAME) + " ", ""))
    runs.append(util)
    if util_bar >= 3:
        share = None if card.util_pct is None else card.util_pct / 100
        runs += [(" ", ""), *bar(share, min(util_bar, 40), style)]
    runs += [(" ", ""), *power]
    if power_bar >= 3:
        share = drawn / limit if drawn is not None and limit else None
        runs += [(" ", ""), *bar(share, power_bar, "warn" if capped else style)]
    if parts_memory:
        runs += [("  ", ""), *memory]
    if parts_heat:
        runs += [(" ", ""), heat]
    return runs


def trouble_lines(trouble: str, width: int) -> list[Line]:
    """What is wrong, in the operator's words, wrapped."""
    lines: list[Line] = [[], *wrapped([(trouble, "warn")], width)]
    if "looking again" not in trouble:
        lines += [[], [("looking again by itself", "dim")]]
    return lines


def history_lines(
    histories: Sequence[History],
    limits_w: Sequence[float | None],
    window_s: float,
    now_s: float,
    width: int,
    height: int,
) -> list[Line]:
    """The charts of utilisation and of power over the window until now.

    Side by side, else one over the other, else utilisation alone, else nothing.
    """
    if height < _CHART_ROWS or width < 16:
        return []
    utils = [history.util for history in histories]
    powers = [history.power for history in histories]
    highest = max(
        [limit for limit in limits_w if limit]
        + [bucket.high for power in powers for bucket in power]
        + [1.0]
    )
    x, per_cent, watts = Scale(-window_s / 60, 0), Scale(0, 100), Scale(0, highest)
    if width >= 2 * _CHART_COLUMNS + 2:
        half = (width - 2) // 2
        left = _titled("util %", utils, now_s, x, per_cent, half, height)
        right = _titled("power W", powers, now_s, x, watts, half, height)
        return [
            [*before, (" " * (half - _length(before) + 2), ""), *after]
            for before, after in zip(left, right, strict=True)
        ]
    upper = (height + 1) // 2 if height >= 2 * _CHART_ROWS else height
    lines = _titled("util %", utils, now_s, x, per_cent, width, upper)
    if upper < height:
        lines += _titled("power W", powers, now_s, x, watts, width, height - upper)
    return lines


def _titled(
    title: str,
    series: Sequence[Sequence[Bucket]],
    now_s: float,
    x: Scale,
    y: Scale,
    width: int,
    height: int,
) -> list[Line]:
    curves = [
        Curve(_points(buckets, now_s), STYLES[place % len(STYLES)])
        for place, buckets in enumerate(series)
    ]
    # The first card lies on top.
    plot = chart(curves[::-1], width, height - 1, x, y, x_label=_minutes)
    return [[(f" {title}", "dim")], *plot]


def _points(buckets: Sequence[Bucket], now_s: float) -> list[tuple[float, float | None]]:
    """The peaks of the buckets by minutes before now, broken where none were taken."""
    step = min((after.start - before.start for before, after in pairwise(buckets)), default=0.0)
    points: list[tuple[float, float | None]] = []
    last = None
    for bucket in buckets:
        at = (bucket.start - now_s) / 60
        if last is not None and bucket.start - last > 2.5 * step:
            points.append((at, None))
        points.append((at, bucket.high))
        last = bucket.start
    return points


def _minutes(at: float) -> str:
    return "now" if at > -1e-6 else f"{at:g}m"


def _length(line: Line) -> int:
    return sum(len(text) for text, _ in line)
