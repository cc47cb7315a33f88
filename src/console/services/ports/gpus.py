"""The cards: what they say, what they take, and what is kept of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Collection, Iterable

    from console.core.edge import Edge
    from console.core.energy import Spent
    from console.core.gpu import Snapshot
    from console.core.series import KeptBucket


class GpuSource(Protocol):
    """A stream of GPU snapshots."""

    def snapshots(self, interval_s: float) -> AsyncGenerator[Snapshot, None]:
        """One snapshot per interval, for ever.

        Failures come as snapshots whose `trouble` says what is wrong, one per look; it looks
        again by itself. Closing the iterator releases the driver.
        """

    def set_interval(self, interval_s: float) -> None:
        """Change the interval of the stream that is under way."""

    def profile(self, uuids: Collection[str]) -> None:
        """Read the profiling metrics of these cards, and of no others, from now on."""

    def integrate(self, on: bool) -> None:
        """Add up the power of cards without an energy counter, read often, from now on; or stop."""

    async def edges(self, ticks: int) -> list[Edge]:
        """Each card's energy counter now and at its next tick, which takes about 0.1 s.

        With two `ticks` the length of a tick is told as well. Of a card without a counter it is
        the sum of `integrate`, if that is on. A card that does not answer in time is left out;
        there is none while no stream is under way.
        """


class RequestMeter(Protocol):
    """Tells what each request of the local tier took from the cards."""

    def begin(self, id: str) -> None:
        """A request is about to be sent to the local tier."""

    async def end(self, id: str, tokens: int | None = None) -> Spent | None:
        """Its energy until now; None when unknown. `tokens` are those it wrote.

        Waits for the energy counter's next tick, about 0.1 s.
        """

    def drop(self, id: str) -> None:
        """It ended without asking for its energy; nothing happens where it did."""

    def wrote(self, tokens: float) -> None:
        """The local tier wrote about so many tokens."""


class HistoryStore(Protocol):
    """Where closed buckets outlive the process. Called from threads, one call at a time."""

    def load(self) -> list[KeptBucket]:
        """All that was kept, oldest first; what is damaged is left out. Raises OSError."""

    def append(self, kept: Iterable[KeptBucket]) -> None:
        """Add closed buckets, unless another process does. Raises OSError."""

    def close(self) -> None:
        """Let go of the file."""
