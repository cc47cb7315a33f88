"""GPU snapshots as rows of a table, one for each card and moment: numbers stay numbers."""

from collections.abc import Iterator
from dataclasses import fields
from datetime import UTC, datetime

from console.core.gpu import Card, Snapshot

_APART = ("processes", "held_s", "held_pct", "read_ms", "missing")
"""Fields of a card that are no single value."""

COLUMNS: tuple[str, ...] = (
    "time",
    "at_ms",
    *(each.name for each in fields(Card) if each.name not in _APART),
    "held",
    "processes",
    "trouble",
)
"""The columns; `held` are the shares of the last minute as "reason=percent", `processes` counts."""

Value = str | int | float | None


def rows(snapshot: Snapshot) -> Iterator[list[Value]]:
    """A row for each card; one without a card where there is none, so that trouble is told."""
    moment = datetime.fromtimestamp(snapshot.at_ms / 1000, UTC)
    when: list[Value] = [moment.isoformat(timespec="milliseconds"), snapshot.at_ms]
    for card in snapshot.cards:
        values = [_plain(getattr(card, name)) for name in COLUMNS[2:-3]]
        held = ";".join(f"{reason}={share:.1f}" for reason, share in card.held_pct.items())
        count = None if card.processes is None else len(card.processes)
        yield [*when, *values, held or None, count, snapshot.trouble]
    if not snapshot.cards:
        yield [*when, *([None] * (len(COLUMNS) - 3)), snapshot.trouble]


def _plain(value: object) -> Value:
    if isinstance(value, bool):
        return int(value)
    assert value is None or isinstance(value, str | int | float)
    return value
