"""The hardware's share in a local request, by a rule that is written beside it."""

from decimal import Decimal
from typing import NamedTuple

from console.core.money import to_nano

DAYS_PER_YEAR = Decimal("365.25")


class Hardware(NamedTuple):
    """What the box cost, how long it lasts, and how many hours a day it is expected to serve.

    A request bears the price of the time it took: price ÷ (years × 365.25 × hours a day) an hour.
    """

    usd: Decimal
    years: Decimal = Decimal(3)
    hours_per_day: Decimal = Decimal(8)

    @property
    def usd_per_hour(self) -> Decimal:
        """What an hour of serving costs."""
        return self.usd / (self.years * DAYS_PER_YEAR * self.hours_per_day)

    @property
    def rule(self) -> str:
        """The rule in one line, for a ledger row."""
        return (
            f"${self.usd:,} over {self.years} years at {self.hours_per_day} h a day "
            f"= ${self.usd_per_hour:.4f} an hour"
        )

    def share_nano(self, duration_ms: int) -> int:
        """The share of a request that took so long."""
        return to_nano(self.usd_per_hour * duration_ms / 3_600_000)
