"""The terms of a filter as SQL conditions on `entries`."""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from console.core.query import OPEN, Bound, Compare, Flag, Match, Term
from console.sources.ledger.rollup import part

Where = tuple[str, list[Any]]
"""A condition in SQL, and the values of its parameters."""

Fetch = Callable[[str, Sequence[Any]], list[sqlite3.Row]]
"""Runs a statement and fetches all of it."""

Window = tuple[int | None, int | None]
"""UTC times that rows began from and before; None is unbounded."""

SPENT = "coalesce(cost_nano_usd, energy_nano_usd, -1)"
"""What a row cost its tier, -1 where unknown; the expression that `entries_dearest` indexes."""

_PROMPT = (
    "(uncached_tokens + coalesce(cache_read_tokens, 0) + coalesce(cache_write_5m_tokens, 0)"
    " + coalesce(cache_write_1h_tokens, 0))"
)
_NUMBERS = {
    "usd": SPENT,
    "in": _PROMPT,
    "out": "output_tokens",
    "ttft": "ttft_ms",
    "took": "(ended_ms - started_ms)",
}
_FLAGS = {
    "unpriced": part("unpriced"),
    "uncounted": part("uncounted"),
    "unmeasured": "(tier = 'local' AND ending IS NOT NULL AND energy_joules IS NULL)",
    "estimated": "(usage_source = 'estimated')",
    "plan": "(plan = 1)",
    "imported": "(origin IS NOT NULL)",
    "batch": "(coalesce(usage_raw, '') LIKE '%\"service_tier\": \"batch\"%')",
}
_COLUMNS = {"ended": "ending", "from": "origin", "system": "system_name"}
_WHOLE = ("tier", "ended", "tag")
_BEGINS = ("id", "conversation")


def condition(term: Term, negated: bool | None = None) -> Where:
    """The SQL of one term; a row where the field is unknown does not match it."""
    turned = getattr(term, "negated", False) if negated is None else negated
    match term:
        case Match():
            parts = [_matches(term.field, value) for value in term.values]
            sql = " OR ".join(sql for sql, _ in parts)
            values = [value for _, each in parts for value in each]
        case Flag():
            sql, values = _FLAGS[term.name], []
        case Compare():
            known = " AND coalesce(cost_nano_usd, energy_nano_usd) IS NOT NULL"
            sql = f"{_NUMBERS[term.name]} {term.comparison} ?" + known * (term.name == "usd")
            values = [term.value]
        case Bound():
            return "1", []
    return (f"NOT coalesce(({sql}), 0)" if turned else f"({sql})"), values


def _matches(field: str, value: str) -> Where:
    column = _COLUMNS.get(field, field)
    if field == "ended" and value == OPEN:
        return "ending IS NULL", []
    if field == "system":
        return "(system_name = ? OR substr(system_hash, 1, ?) = ?)", [value, len(value), value]
    if "*" in value:
        return f"lower({column}) GLOB ?", [_pattern(value.lower())]
    if field in _WHOLE:
        return f"{column} = ?", [value]
    if field in _BEGINS:
        return f"substr({column}, 1, ?) = ?", [len(value), value]
    return f"instr(lower({column}), ?) > 0", [value.lower()]


def _pattern(value: str) -> str:
    """A GLOB in which only `*` is special."""
    return value.replace("[", "[[]").replace("?", "[?]")


def both(parts: Iterable[Where]) -> Where:
    """All of some conditions."""
    chosen = [(sql, values) for sql, values in parts if sql != "1"]
    return (
        " AND ".join(sql for sql, _ in chosen) or "1",
        [value for _, values in chosen for value in values],
    )


def bounds(window: Window) -> Iterator[Where]:
    """The times that rows began from and before."""
    for bound, sign in zip(window, (">=", "<"), strict=True):
        if bound is not None:
            yield f"started_ms {sign} ?", [bound]
