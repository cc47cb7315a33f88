"""The cards, one line each: the overview of the GPU pane."""

from collections.abc import Sequence

from console.core.gpu import Card, Snapshot
from console.ui.draw.bar import bar
from console.ui.draw.gpu_notes import is_hot, notes, struck
from console.ui.draw.line import Line, Run
from console.ui.draw.number import gib, whole
from console.ui.draw.table import cell
from console.ui.draw.wrap import wrapped

CAPPED = 0.98
"""Share of the power limit from which a card is called held back by it."""

_NAME = 18
_NOTE = 20


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


def card_line(
    card: Card, width: int, *, now_ms: int, selected: bool = False, old: str = ""
) -> Line:
    """One card in one line of `width` cells; less important parts give way.

    `old` says how old the values are, where that is older than they should be.
    """
    remarks = [note for note in notes(card, now_ms) if note.loud] if not card.fault else []
    flag: Run = ("!", remarks[0].style) if remarks else (" ", "")
    head: list[Run] = [("▸" if selected else " ", "accent"), (f"{card.index:>2}", "dim"), flag]
    if card.fault:
        cause = struck(card, now_ms)
        words = f"{model(card)}: {card.fault}{f', {cause}' if cause else ''}"
        return [*head[:2], ("! ", "bad"), (words[: max(0, width - 5)], "bad")]
    short = remarks[0].short if remarks else ""
    body = _values(card, width - 4, short, selected=selected)
    return [*head, *(_aged(body, width - 4, old) if old else body)]


def _values(card: Card, width: int, short: str, *, selected: bool) -> list[Run]:
    style = "accent" if selected else "dim"
    limit, drawn = card.power_limit_w, card.power_w
    capped = drawn is not None and limit is not None and drawn >= CAPPED * limit
    room = width - 4 - 11
    parts_memory, parts_heat = room >= 14, room >= 20
    room -= 14 * parts_memory + 6 * parts_heat
    clocks = room >= 10 + 14
    room -= 10 * clocks
    named = room >= _NAME + 14
    room -= (_NAME + 1) * named
    noted = room >= _NOTE + 14
    room -= (_NOTE + 1) * noted
    memory_bar = min(20, room // 4) if room >= 36 else 0
    room -= memory_bar + 1 if memory_bar else 0
    power_bar = min(20, room * 2 // 5) if room >= 14 else 0
    util_bar = min(40, room - 1 - (power_bar + 1 if power_bar else 0))
    runs: list[Run] = [(cell(model(card), _NAME) + " ", "")] if named else []
    runs.append((f"{whole(card.util_pct):>3}%", ""))
    if util_bar >= 3:
        share = None if card.util_pct is None else card.util_pct / 100
        untold = card.mig and share is None
        word: Run = (cell(_in_mig(card, util_bar), util_bar), "dim")
        runs += [(" ", ""), *([word] if untold else bar(share, util_bar, style))]
    runs += [
        (f" {whole(drawn):>4}", "warn" if capped else ""),
        (f"/{whole(limit)}W".ljust(6), "dim"),
    ]
    if power_bar >= 3:
        share = drawn / limit if drawn is not None and limit else None
        runs += [(" ", ""), *bar(share, power_bar, "warn" if capped else style)]
    if parts_memory:
        used, total = card.memory_used_b, card.memory_total_b
        runs += [(f" {gib(used):>5}", ""), (f"/{gib(total)}G".ljust(8), "dim")]
        if memory_bar:
            share = used / total if used is not None and total else None
            runs += [*bar(share, memory_bar, style), (" ", "")]
    if parts_heat:
        runs.append((f"{whole(card.temperature_c):>3}°C ", "warn" if is_hot(card) else ""))
    if clocks:
        runs.append((f"{whole(card.clock_sm_mhz):>5}", ""))
        runs.append((" MHz ", "dim"))
    if noted:
        runs.append((cell(short, _NOTE), "warn"))
    return runs


def _in_mig(card: Card, width: int) -> str:
    """What stands for the utilisation that a card does not tell in MIG mode."""
    count = len(card.instances or ())
    words = f"MIG {count} instance{'' if count == 1 else 's'}"
    return words if len(words) <= width else f"MIG ×{count}"


def _aged(runs: Sequence[Run], width: int, old: str) -> list[Run]:
    """Values that were not renewed in time, dimmed, with their age at the end."""
    words = f" {old}"
    text = "".join(text for text, _ in runs)
    return [(cell(text, max(0, width - len(words))), "dim"), (words[-max(0, width) :], "warn")]


def trouble_lines(trouble: str, width: int) -> list[Line]:
    """What is wrong, in the operator's words, wrapped."""
    lines: list[Line] = [[], *wrapped([(trouble, "warn")], width)]
    if "looking again" not in trouble:
        lines += [[], [("looking again by itself", "dim")]]
    return lines
