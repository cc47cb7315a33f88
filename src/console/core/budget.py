"""What the API may cost: where the month is heading, and the marks on its way."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from console.core.money import to_nano

EVALUATE_USD, ACT_USD = Decimal(1000), Decimal(3000)
"""API spend a month at which to evaluate self-hosting, and at which to act."""

NEAR = Decimal("0.8")
"""The share of a limit from which it is near."""

MEAN_DAYS = 7
"""Complete days whose mean is what a day to come is taken to cost."""

PROJECTION = (
    f"this month's complete days, today at least as the mean of the {MEAN_DAYS} days before it, "
    "and each day left as that mean"
)
"""The rule behind a `Projection`."""


class Level(StrEnum):
    """How a limit stands."""

    CLEAR = "clear"
    AHEAD = "ahead"
    NEAR = "near"
    PASSED = "passed"


class Limit(NamedTuple):
    """Dollars that a period's API spend is held against; `expected_nano` is its projection."""

    name: str
    limit_nano: int
    spent_nano: int
    expected_nano: int | None = None

    @property
    def level(self) -> Level:
        """Passed; near (80 %); ahead: the projection is above it; or clear."""
        if self.spent_nano >= self.limit_nano:
            return Level.PASSED
        if self.spent_nano >= self.limit_nano * NEAR:
            return Level.NEAR
        if self.expected_nano is not None and self.expected_nano >= self.limit_nano:
            return Level.AHEAD
        return Level.CLEAR

    @property
    def share(self) -> float:
        """Spent of the limit, 1 when it is reached."""
        return self.spent_nano / self.limit_nano if self.limit_nano else 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Projection:
    """What the month's API dollars at its end follow from, by `PROJECTION`.

    `before_today` is the month's spend up to midnight, `mean_nano` that of one of the `mean_days`
    complete days before today, None before there is one; `days_left` are the whole days after
    today.
    """

    before_today: int
    today: int
    mean_nano: int | None
    mean_days: int = MEAN_DAYS
    days_left: int

    @property
    def nano(self) -> int | None:
        """The month's API dollars at its end; None before one complete day is known."""
        if self.mean_nano is None:
            return None
        return self.before_today + max(self.today, self.mean_nano) + self.mean_nano * self.days_left


def limits(
    *,
    today_nano: int,
    month_nano: int,
    expected_nano: int | None,
    budget_day_usd: Decimal | None,
    budget_month_usd: Decimal | None,
) -> tuple[Limit, ...]:
    """The operator's budgets, then the two marks."""
    found = []
    if budget_day_usd is not None:
        found.append(Limit("day budget", to_nano(budget_day_usd), today_nano))
    if budget_month_usd is not None:
        limit = to_nano(budget_month_usd)
        found.append(Limit("month budget", limit, month_nano, expected_nano))
    for name, usd in (("evaluate self-hosting", EVALUATE_USD), ("act", ACT_USD)):
        found.append(Limit(name, to_nano(usd), month_nano, expected_nano))
    return tuple(found)
