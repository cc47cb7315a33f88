"""The few dearest, longest and slowest rows of each model, which indexes of their own hold.

A full index of each order would cost every row's write; the first thousands of pages of a large
ledger are in its tail. All rows of the API are in the order of their dollars. Behind the tail rows
are sorted as they are read.
"""

from dataclasses import dataclass

from console.core.query import Sort
from console.core.tier import Tier
from console.sources.ledger.conditions import SPENT


@dataclass(frozen=True, slots=True)
class Tail:
    """Rows whose number `by` is at least `least`, and all of tier `whole`, by tier and model."""

    sort: Sort
    by: str
    least: int
    whole: Tier | None = None

    @property
    def holds(self) -> str:
        """Which rows are in it: a partial index is read only by a statement that says the same."""
        tail = f"{self.by} >= {self.least}"
        return tail if self.whole is None else f"(tier = '{self.whole}' OR {tail})"

    def create(self, name: str) -> str:
        """The SQL that makes the index."""
        return (
            f"CREATE INDEX {name} ON entries (tier, model, {self.by}, started_ms, id) "
            f"WHERE {self.holds}"
        )


TAILS = {
    "entries_dearest": Tail(Sort.COST, SPENT, 300_000, whole=Tier.API),
    "entries_longest": Tail(Sort.OUTPUT, "coalesce(output_tokens, -1)", 1_000),
    "entries_slowest": Tail(Sort.SLOWEST, "coalesce(ended_ms - started_ms, -1)", 20_000),
    "entries_latest": Tail(Sort.TTFT, "coalesce(ttft_ms, -1)", 2_000),
}
"""By the name of the index: nano-dollars, output tokens, milliseconds, milliseconds."""

TAILS_AT_FIRST = {
    "entries_longest": ("coalesce(output_tokens, -1)", 1_000),
    "entries_slowest": ("coalesce(ended_ms - started_ms, -1)", 20_000),
    "entries_late": ("coalesce(ttft_ms, -1)", 2_000),
}
"""The numbers and the least of them that an earlier step indexed, without tier and model."""
