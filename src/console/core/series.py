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

    @property
    def newest(self) -> Bucket | None:
        """The bucket that still takes values in."""
        return self._buckets[-1] if self._buckets else None

    def window(self, since: float) -> list[Bucket]:
        """The buckets that reach past `since`, oldest first."""
        return [bucket for bucket in self._buckets if bucket.start + self.width > since]

    def add(self, at: float, value: float) -> bool:
        """Take a value in; true when it opened a new bucket, so that a chart must move.

        A time up to one bucket before the newest counts into the newest. One further back means
        that the clock was set: the buckets it has yet to reach again are dropped.
        """
        start = at - at % self.width
        if self._buckets and start < self._buckets[-1].start - self.width:
            while self._buckets and self._buckets[-1].start > start:
                self._buckets.pop()
        newest = self.newest
        if newest is not None and start <= newest.start:
            self._buckets[-1] = Bucket(
                newest.start, min(newest.low, value), max(newest.high, value), value
            )
            return False
        self._buckets.append(Bucket(start, value, value, value))
        return True
