"""The ledger's file, as its writer, its readers and the what-if see it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from console.core.entry import Entry, Totals
    from console.core.group import Group
    from console.core.query import Found, Grouping, Query
    from console.core.tier import Tier
    from console.core.verdict import Verdict
    from console.core.whatif.policy import Arrival, Row
    from console.core.whatif.traffic import Traffic


class LedgerReader(Protocol):
    """Reads of the ledger's file, in a thread of their own; only `interrupt` is for others.

    Raises OSError with a sentence for the operator when the file cannot be used.
    """

    def recent(self, limit: int, before: tuple[int, str] | None = None) -> list[Entry]:
        """Rows newest first; `before` is the (started_ms, id) of the last row already shown."""

    def newer(self, limit: int, after: tuple[int, str] | None = None) -> list[Entry]:
        """The rows that come next after `after` in time, newest first; without it the oldest."""

    def page(
        self, query: Query, limit: int, after: Entry | None, now_ms: int, zone: str
    ) -> list[Entry]:
        """Rows of a filter in its order, those that follow `after`."""

    def page_steps(
        self, query: Query, limit: int, after: Entry | None, now_ms: int, zone: str
    ) -> Iterator[Found[list[Entry]]]:
        """The same in short reads, each of which tells what is known so far."""

    def totals(
        self, since_ms: int | None = None, until_ms: int | None = None
    ) -> dict[Tier, Totals]:
        """Sums by tier over rows that began in a window; always has both tiers."""

    def groups(
        self, query: Query, by: Grouping | None, now_ms: int, zone: str
    ) -> dict[str, dict[Tier, Totals]]:
        """Sums of a filter's rows by group and tier; without a grouping under the key ""."""

    def group_steps(
        self, query: Query, by: Grouping | None, now_ms: int, zone: str
    ) -> Iterator[Found[dict[str, dict[Tier, Totals]]]]:
        """The same in short reads, each of which tells what is known so far."""

    def first_ms(self) -> int | None:
        """When the oldest row began."""

    def get(self, id: str) -> Entry | None:
        """The row whose id begins so, if it is the only one."""

    def kin(self, entry: Entry) -> list[Entry]:
        """The row and those that belong together with it by `parent`, oldest first."""

    def repricings(self, id: str) -> list[dict[str, Any]]:
        """Each repricing of a row, oldest first: when, which figure, old and new."""

    def verdicts(self) -> list[Verdict]:
        """What was said of compared replies, oldest first."""

    def schema(self) -> str:
        """The SQL of the file's tables, views, indexes and triggers."""

    def change_stamp(self) -> int:
        """A number that differs after any write, by this process or another."""

    def interrupt(self) -> None:
        """End the read that is under way in another thread."""

    def close(self) -> None:
        """Close the file."""


class LedgerStore(LedgerReader, Protocol):
    """The ledger's file as its writer; called from one thread only.

    Raises OSError with a sentence for the operator when the file cannot be used.
    """

    notice: str | None
    """A sentence when something happened to the file at opening."""

    def open_entry(self, entry: Entry) -> None:
        """Write a row before its request's first byte leaves."""

    def close_entry(self, entry: Entry) -> None:
        """Write how a row ended; token counts never shrink."""

    def keep_verdict(self, verdict: Verdict) -> None:
        """Keep what was said of two replies; a second verdict on the pair replaces the first."""

    def keep_unpinning(self, at_ms: int, conversation: str, pin: str, reason: str) -> None:
        """Keep that a conversation was let off the box: what had pinned it, and why it may go."""

    def reader(self) -> LedgerReader:
        """A reader of the same file, for another thread."""


class LedgerExports(Protocol):
    """Files of what is shown of the ledger; raises OSError with a sentence."""

    def rows(self, rows: Iterable[Entry], at_ms: int) -> Sequence[str]:
        """Write rows in every form; the paths of the files."""

    def groups(self, groups: Iterable[Group], by: Grouping, at_ms: int) -> Sequence[str]:
        """Write sums in every form; the paths of the files."""


class TrafficLog(Protocol):
    """What the what-if reads of the ledger; safe to call from any thread, it never writes.

    Raises OSError with a sentence for the operator when the file cannot be read.
    """

    def first_ms(self) -> int | None:
        """When the oldest row began; None in an empty ledger."""

    def traffic(self, since_ms: int, until_ms: int, days: Sequence[str], zone: str) -> Traffic:
        """The sums of a window whose complete local days are `days` (ISO dates)."""

    def replay_rows(self, since_ms: int, until_ms: int, cuts: Sequence[int]) -> list[Row]:
        """The window's ended rows; those that no rule and no price tells apart come as one.

        `cuts` are numbers of prompt tokens at which a rule or a price changes.
        """

    def arrivals(self, since_ms: int, until_ms: int) -> list[Arrival]:
        """The window's served single requests with known tokens, one by one, in order of time."""
