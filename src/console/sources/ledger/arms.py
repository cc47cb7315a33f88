"""Which indexes serve a filter: equalities that together hold every row of it.

A filter on tier and model is put to the rollup, which names the few pairs it means; each is then
read from its index, so that a model of last year is found as fast as today's.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from console.core.entry import Ending
from console.core.query import OPEN, Bound, Compare, Match, Query, Term
from console.core.tier import Tier
from console.sources.ledger.conditions import SPENT, Fetch, Where, both, condition
from console.sources.ledger.tails import TAILS

MOST = 100
"""Values of a filter that are read from an index each; with more, rows are read by time."""

FEW_ARMS = 8
"""Arms that are gone through span by span; with more, all rows are."""

DEAR = 5_000
"""Rows above a cost that are few enough to be read by it and sorted by time."""

Arm = tuple[str, Where]
"""An index, and a condition that it serves."""

ALL_ROWS: list[Arm] = [("entries_newest", ("1", []))]


@dataclass(frozen=True, slots=True)
class Arms:
    """Arms that hold every row of a filter; `whole` if they hold no other, but for times."""

    arms: list[Arm]
    whole: bool

    @property
    def in_spans(self) -> list[Arm]:
        """The arms to go through span by span."""
        return self.arms if len(self.arms) <= FEW_ARMS else ALL_ROWS


def arms_of(fetch: Fetch, query: Query) -> Arms | None:
    """The arms of a filter, if an index serves a part of it and they are few."""
    terms = [term for term in query.terms if not isinstance(term, Bound)]
    for term in terms:
        if arms := _of_values(term):
            return Arms(arms, whole=len(terms) == 1)
    named = _named(query)
    pairs = pairs_of(fetch, query) if named else []
    if named and len(pairs) <= MOST and len(pairs) < len(_all_pairs(fetch)):
        by_model = [_pair(each) for each in pairs or [("", "")]]
        return Arms(by_model, whole=len(named) == len(terms))
    dearest = TAILS["entries_dearest"]
    for term in terms:
        match term:
            case Compare("usd", ">" | ">=" as sign, value, False) if value >= dearest.least:
                each = [
                    ("entries_dearest", both([_pair(pair)[1], (dearest.holds, []),
                                              (f"{SPENT} {sign} ?", [value])]))
                    for pair in _all_pairs(fetch)
                ]  # fmt: skip
                if 0 < len(each) <= MOST and are_few(fetch, each, DEAR):
                    return Arms(each, whole=len(terms) == 1)
    return None


def pairs_of(fetch: Fetch, query: Query) -> list[tuple[str, str]]:
    """The tiers and models that a filter's terms on them mean."""
    sql, values = both(map(condition, _named(query)))
    found = fetch(f"SELECT DISTINCT tier, model FROM daily_totals WHERE {sql}", values)
    return [(tier, model) for tier, model in found]


def of_models_alone(query: Query, ranges: Sequence[Compare] = ()) -> bool:
    """Whether a filter is of tiers, models and some ranges and nothing else, or of nothing."""
    return len(_named(query)) + len(ranges) == len(query.terms)


def of_times_alone(query: Query) -> bool:
    """Whether a filter is of times and nothing else, or of nothing."""
    return all(isinstance(term, Bound) for term in query.terms)


def are_few(fetch: Fetch, arms: list[Arm], most: int) -> bool:
    """Whether arms hold fewer rows than that."""
    left = most
    for index, (sql, values) in arms:
        some = f"SELECT 1 FROM entries INDEXED BY {index} WHERE {sql} LIMIT {left}"
        ((count,),) = fetch(f"SELECT count(*) FROM ({some})", values)
        left -= count
        if left <= 0:
            return False
    return True


def _of_values(term: Term) -> list[Arm]:
    if not isinstance(term, Match) or term.negated or "*" in "".join(term.values):
        return []
    values = sorted(set(term.values))
    if term.field == "tag" and len(values) <= MOST:
        return [("entries_tag", ("tag = ?", [value])) for value in values]
    if term.field == "ended" and Ending.DONE not in values:
        # Written out, since the index is partial: a parameter would not prove it.
        return [
            ("entries_in_flight", ("ending IS NULL", []))
            if value == OPEN
            else ("entries_trouble", (f"ending = '{value}' AND ending <> 'done'", []))
            for value in values
        ]
    return []


def _named(query: Query) -> list[Match]:
    """The terms on tier and model."""
    return [t for t in query.terms if isinstance(t, Match) and t.field in ("tier", "model")]


def _all_pairs(fetch: Fetch) -> list[tuple[str, str]]:
    found = fetch("SELECT DISTINCT tier, model FROM daily_totals", ())
    return [(tier, model) for tier, model in found]


def _pair(pair: tuple[Tier | str, str]) -> Arm:
    return "entries_model", ("tier = ? AND model = ?", [*pair])
