"""Histories of a gauge: a bounded ring of buckets that keep their extremes."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bucket:
    """The lowest, highest and last value seen in one stretch of time, which began at `start`."""

    start: float
    low: float
    high: float
    last: float


class Series:
    """The latest buckets of one gauge, oldest first.

    `width` is a bucket's length in the unit of the times given to `add`; `keep` how many
    buckets are held. A spike shorter than a bucket stays visible as its high or low.
    """

    def __init__(self, width: float, keep: int) -> None:
        self.width = width
        self._buckets: deque[Bucket] = deque(maxlen=keep)

    def __len__(self) -> int:
        return len(self._buckets)

    def __iter__(self) -> Iterator[Bucket]:
        return iter(self._buckets)

    def add(self, at: float, value: float) -> bool:
        """Take a value in; true when it opened a new bucket, so that a chart must move.

        A time before the newest bucket counts into the newest bucket.
        """
        start = at - at % self.width
        newest = self._buckets[-1] if self._buckets else None
        if newest is not None and start <= newest.start:
            self._buckets[-1] = Bucket(
                newest.start, min(newest.low, value), max(newest.high, value), value
            )
            return False
        self._buckets.append(Bucket(start, value, value, value))
        return True
