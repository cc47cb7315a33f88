"""The power meter in a line or two: watts, the day's energy and dollars, joules per token."""

from collections.abc import Sequence

from console.core.consumption import PerToken
from console.services.electricity import Bill
from console.ui.draw.line import Line, Run
from console.ui.draw.number import UNKNOWN, rate, whole

_J_PER_KWH = 3_600_000

Part = Sequence[Run]


def bill_line(bill: Bill, width: int) -> Line:
    """Today's kilowatt-hours, what they cost, how much of it was idle, and the price of now."""
    today = bill.today
    energy = f"{today.joules / _J_PER_KWH:.2f} kWh "
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


def local_line(
    per_token: PerToken | None,
    requests: float | None,
    tokens_per_s: float | None,
    window: str,
    width: int,
) -> Line:
    """The local tier: requests under way, tokens per second, joules per token of a window.

    There are no joules per token where they would be off by more than a tenth.
    """
    parts: list[Part] = [
        [("local ", "local"), (whole(requests), ""), (" running", "dim")],
        [(rate(tokens_per_s), ""), (" tok/s", "dim")],
    ]
    if per_token is None:
        parts.append([(UNKNOWN, ""), (f" J/token in {window}", "dim")])
    else:
        net = "" if per_token.net_j is None else f", {_joules(per_token.net_j)} net of idle"
        parts.append([
            (_joules(per_token.gross_j), ""), (" J/token", "dim"), (net, ""),
            (f" ±{100 * per_token.uncertainty:.0f} % in {window}", "dim"),
        ])  # fmt: skip
    return _joined(parts, width)


def _cents(nano: int) -> str:
    """A sum that grows all the time, in cents: more places would tick at every reading."""
    return "<$0.01" if 0 < nano < 5_000_000 else f"${nano / 1e9:,.2f}"


def _joules(value: float) -> str:
    return f"{value:.2f}" if value < 9.95 else whole(value)


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
