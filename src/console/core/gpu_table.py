"""GPU snapshots as rows of a table, one for each card and moment: numbers stay numbers."""

from collections.abc import Iterator
from datetime import UTC, datetime

from console.core.gpu import Card, Instance, Snapshot

_APART = ("processes", "held_s", "held_pct", "ghostly_s", "instances", "read_ms", "missing")
"""Fields of a card that are no single value."""

_PART = ("gpu_instance", "compute_instance", "profile")
"""Columns of a MIG instance alone."""

COLUMNS: tuple[str, ...] = (
    "time",
    "at_ms",
    *(name for name in Card._fields if name not in _APART),
    "held",
    "age_s",
    "processes",
    *_PART,
    "trouble",
)
"""The columns; `held` are the shares of the last `held_over_s` as "reason=percent", `age_s` is how
old the card's values are, `processes` counts."""

_AFTER = 4 + len(_PART)

Value = str | int | float | None


def rows(snapshot: Snapshot) -> Iterator[list[Value]]:
    """A row for each card; one without a card where there is none, so that trouble is told.

    Below a card in MIG mode stands a row for each instance, which has an id in `gpu_instance`,
    its own uuid, profile, memory and processes, and the card's index and name.
    """
    moment = datetime.fromtimestamp(snapshot.at_ms / 1000, UTC)
    when: list[Value] = [moment.isoformat(timespec="milliseconds"), snapshot.at_ms]
    for card in snapshot.cards:
        values = [_plain(getattr(card, name)) for name in COLUMNS[2:-_AFTER]]
        held = ";".join(f"{reason}={share:.1f}" for reason, share in card.held_pct.items())
        count = None if card.processes is None else len(card.processes)
        age_s = card.age_s(snapshot.at_ms)
        after = [held or None, age_s, count, *len(_PART) * [None], snapshot.trouble]
        yield [*when, *values, *after]
        for instance in card.instances or ():
            own = _of_instance(instance, card)
            yield [*when, *(own.get(name) for name in COLUMNS[2:])]
    if not snapshot.cards:
        yield [*when, *([None] * (len(COLUMNS) - 3)), snapshot.trouble]


def _of_instance(instance: Instance, card: Card) -> dict[str, Value]:
    ids = instance.gpu_instance, instance.compute_instance
    inside = [
        each for each in card.processes or () if (each.gpu_instance, each.compute_instance) == ids
    ]
    return {
        "index": card.index,
        "name": card.name,
        "pci": card.pci,
        "processes": None if card.processes is None else len(inside),
        **instance._asdict(),
    }


def _plain(value: object) -> Value:
    if isinstance(value, bool):
        return int(value)
    assert value is None or isinstance(value, str | int | float)
    return value
