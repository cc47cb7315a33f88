"""Histories of a gauge: bounded, in buckets that keep their extremes."""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from typing import NamedTuple

FINE_S, KEPT_S, COARSE_S = 2.0, 10.0, 60.0
"""The widths of a bucket in seconds: for a minute's chart, for an hour's, and for a day's."""

_SLACK = 64
"""So many buckets are dropped at once: to drop each alone would move the rest each time."""


class Bucket(NamedTuple):
    """The lowest, highest and last value seen in one stretch of time, which began at `start`."""

    start: float
    low: float
    high: float
    last: float


class KeptBucket(NamedTuple):
    """A closed bucket of the series `key`, of its width in seconds, in the store."""

    key: str
    width: float
    bucket: Bucket


class Series:
    """The latest buckets of one gauge, oldest first.

    `width` is a bucket's length in the unit of the times given to `add`; `keep` how many
    buckets are held. A spike shorter than a bucket stays visible as its high or low. Values are
    kept as 32-bit floats, so that a day of minutes is 30 KB.
    """

    def __init__(self, width: float, keep: int) -> None:
        self.width = width
        self._keep = keep
        self._starts = array("d")
        self._lows, self._highs, self._lasts = array("f"), array("f"), array("f")

    def __len__(self) -> int:
        return min(len(self._starts), self._keep)

    def __iter__(self) -> Iterator[Bucket]:
        return iter(self._slice(len(self._starts) - len(self), len(self._starts)))

    @property
    def newest(self) -> Bucket | None:
        """The bucket that still takes values in."""
        return self._bucket(len(self._starts) - 1) if self._starts else None

    def window(self, since: float, until: float | None = None) -> list[Bucket]:
        """The buckets that reach past `since` and began before `until`, oldest first."""
        first = max(bisect_right(self._starts, since - self.width), len(self._starts) - len(self))
        end = len(self._starts) if until is None else bisect_left(self._starts, until)
        return self._slice(first, max(first, end))

    def add(self, at: float, value: float) -> bool:
        """Take a value in; true when it opened a new bucket, so that a chart must move.

        A time up to one bucket before the newest counts into the newest. One further back means
        that the clock was set: the buckets it has yet to reach again are dropped.
        """
        start = at - at % self.width
        if self._starts and start < self._starts[-1] - self.width:
            self._cut(bisect_right(self._starts, start))
        if self._starts and start <= self._starts[-1]:
            self._lows[-1] = min(self._lows[-1], value)
            self._highs[-1] = max(self._highs[-1], value)
            self._lasts[-1] = value
            return False
        self._append(Bucket(start, value, value, value))
        return True

    def precede(self, buckets: Iterable[Bucket]) -> None:
        """Put older buckets, oldest first and of any shorter width, before those that are held.

        What overlaps the first one held is left out.
        """
        held = list(self)
        first = held[0].start if held else float("inf")
        self._cut(0)
        for bucket in buckets:
            start = bucket.start - bucket.start % self.width
            if start >= first:
                break
            if self._starts and start <= self._starts[-1]:
                self._lows[-1] = min(self._lows[-1], bucket.low)
                self._highs[-1] = max(self._highs[-1], bucket.high)
                self._lasts[-1] = bucket.last
            else:
                self._append(Bucket(start, bucket.low, bucket.high, bucket.last))
        for bucket in held:
            self._append(bucket)

    def _append(self, bucket: Bucket) -> None:
        self._starts.append(bucket.start)
        self._lows.append(bucket.low)
        self._highs.append(bucket.high)
        self._lasts.append(bucket.last)
        if len(self._starts) > self._keep + _SLACK:
            for column in self._columns():
                del column[: len(column) - self._keep]

    def _cut(self, length: int) -> None:
        for column in self._columns():
            del column[length:]

    def _columns(self) -> tuple["array[float]", ...]:
        return self._starts, self._lows, self._highs, self._lasts

    def _slice(self, first: int, end: int) -> list[Bucket]:
        return [self._bucket(index) for index in range(first, end)]

    def _bucket(self, index: int) -> Bucket:
        return Bucket(
            self._starts[index], self._lows[index], self._highs[index], self._lasts[index]
        )
