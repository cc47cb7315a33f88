"""How the sums above the ledger's rows were made."""

from collections.abc import Iterator, Mapping

from console.core.budget import NEAR, PROJECTION, Level
from console.core.entry import Totals
from console.core.explain import usd
from console.core.tier import Tier
from console.services.books import Page
from console.ui.draw.entry import fact_lines, sum_lines
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
    return fact_lines(_standing(page), width)


def _standing(page: Page) -> Iterator[tuple[str, str]]:
    api = page.month[Tier.API]
    left_out = f"; {api.unpriced:,} rows without a price are left out" if api.unpriced else ""
    yield "month so far", f"{usd(api.spent_nano)} charged by the api{left_out}"
    if api.plan_calls:
        yield "by a plan", f"{usd(api.plan_nano)} at list prices nobody charged, not in it"
    by = page.projection
    if by is None or by.mean_nano is None or by.nano is None:
        yield "heading for", "unknown before one complete day of the ledger"
    else:
        days = "the day" if by.mean_days == 1 else f"the {by.mean_days} days"
        yield "complete days", usd(by.before_today)
        mean = f"{usd(by.mean_nano)}, the mean of {days} before it"
        yield "today", f"{usd(by.today)} so far, counted as {usd(max(by.today, by.mean_nano))}"
        yield "a day's mean", mean
        yield "days left", f"{by.days_left} × {usd(by.mean_nano)}"
        yield "heading for", f"{usd(by.nano)}: {PROJECTION}"
    for limit in page.limits:
        spent = f"{usd(limit.spent_nano)} of {usd(limit.limit_nano)} is {limit.share:.1%}"
        yield limit.name.removesuffix(" self-hosting"), f"{spent}: {_STATES[limit.level]}"


_STATES = {
    Level.PASSED: "passed",
    Level.NEAR: f"near, from {NEAR:.0%} on",
    Level.AHEAD: "not near yet, but where the month is heading is above it",
    Level.CLEAR: "clear",
}
