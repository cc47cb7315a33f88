"""The ledger's requests as lines, one each."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from console.core.entry import Ending, Entry
from console.core.query import Sort
from console.core.retirement import is_retired
from console.core.text import one_line
from console.core.tier import Tier
from console.core.usage import UsageSource
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
    Column("took", 5, 9, right=True),
    Column("ended", 11, 7),
    Column("why", 16, 4, grows=60),
)

SORTED = {Sort.COST: "$", Sort.OUTPUT: "out", Sort.SLOWEST: "took", Sort.TTFT: "ttft"}
"""The column of the number that rows are sorted by, which is never left out."""

WIDE, WIDE_TIME = 100, Column("time", 12)
"""From how many cells on there is room for the hour of rows that are not of today."""

WIDEST = 140
"""From how many cells on the time a request took does not shorten the reason."""


OPENING: Sequence[Line] = ((), ((" opening …", "dim"),))
"""While the ledger is not read."""


class Rowset(NamedTuple):
    """Consecutive rows in an order, of which `top` is the first shown and `cursor` the chosen."""

    entries: Sequence[Entry] = ()
    top: int = 0
    cursor: int | None = None
    sort: Sort = Sort.NEWEST


def row_lines(
    rows: Rowset,
    now_ms: int,
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
    shown = rows.entries[rows.top : rows.top + height - 1]
    today = _day(now_ms, zone)
    past = any(_day(entry.started_ms, zone) != today for entry in shown)
    times = WIDE_TIME if past and width >= WIDE else ROW[0]
    columns = [
        column._replace(rank=0) if column.name == SORTED.get(rows.sort) else column
        for column in (times, *ROW[1:])
        if column.name != "took" or rows.sort is Sort.SLOWEST or width >= WIDEST
    ]
    widths = fit(columns, width)
    heads = {column.name: (column.name, "dim") for column in columns}
    lines: list[Line] = [row(columns, widths, heads)]
    for place, entry in enumerate(shown, rows.top):
        cells = _row(entry, today, zone)
        cells["time"] = (_time(entry.started_ms, now_ms, zone, times.width), "dim")
        line = row(columns, widths, cells)
        lines.append(in_style(line, "cursor", width) if place == rows.cursor else line)
    return lines


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
        "time": (f"{local_time(entry.started_ms, zone):%Y-%m-%d %H:%M:%S}", "dim"),
        "tier": (entry.tier, str(entry.tier)),
        "model": (f"{belongs}{one_line(entry.model)}{' †' * is_retired(entry.model, today)}", ""),
        "in": (estimated + count(entry.usage.prompt), ""),
        "cached": (count(entry.usage.cached), "dim"),
        "out": (estimated + count(entry.usage.output), ""),
        "$": (spent, "dim" if spent == UNKNOWN or entry.plan else ""),
        "": (SIGNS[ending], "bad" if trouble else "warn" if ending is not None else "accent"),
        "ttft": (milliseconds(entry.ttft_ms), ""),
        "tok/s": (rate(entry.output_per_s), ""),
        "took": (milliseconds(entry.duration_ms), ""),
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


def clock_time(ms: int, zone: str) -> str:
    """The minute on the operator's clock."""
    return f"{local_time(ms, zone):%H:%M}"


def _day(ms: int, zone: str) -> str:
    return f"{local_time(ms, zone):%Y-%m-%d}"


def _time(ms: int, now_ms: int, zone: str, width: int) -> str:
    """When a row began, as exactly as there is room for; never a day that could be another."""
    at, now = local_time(ms, zone), local_time(now_ms, zone)
    if at.date() == now.date():
        return f"{at:%H:%M:%S}"
    if width < WIDE_TIME.width:
        return f"{at:%d %b}" if at.year == now.year else f"{at:%b %Y}"
    return f"{at:%d %b %H:%M}" if at.year == now.year else f"{at:%Y-%m-%d}"
