"""A long read as many short ones: spans of time that hold a bounded number of rows each."""

from collections.abc import Iterator

from console.sources.ledger.arms import Arm
from console.sources.ledger.conditions import Fetch, Window, both, bounds

FIRST, THEN = 3_000, 40_000
"""Rows of an index that the first span and each further one hold, about.

Each can be in a page of the file of its own, so that the first is what 20 ms allow.
"""


def slices(fetch: Fetch, arms: list[Arm], window: Window, *, oldest: bool = False
           ) -> Iterator[Window]:  # fmt: skip
    """The spans of a window in which arms have rows, newest first unless `oldest`.

    The last one has the window's own end. Rows of one millisecond are never parted.
    """
    since, until = window
    count = FIRST
    while True:
        left = (since, until)
        edges = [_edge(fetch, arm, left, max(1_000, count // len(arms)), oldest) for arm in arms]
        known = [edge for edge in edges if edge is not None]
        if not known:
            yield left
            return
        if oldest:
            edge = min(known) + 1
            yield since, edge
            since = edge
        else:
            edge = max(known)
            yield edge, until
            until = edge
        count = THEN


def _edge(fetch: Fetch, arm: Arm, window: Window, count: int, oldest: bool) -> int | None:
    """When the row began that has `count` rows of an arm before it."""
    index, of_arm = arm
    sql, values = both([*bounds(window), of_arm])
    found = fetch(
        f"SELECT started_ms FROM entries INDEXED BY {index} WHERE {sql} "
        f"ORDER BY started_ms {'ASC' if oldest else 'DESC'} LIMIT 1 OFFSET {count - 1}",
        values,
    )
    return int(found[0][0]) if found else None
