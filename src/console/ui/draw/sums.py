"""How the sums above the ledger's rows were made."""

from collections.abc import Mapping

from console.core.entry import Totals
from console.core.explain_sums import explain_month
from console.core.tier import Tier
from console.services.page import Page
from console.ui.draw.entry import step_lines, sum_lines
from console.ui.draw.line import Line


def found_lines(found: Mapping[Tier, Totals], width: int) -> list[Line]:
    """How the sums of what was found were made, tier by tier."""
    lines: list[Line] = []
    for tier in (Tier.API, Tier.LOCAL):
        if found[tier].requests:
            lines += [[(str(tier), str(tier))], *sum_lines(found[tier], tier, width), []]
    return lines[:-1] or [[("no request", "dim")]]


def standing_lines(page: Page, width: int) -> list[Line]:
    """How the month's line was made: what was spent, where it is heading, each limit."""
    steps = explain_month(page.month[Tier.API], page.projection, page.limits)
    return step_lines(steps, width)
