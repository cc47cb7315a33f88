"""The ledger's requests as lines, one each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from console.core.entry import Ending, Entry
from console.core.retirement import is_retired
from console.core.text import one_line
from console.core.tier import Tier
from console.core.usage import UsageSource
from console.services.books import Page
from console.ui.draw.line import Line, Run
from console.ui.draw.number import UNKNOWN, count, milliseconds, rate, row_dollars
from console.ui.draw.table import Column, fit, in_style, row

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
    Column("cached", 6, 8, right=True),
    Column("out", 5, 2, right=True),
    Column("$", 8, right=True),
    Column("", 1, 1),
    Column("ttft", 5, 5, right=True),
    Column("tok/s", 5, 6, right=True),
    Column("ended", 11, 7),
    Column("why", 16, 4, grows=60),
)


@dataclass(frozen=True, slots=True)
class Rowset:
    """Consecutive rows, newest first, of which `top` is the first shown and `cursor` the chosen."""

    entries: Sequence[Entry] = ()
    top: int = 0
    cursor: int | None = None


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
        spent = f"~{spent}"
    elif entry.tier is Tier.LOCAL and entry.energy_nano is not None:
        spent = f"{entry.energy_mark}{spent}"
    belongs = "↳ " if entry.parent is not None else ""
    return {
        "time": (_time(entry.started_ms, today, zone), "dim"),
        "tier": (entry.tier, str(entry.tier)),
        "model": (f"{belongs}{one_line(entry.model)}{' †' * is_retired(entry.model, today)}", ""),
        "in": (estimated + count(entry.usage.prompt), ""),
        "cached": (count(entry.usage.cached), "dim"),
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
