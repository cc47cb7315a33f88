"""Where the API's dollars stand: the month, where it is heading, and the limits on its way."""

from rich.cells import cell_len

from console.core.budget import Level, Limit
from console.core.tier import Tier
from console.services.page import Page
from console.ui.draw.line import Line, Run
from console.ui.draw.number import dollars

_LOUD = (Level.PASSED, Level.NEAR, Level.AHEAD, Level.CLEAR)
_WORDS = {
    Level.PASSED: "PASSED ",
    Level.NEAR: "near ",
    Level.AHEAD: "heading above ",
    Level.CLEAR: "",
}
_STYLES = {Level.PASSED: "bad", Level.NEAR: "warn", Level.AHEAD: "warn", Level.CLEAR: "dim"}
_SHORT = {"evaluate self-hosting": "evaluate"}


def standing_lines(page: Page, width: int, most: int) -> list[Line]:
    """The month's API spend and its projection, and the limits, the most urgent first.

    In at most so many lines; what does not fit is the least urgent.
    """
    spent = dollars(page.month[Tier.API].spent_nano)
    heading = "" if page.expected_nano is None else f" → {dollars(page.expected_nano)}"
    urgent = sorted(page.limits, key=lambda limit: _LOUD.index(limit.level))
    said: list[Run] = [(_told(limit), _STYLES[limit.level]) for limit in urgent]
    clear = sum(limit.level is Level.CLEAR for limit in urgent)
    said.insert(len(said) - clear, (f"month {spent}{heading}", "api"))
    lines: list[list[Run]] = [[]]
    for run in said:
        if not _joined(lines[-1], run, width) and len(lines) < most:
            lines.append([])
            _joined(lines[-1], run, width)
    return [line for line in lines if line]


def _told(limit: Limit) -> str:
    name = _SHORT.get(limit.name, limit.name)
    of = dollars(limit.limit_nano).removesuffix(".00")
    return f"{_WORDS[limit.level]}{name} {limit.share:.0%} of {of}"


def _joined(runs: list[Run], run: Run, width: int) -> bool:
    """Add a run after a dot; false when it does not fit."""
    used = sum(cell_len(text) for text, _ in runs)
    dot = [(" · ", "dim")] if runs else []
    if used + 3 * len(dot) + cell_len(run[0]) > width:
        return False
    runs += [*dot, run]
    return True
