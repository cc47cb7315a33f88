"""What the ledger pane shows of the ledger, read in one go."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple, Protocol

from console.core.budget import MEAN_DAYS, Limit, Projection, limits
from console.core.entry import Entry, Totals
from console.core.period import local_date, next_month, start_ms
from console.core.tier import Tier

if TYPE_CHECKING:
    from console.services.ports import Clock

ByTier = dict[Tier, Totals]

WINDOWS = ("today", "7d", "30d", "month", "all")
"""The names of the windows that a page has totals of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What the ledger pane shows: the newest rows, the totals by window and tier, the limits.

    `week` and `month30` are today and the 6 or 29 days before it, `month` is the local month so
    far. `projection` says where the month's API dollars are heading.
    """

    entries: tuple[Entry, ...] = ()
    today: ByTier
    month: ByTier
    all_time: ByTier
    week: ByTier
    month30: ByTier
    projection: Projection | None = None
    limits: tuple[Limit, ...] = ()
    stamp: int
    notice: str | None = None
    """What the operator should know about the file since it was opened."""

    @property
    def windows(self) -> dict[str, ByTier]:
        """The totals by the window's name, in the order of `WINDOWS`."""
        by = (self.today, self.week, self.month30, self.month, self.all_time)
        return dict(zip(WINDOWS, by, strict=True))

    @property
    def expected_nano(self) -> int | None:
        """The month's API dollars at its end; None before one complete day is known."""
        return None if self.projection is None else self.projection.nano


class Pages(Protocol):
    """What of a ledger a page is read from."""

    def change_stamp(self) -> int:
        """A number that differs after any write."""

    def totals(
        self, since_ms: int | None = None, until_ms: int | None = None
    ) -> dict[Tier, Totals]:
        """Sums by tier over rows that began in a window."""

    def recent(self, limit: int, before: tuple[int, str] | None = None) -> list[Entry]:
        """Rows newest first."""

    def first_ms(self) -> int | None:
        """When the oldest row began."""


class Budgets(NamedTuple):
    """The most the operator wants to pay for the API in a local day, and in a month."""

    day_usd: Decimal | None = None
    month_usd: Decimal | None = None


def read_page(
    reader: Pages,
    clock: "Clock",
    limit: int,
    *,
    budgets: Budgets,
    notice: str | None = None,
) -> Page:
    """The newest `limit` rows and the running totals; raises OSError with a sentence."""
    stamp = reader.change_stamp()
    today, month = (reader.totals(at) for at in (clock.midnight_ms(), clock.month_start_ms()))
    api_today, api_month = today[Tier.API].spent_nano, month[Tier.API].spent_nano
    projection = _projection(reader, clock, api_today, api_month)
    return Page(
        entries=tuple(reader.recent(limit)),
        today=today,
        month=month,
        all_time=reader.totals(),
        week=reader.totals(clock.midnight_ms(6)),
        month30=reader.totals(clock.midnight_ms(29)),
        projection=projection,
        limits=limits(
            today_nano=api_today,
            month_nano=api_month,
            expected_nano=None if projection is None else projection.nano,
            budget_day_usd=budgets.day_usd,
            budget_month_usd=budgets.month_usd,
        ),
        stamp=stamp,
        notice=notice,
    )


def _projection(
    reader: Pages, clock: "Clock", today_nano: int, month_nano: int
) -> Projection | None:
    """Where the month's API dollars are heading; None without a row."""
    now_ms, zone = clock.now_ms(), clock.zone()
    today, first_ms = local_date(now_ms, zone), reader.first_ms()
    if first_ms is None:
        return None
    known = max(0, min(MEAN_DAYS, (today - local_date(first_ms, zone)).days))
    since = today - timedelta(days=known)
    spent = reader.totals(start_ms(since, zone), start_ms(today, zone))[Tier.API].spent_nano
    return Projection(
        before_today=month_nano - today_nano,
        today=today_nano,
        mean_nano=spent // known if known else None,
        mean_days=known,
        days_left=(next_month(today) - today).days - 1,
    )
