"""The few longest and slowest rows of a ledger, which indexes of their own hold.

A full index of each order would cost every row's write; the first thousands of pages of a large
ledger are in its tail. Behind the tail rows are sorted as they are read.
"""

from dataclasses import dataclass

from console.core.query import Sort


@dataclass(frozen=True, slots=True)
class Tail:
    """Rows whose number `by` is at least `least`, in the order of that number."""

    sort: Sort
    by: str
    least: int


TAILS = {
    "entries_longest": Tail(Sort.OUTPUT, "coalesce(output_tokens, -1)", 1_000),
    "entries_slowest": Tail(Sort.SLOWEST, "coalesce(ended_ms - started_ms, -1)", 20_000),
    "entries_late": Tail(Sort.TTFT, "coalesce(ttft_ms, -1)", 2_000),
}
"""By the name of the index: output tokens, milliseconds, milliseconds."""
