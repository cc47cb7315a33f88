"""What the cards said in the last hour, from which a request's energy follows without its edges."""

from collections import deque
from collections.abc import Sequence
from typing import NamedTuple

from console.core.apportion import Mark
from console.core.energy import Point, counter_delta, integrate
from console.core.gpu import Snapshot

READINGS = 3600

_PATIENCE = 3
"""Intervals for which a card that said nothing still counts as there."""

_AVERAGED_S = 1.0


class _Reading(NamedTuple):
    """What one card said at a time in UTC seconds: watts, and its counter in joules."""

    at_s: float
    watts: float | None
    joules: float | None


class Readings:
    """Each card's readings by UUID, in order of time."""

    def __init__(self) -> None:
        self._by_card: dict[str, deque[_Reading]] = {}
        self._limit_w: dict[str, float] = {}

    def take(self, snapshot: Snapshot) -> None:
        """Keep what the cards of a snapshot say; one that is late says nothing new."""
        for card in snapshot.cards:
            if card.fault is not None or not card.uuid:
                continue
            if card.power_limit_w is not None:
                self._limit_w[card.uuid] = card.power_limit_w
            at_s = card.read_ms.get("fast", snapshot.at_ms) / 1000
            readings = self._by_card.setdefault(card.uuid, deque(maxlen=READINGS))
            if readings and readings[-1].at_s == at_s:
                continue
            while readings and readings[-1].at_s > at_s:
                readings.pop()  # the clock was set back
            readings.append(_Reading(at_s, card.power_w, card.energy_j))

    def cards(self, start_s: float, end_s: float, interval_s: float) -> list[str]:
        """The cards that were there between two times."""
        return [
            uuid
            for uuid, readings in self._by_card.items()
            if readings[0].at_s <= end_s and start_s - _PATIENCE * interval_s <= readings[-1].at_s
        ]

    def counts(self, uuid: str, start_s: float, end_s: float) -> list[float]:
        """What a card's counter said between two times, in joules."""
        return [
            reading.joules
            for reading in self._by_card[uuid]
            if reading.joules is not None and start_s <= reading.at_s <= end_s
        ]

    def marks(
        self, uuid: str, moments: Sequence[tuple[float, frozenset[str]]], interval_s: float
    ) -> tuple[list[Mark], float] | None:
        """A card's joules at moments since the first, and how far off the last may be.

        From its counter, else from its power; None where neither covers the moments. A moment
        comes with the requests that run from there on.
        """
        start_s, end_s = moments[0][0], moments[-1][0]
        around_s = _PATIENCE * interval_s
        kept = self._by_card[uuid]
        readings = _held(kept, end_s, interval_s)
        near = [
            reading.watts
            for reading in readings
            if reading.watts is not None and start_s - around_s <= reading.at_s <= end_s + around_s
        ]
        swing_w = max(near) - min(near) if near else 0.0
        for kind, measure in (("joules", counter_delta), ("watts", integrate)):
            points = _points(readings, kind)
            parts = [measure(points, start_s, at_s) for at_s, _ in moments]
            if all(part is not None for part in parts):
                # Between two samples the power may have swung anywhere; a mean of the last
                # second lags besides.
                lag_s = interval_s / 2 + (kind == "watts") * _AVERAGED_S / 2
                marks = [
                    Mark(part or 0.0, running)
                    for part, (_, running) in zip(parts, moments, strict=True)
                ]
                off_j = 2 * lag_s * max(swing_w, 0.05 * max(near, default=0.0))
                return marks, off_j + self._unread_j(uuid, kept[-1], end_s)
        return None

    def _unread_j(self, uuid: str, last: _Reading, until_s: float) -> float:
        """How much more than it did when it was last read a card can have drawn since."""
        peak_w = max(reading.watts or 0.0 for reading in self._by_card[uuid])
        most_w = max(peak_w, self._limit_w.get(uuid, 0.0))
        return max(0.0, until_s - last.at_s) * (most_w - (last.watts or 0.0))


def _held(readings: Sequence[_Reading], until_s: float, interval_s: float) -> list[_Reading]:
    """The readings, the last one held on to a time when the next is not yet due."""
    last = readings[-1]
    after_s = until_s - last.at_s
    if not 0 < after_s <= 1.5 * interval_s or last.watts is None:
        return list(readings)
    joules = None if last.joules is None else last.joules + last.watts * after_s
    return [*readings, _Reading(until_s, last.watts, joules)]


def _points(readings: Sequence[_Reading], kind: str) -> list[Point]:
    values = ((reading.at_s, getattr(reading, kind)) for reading in readings)
    return [(at_s, value) for at_s, value in values if value is not None]
