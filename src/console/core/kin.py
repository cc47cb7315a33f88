"""Rows of the ledger that belong together: attempts of one request, sides of a comparison."""

from collections.abc import Sequence

from console.core.entry import Ending, Entry

FAILED = (Ending.ERROR, Ending.TIMEOUT, Ending.INTERRUPTED)


def relation(entry: Entry, family: Sequence[Entry]) -> str:
    """How a row came about beside those it belongs to.

    "request" (the first), "retry", "fallback", "comparison", "second opinion", or "asked again":
    the first had an answer, and another was wanted, be it by the operator or by a cascade.
    """
    if entry.parent is None:
        return "request"
    if entry.checks:
        return "second opinion"
    parent = next((row for row in family if row.id == entry.parent), None)
    if parent is None:
        return "comparison"
    if parent.ending in FAILED:
        same = (parent.tier, parent.provider, parent.model)
        return "retry" if same == (entry.tier, entry.provider, entry.model) else "fallback"
    at_once = parent.ended_ms is None or entry.started_ms < parent.ended_ms
    return "comparison" if at_once else "asked again"


def together(family: Sequence[Entry]) -> tuple[int, int]:
    """What all of them cost, each once, in nano-dollars, and of how many that is unknown."""
    known = [row.spent_nano for row in family if not row.plan]
    return sum(nano or 0 for nano in known), known.count(None)
