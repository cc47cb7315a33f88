"""What was charted, at several widths, kept across restarts."""

from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from console.core.series import COARSE_S, FINE_S, KEPT_S, Bucket, KeptBucket, Series

if TYPE_CHECKING:
    from console.services.ports import HistoryStore

_KEEP = {FINE_S: 450, KEPT_S: 1080, COARSE_S: 4320}
"""Fifteen minutes, three hours, and three days, through which one can step back."""

POINTS = 90
"""A chart has at least so many buckets, where there are buckets so fine."""


class Stretch(NamedTuple):
    """The buckets of a window, oldest first, and their width in seconds."""

    buckets: list[Bucket]
    width: float


class History:
    """Series by key, each at three widths; times are UTC seconds.

    Without a `store` nothing outlives the process. A store that fails is not tried again, and
    `trouble` says so.
    """

    def __init__(self, store: "HistoryStore | None" = None) -> None:
        self.trouble: str | None = None
        self._store = store
        self._series: dict[str, dict[float, Series]] = {}
        self._saved: dict[str, float] = {}
        self._unsaved: list[KeptBucket] = []
        self._loading = self._loaded = False

    def add(self, key: str, at_s: float, value: float) -> float:
        """Take a value in; the width of the widest bucket that opened, 0 when none did."""
        moved = 0.0
        for width, series in self._of(key).items():
            before = series.newest
            if series.add(at_s, value):
                moved = width
                if width == KEPT_S and before is not None and self._store is not None:
                    self._unsaved.append(KeptBucket(key, width, before))
        return moved

    def window(self, key: str, start_s: float, end_s: float) -> Stretch:
        """The series between two times, in buckets that suit its length."""
        fit = (end_s - start_s) / POINTS
        width = max((each for each in _KEEP if each <= fit), default=FINE_S)
        series = self._of(key)
        stretch = series[width].window(start_s, end_s)
        # Far back only the coarser buckets are left.
        while width < COARSE_S and (not stretch or stretch[0].start > start_s + 2 * COARSE_S):
            wider = min(each for each in _KEEP if each > width)
            coarse = series[wider].window(start_s, end_s)
            if not coarse or (stretch and coarse[0].start > stretch[0].start - wider):
                break
            width, stretch = wider, coarse
        return Stretch(stretch, width)

    def series(self, key: str, width: float = FINE_S) -> Series:
        """One series at one width."""
        return self._of(key)[width]

    async def load(self) -> None:
        """Read what was kept by earlier runs; once, and before anything is saved."""
        if self._loading or self._store is None:
            return
        import asyncio

        self._loading = True
        try:
            kept = await asyncio.to_thread(self._store.load)
        except OSError as error:
            self._fail(error)
            return
        self._loaded = True
        by_key: dict[str, list[Bucket]] = {}
        for each in kept:
            by_key.setdefault(each.key, []).append(each.bucket)
        for key, buckets in by_key.items():
            for width, series in self._of(key).items():
                if width >= KEPT_S:
                    series.precede(buckets)

    async def save(self) -> None:
        """Write the buckets that have closed since the last time."""
        if self._store is None or not self._loaded or not self._unsaved:
            return
        import asyncio

        unsaved, self._unsaved = self._unsaved, []
        try:
            await asyncio.to_thread(self._store.append, unsaved)
        except OSError as error:
            self._fail(error)

    async def aclose(self) -> None:
        """Write what is left, the open buckets too."""
        if self._store is None:
            return
        import asyncio

        with suppress(OSError):
            for key, widths in self._series.items():
                newest = widths[KEPT_S].newest
                if newest is not None:
                    self._unsaved.append(KeptBucket(key, KEPT_S, newest))
            await self.save()
            if self._store is not None:
                await asyncio.to_thread(self._store.close)

    def _fail(self, error: OSError) -> None:
        import logging

        self._store = None
        self.trouble = f"The GPU history is not kept: {error}"
        logging.getLogger("console").warning(self.trouble)

    def _of(self, key: str) -> dict[float, Series]:
        if key not in self._series:
            self._series[key] = {width: Series(width, keep) for width, keep in _KEEP.items()}
        return self._series[key]
