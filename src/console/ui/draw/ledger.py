"""The ledger pane as lines: running totals by tier, then requests, newest first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from console.core.entry import Ending, Entry, Totals
from console.core.retirement import is_retired
from console.core.text import one_line
from console.core.tier import Tier
from console.core.usage import UsageSource
from console.services.books import Page
from console.ui.draw.line import Line, Run
from console.ui.draw.number import UNKNOWN, count, dollars, milliseconds, rate, row_dollars
from console.ui.draw.standing import standing_lines
from console.ui.draw.table import Column, cell, fit, in_style, row

SIGNS = {
    None: "…",
    Ending.DONE: " ",
    Ending.CANCELLED: "■",
    Ending.ERROR: "×",
    Ending.TIMEOUT: "×",
    Ending.INTERRUPTED: "?",
}
"""How a request ended, in one cell."""

ROW = (
    Column("time", 8),
    Column("tier", 5),
    Column("model", 17, grows=8, gives=6),
    Column("in", 5, 3, right=True),
    Column("out", 5, 2, right=True),
    Column("$", 8, right=True),
    Column("", 1, 1),
    Column("ttft", 5, 5, right=True),
    Column("tok/s", 5, 6, right=True),
    Column("ended", 11, 7),
    Column("why", 16, 4, grows=60),
)

TOTAL = (
    Column("window", 5),
    Column("tier", 5),
    Column("req", 6, 2, right=True),
    Column("prompt", 6, 3, right=True),
    Column("cached", 6, 5, right=True),
    Column("output", 6, 4, right=True),
    Column("spent", 11, right=True),
    Column("loaded", 11, 6, right=True),
    Column("saved", 10, 1, right=True),
    Column("saved-hw", 10, 7, right=True),
)


@dataclass(frozen=True, slots=True)
class Rowset:
    """Consecutive rows, newest first, of which `top` is the first shown and `cursor` the chosen."""

    entries: Sequence[Entry] = ()
    top: int = 0
    cursor: int | None = None


def total_lines(page: Page, width: int, height: int, running: Sequence[Entry] = ()) -> list[Line]:
    """Totals by window and tier: all windows when there is room, else today's, else none.

    `running` are this process's requests under way, whose sums are provisional.
    """
    if height < 8 or width < 20:
        return []
    windows = _windows(page, height)
    widths = fit(TOTAL, width)
    lines: list[Line] = [
        row(TOTAL, widths, {column.name: (column.name, "dim") for column in TOTAL[2:]})
    ]
    for name, by_tier in windows.items():
        for tier in (Tier.API, Tier.LOCAL):
            label = name if tier is Tier.API else ""
            lines.append(row(TOTAL, widths, _total(label, tier, by_tier[tier])))
    for tier in (Tier.API, Tier.LOCAL) if height >= 18 else ():
        if page.all_time[tier].in_flight:
            lines.insert(1, row(TOTAL, widths, _now(tier, page.all_time[tier], running)))
    if height >= 10:
        lines += standing_lines(page, width, 2 if height >= 14 else 1)
    lines += [[(cell(note, width), "dim")] for note in notes(page.all_time, width)]
    lines.append([("─" * width, "faint")])
    return lines


def _windows(page: Page, height: int) -> dict[str, dict[Tier, Totals]]:
    windows = {"today": page.today}
    if height >= 28:
        windows |= {"7d": page.week, "30d": page.month30}
    if height >= 14:
        windows["month"] = page.month
    if height >= 22:
        windows["all"] = page.all_time
    return windows


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
    # A sum that leaves rows out is a lower bound, and looks like one.
    spent = dollars(totals.spent_nano) + ("+" if totals.unpriced else " ")
    saved = dollars(totals.saved_nano) + ("+" if totals.unsaved else " ")
    loaded = dollars(totals.loaded_nano) + ("+" if totals.unloaded else " ")
    saved_loaded = dollars(totals.saved_loaded_nano) + ("+" if totals.unsaved_loaded else " ")
    known = totals.requests > totals.unloaded
    more = "+" if totals.uncounted else " "
    return {
        "window": (window, "dim"),
        "tier": (tier, str(tier)),
        "req": (count(totals.requests), ""),
        "prompt": (count(totals.prompt_tokens) + more, ""),
        "cached": (count(totals.cached_tokens), "dim"),
        "output": (count(totals.output_tokens) + more, ""),
        "spent": (f"~{spent}" if local and totals.energy_estimated else spent, ""),
        "loaded": ((loaded if known else f"{UNKNOWN} ") if local else "", ""),
        "saved": (saved if local else "", "good" if totals.saved_nano > 0 else ""),
        "saved-hw": ((saved_loaded if known else f"{UNKNOWN} ") if local else "", ""),
    }


def notes(by_tier: dict[Tier, Totals], width: int) -> list[str]:
    """What the figures mean, and what they leave out."""
    lines = ["~ local: electricity only, estimated; saved: against the api's prices"]
    if width < len(lines[0]):
        lines = ["~ electricity, estimated; saved: at api prices"]
    elif width >= 100:
        lines = [f"{lines[0]}; loaded: with the hardware; saved-hw: saved less loaded"]
    for tier, totals in by_tier.items():
        parts = [
            f"{number:,} {word}"
            for number, word in (
                (totals.unpriced, "unpriced" if tier is Tier.API else "without energy"),
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


def row_lines(
    page: Page,
    rows: Rowset,
    zone: str,
    width: int,
    height: int,
    nothing: str = "no requests yet: each one will be a row here",
) -> list[Line]:
    """The heads and as many rows as fit; `nothing` is said when there is none."""
    if height < 2:
        return []
    if not rows.entries:
        said: list[Line] = [[], [(f" {nothing}"[:width], "dim")]]
        return said[:height]
    widths = fit(ROW, width)
    lines: list[Line] = [row(ROW, widths, {column.name: (column.name, "dim") for column in ROW})]
    today = _day(max(page_ms(page), rows.entries[0].started_ms), zone)
    for place in range(rows.top, min(len(rows.entries), rows.top + height - 1)):
        line = row(ROW, widths, _row(rows.entries[place], today, zone))
        lines.append(in_style(line, "cursor", width) if place == rows.cursor else line)
    return lines


def page_ms(page: Page) -> int:
    """When the page's newest row began."""
    return page.entries[0].started_ms if page.entries else 0


def _row(entry: Entry, today: str, zone: str) -> dict[str, Run]:
    estimated = "~" if entry.usage_source is UsageSource.ESTIMATED else ""
    ending = entry.ending
    trouble = ending in (Ending.ERROR, Ending.TIMEOUT)
    spent = row_dollars(entry.spent_nano)
    if entry.ending is None and entry.cost_nano is not None:
        spent = f"~{spent}"[:8]
    return {
        "time": (_time(entry.started_ms, today, zone), "dim"),
        "tier": (entry.tier, str(entry.tier)),
        "model": (f"{one_line(entry.model)}{' †' * is_retired(entry.model, today)}", ""),
        "in": (estimated + count(entry.usage.prompt), ""),
        "out": (estimated + count(entry.usage.output), ""),
        "$": (spent, "dim" if spent == UNKNOWN or entry.plan else ""),
        "": (SIGNS[ending], "bad" if trouble else "warn" if ending is not None else "accent"),
        "ttft": (milliseconds(entry.ttft_ms), ""),
        "tok/s": (rate(entry.output_per_s), ""),
        "ended": (ending or "in flight", "bad" if trouble else "dim"),
        "why": (f"{'plan · ' if entry.plan else ''}{one_line(entry.reason)}", "dim"),
    }


def as_text(entry: Entry, zone: str) -> str:
    """A row as one line of tab-separated text."""
    cells = _row(entry, "", zone)
    return "\t".join(cells[column.name][0].strip() for column in ROW if column.name)


def local_time(ms: int, zone: str) -> datetime:
    """UTC milliseconds as the operator's wall time."""
    try:
        where: ZoneInfo | None = ZoneInfo(zone)
    except (ValueError, OSError, KeyError):
        where = None
    return datetime.fromtimestamp(ms / 1000, where or UTC)


def _day(ms: int, zone: str) -> str:
    return f"{local_time(ms, zone):%Y-%m-%d}"


def _time(ms: int, today: str, zone: str) -> str:
    at = local_time(ms, zone)
    if f"{at:%Y-%m-%d}" == today:
        return f"{at:%H:%M:%S}"
    return f"{at:%d %b}" if today else f"{at:%Y-%m-%d %H:%M:%S}"
