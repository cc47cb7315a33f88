"""The ledger's running totals by window and tier, and in words what they leave out."""

from collections.abc import Sequence
from typing import NamedTuple

from console.core.entry import Entry, Totals
from console.core.tier import Tier
from console.services.page import WINDOWS, Page
from console.ui.draw.line import Line, Run
from console.ui.draw.number import UNKNOWN, count, dollars
from console.ui.draw.standing import standing_lines
from console.ui.draw.table import Column, cell, fit, row

TOTAL = (
    Column("window", 5),
    Column("tier", 5),
    Column("req", 5, 2, right=True),
    Column("prompt", 6, 3, right=True),
    Column("cached", 6, 6, right=True),
    Column("output", 6, 4, right=True),
    Column("spent", 10, right=True, grows=1),
    Column("loaded", 10, 5, right=True),
    Column("saved", 10, 1, right=True),
    Column("saved-hw", 10, 7, right=True),
)
_LOADED = ("loaded", "saved-hw")
"""What only a price of the hardware makes known."""

_FIRST = ("today", "month", "all", "7d", "30d")
"""Which windows are shown first where there is no room for all."""


def windows_shown(height: int, turn: int = 0) -> tuple[str, ...]:
    """The windows that a pane of that height has room for; each turn shows the next ones."""
    room = next((most for least, most in ((28, 5), (22, 3), (14, 2)) if height >= least), 1)
    first = turn * room % len(WINDOWS) if room < len(WINDOWS) else 0
    chosen = {_FIRST[(first + place) % len(_FIRST)] for place in range(room)}
    return tuple(name for name in WINDOWS if name in chosen)


class Sum(NamedTuple):
    """A line of sums that can be chosen: a window's of a tier, or one of all tiers."""

    window: str
    tier: Tier | None = None


STANDING, FOUND = Sum("month"), Sum("found")
"""The line of the month's dollars and limits; that of what a search found."""


def total_lines(
    page: Page, width: int, height: int, running: Sequence[Entry] = (), turn: int = 0
) -> list[tuple[Line, Sum | None]]:
    """Totals by window and tier: all windows when there is room, else some, else none.

    Each line with what can be chosen in it. `running` are this process's requests under way, whose
    sums are provisional; `turn` is how often the operator asked for the next windows.
    """
    if height < 8 or width < 20:
        return []
    loaded = page.all_time[Tier.LOCAL].loaded_nano
    columns = [column for column in TOTAL if loaded or column.name not in _LOADED]
    widths = fit(columns, width)
    heads = {column.name: (column.name, "dim") for column in columns[2:]}
    lines: list[tuple[Line, Sum | None]] = [(row(columns, widths, heads), None)]
    for tier in (Tier.API, Tier.LOCAL) if height >= 18 else ():
        if page.all_time[tier].in_flight:
            lines.append((row(columns, widths, _now(tier, page.all_time[tier], running)), None))
    for name in windows_shown(height, turn):
        totals = page.windows[name]
        for tier in (Tier.API, Tier.LOCAL):
            label = name if tier is Tier.API else ""
            line = row(columns, widths, _total(label, tier, totals[tier]))
            lines.append((line, Sum(name, tier)))
    if height >= 10:
        standing = standing_lines(page, width, 2 if height >= 14 else 1)
        lines += [(line, STANDING if place == 0 else None) for place, line in enumerate(standing)]
    lines += [([(cell(note, width), "dim")], None) for note in notes(page.all_time, width)]
    lines.append(([("─" * width, "faint")], None))
    return lines


def _now(tier: Tier, totals: Totals, running: Sequence[Entry]) -> dict[str, Run]:
    """What is in flight, of all processes; tokens and dollars of this one's, so far."""
    mine = [entry for entry in running if entry.tier is tier]
    spent = sum(entry.spent_nano or 0 for entry in mine)
    return {
        "window": ("now", "accent"),
        "tier": (tier, str(tier)),
        "req": (count(totals.in_flight), ""),
        "prompt": (f"~{count(sum(entry.usage.prompt or 0 for entry in mine))}", ""),
        "output": (f"~{count(sum(entry.usage.output or 0 for entry in mine))}", ""),
        "spent": (f"~{dollars(spent)} " if tier is Tier.API else "", ""),
    }


def _total(window: str, tier: Tier, totals: Totals) -> dict[str, Run]:
    local = tier is Tier.LOCAL
    spent = sum_of(totals, totals.spent_nano, totals.unpriced)
    loaded = sum_of(totals, totals.loaded_nano, totals.unloaded)
    saved = sum_of(totals, totals.saved_nano, totals.unsaved)
    saved_loaded = sum_of(totals, totals.saved_loaded_nano, totals.unsaved_loaded)
    more = "+" if totals.uncounted else " "
    return {
        "window": (window, "dim"),
        "tier": (tier, str(tier)),
        "req": (count(totals.requests), ""),
        "prompt": (count(totals.prompt_tokens) + more, ""),
        "cached": (count(totals.cached_tokens), "dim"),
        "output": (count(totals.output_tokens) + more, ""),
        "spent": (f"{totals.energy_mark if local else ''}{spent}", ""),
        "loaded": (loaded if local else "", ""),
        "saved": (saved if local else "", "good" if totals.saved_nano > 0 else ""),
        "saved-hw": (saved_loaded if local else "", ""),
    }


def sum_of(totals: Totals, nano: int, missing: int) -> str:
    """A sum; one that leaves rows out is a lower bound and looks like one, one of none is `-`."""
    known = totals.known(nano, missing)
    return f"{UNKNOWN} " if known is None else dollars(known) + ("+" if missing else " ")


def notes(by_tier: dict[Tier, Totals], width: int) -> list[str]:
    """What the figures mean, how the energy is known, and what the sums leave out."""
    local = by_tier[Tier.LOCAL]
    known = energy_known(local)
    energy = f"local: electricity only, {known}"
    meant = [energy if len(energy) <= width else f"electricity: {known}"]
    meant.append("saved: at api prices, less it")
    if local.loaded_nano or not local.requests:
        meant += ["loaded: with the hardware", "saved-hw: saved less loaded"]
    else:
        meant.append("fully loaded: set hardware.usd")
    lines = [_joined(meant, width)]
    for tier, totals in by_tier.items():
        parts = [
            f"{number:,} {word}"
            for number, word in (
                (totals.unpriced, "unpriced" if tier is Tier.API else "unmeasured"),
                (totals.uncounted, "uncounted"),
            )
            if number
        ]
        if parts:
            lines.append(f"+ {tier}: {', '.join(parts)}")
        if totals.plan_calls:
            lines.append(
                f"plan requests: {totals.plan_calls:,}, {dollars(totals.plan_nano)} at list prices "
                "nobody charged"
            )
    return lines


def energy_known(totals: Totals) -> str:
    """How the joules of a sum are known: "812 measured, 40 ≈ allocated, 12 ~ estimated"."""
    kinds = (
        (totals.energy_measured, "measured"),
        (totals.energy_allocated, "≈ allocated"),
        (totals.energy_estimated, "~ estimated"),
    )
    known = [(number, word) for number, word in kinds if number]
    if len(known) == 1:
        return known[0][1]
    return ", ".join(f"{number:,} {word}" for number, word in known) or "unmeasured"


def _joined(phrases: Sequence[str], width: int) -> str:
    """As many phrases as fit, in order."""
    said = phrases[0]
    for phrase in phrases[1:]:
        if len(said) + 2 + len(phrase) <= width:
            said += f"; {phrase}"
    return said
