"""The power meter in a line or two: watts, the day's energy and dollars, joules per token."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from console.ui.draw.line import Line, Run
from console.ui.draw.number import UNKNOWN, rate, whole

if TYPE_CHECKING:
    from console.core.consumption import PerToken
    from console.services.electricity import Bill

_J_PER_KWH = 3_600_000
_TOLD_PCT = 1.0
"""An error of less is not told."""

Part = Sequence[Run]


def bill_line(bill: "Bill", width: int) -> Line:
    """Today's kilowatt-hours, what they cost, how much of it was idle, and the price of now.

    Where cards have no counter, so that their power was added up, it says how far off that can be.
    """
    today = bill.today
    about = "~" if today.integrated_j else ""
    off_pct = 100 * today.off_j / today.joules if today.joules else 0.0
    off = f"±{off_pct:.0f} % " if off_pct >= _TOLD_PCT else ""
    energy = f"{about}{today.joules / _J_PER_KWH:.2f} kWh {off}"
    told = today.idle_j + today.busy_j
    idle = f"{100 * today.idle_j / today.joules:.0f} %" if told else UNKNOWN
    hour = bill.usd_per_hour
    wall = f"wall × {bill.wall_factor:f}" if bill.wall_factor != 1 else "board, not wall"
    parts: list[Part] = [
        [("today ", "dim"), (energy, ""), (_cents(today.nano), "")],
        [("idle ", "dim"), (idle, "")],
        [(UNKNOWN if hour is None else f"${hour:.2f}", ""), ("/h", "dim")],
        [(wall, "dim")],
    ]
    if today.gaps:
        lost = "1 gap" if today.gaps == 1 else f"{today.gaps} gaps"
        parts.insert(1, [(lost, "warn")])
    return _joined(parts, width)


class Local(NamedTuple):
    """What the local tier does: requests under way and begun in a minute, output tokens."""

    running: float | None
    per_min: float | None
    tokens_per_s: float | None
    per_token: "PerToken | None"


def local_line(local: Local, window: str, width: int) -> Line:
    """The local tier: requests under way and a minute, tokens a second, joules a token of a window.

    They are of the requests that this console sent. There are no joules per token where they would
    be off by more than a tenth. Where there is little room that they are from here is left out
    first, then the window, the rate of requests, and what is net of idle.
    """
    running: Part = [("local ", "local"), (whole(local.running), ""), (" running", "dim")]
    begun: Part = [(", ", "dim"), (whole(local.per_min), ""), ("/min", "dim")]
    rated: Part = [*running, *begun]
    here: Part = [*running, (" here", "dim"), *begun]
    speed: Part = [(rate(local.tokens_per_s), ""), (" tok/s", "dim")]
    ways = _per_token(local.per_token, window)
    *with_net, least = ways
    for first, last in (
        *((first, way) for way in with_net for first in (here, rated)),
        *((running, way) for way in with_net),
        (rated, least),
    ):
        if _length([first, speed, last]) <= width:
            return _joined([first, speed, last], width)
    return _joined([running, speed, least], width)


def _per_token(per_token: "PerToken | None", window: str) -> list[Part]:
    """Joules per token in words, the longest first."""
    over: Run = (f" in {window}", "dim")
    if per_token is None:
        none: Part = [(UNKNOWN, ""), (" J/token", "dim")]
        return [[*none, over], none, none]
    gross: Part = [(_joules(per_token.gross_j), ""), (" J/token", "dim")]
    off: Run = (f" ±{100 * per_token.uncertainty:.0f} %", "dim")
    net = per_token.net_j
    both: Part = gross if net is None else [*gross, (f", {_joules(net)} net of idle", "")]
    least: Part = [(_joules(per_token.gross_j), ""), (" J/tok", "dim")]
    short: Part = least if net is None else [*least, (f", {_joules(net)} net", "")]
    return [[*both, off, over], [*both, off], [*short, off], [*least, off]]


def _cents(nano: int) -> str:
    """A sum that grows all the time, in cents: more places would tick at every reading."""
    return "<$0.01" if 0 < nano < 5_000_000 else f"${nano / 1e9:,.2f}"


def _joules(value: float) -> str:
    return f"{value:.2f}" if value < 9.95 else whole(value)


def _length(parts: Sequence[Part]) -> int:
    """The cells that parts take with dots between them."""
    return 1 + sum(len(text) for part in parts for text, _ in part) + 3 * (len(parts) - 1)


def _joined(parts: Sequence[Part], width: int) -> Line:
    """Parts with dots between them, as many as fit whole."""
    runs: list[Run] = [(" ", "")]
    used = 1
    for number, part in enumerate(parts):
        size = sum(len(text) for text, _ in part) + (3 if number else 0)
        if used + size > width:
            break
        runs += [(" · ", "faint"), *part] if number else part
        used += size
    return runs
