"""What a kilowatt-hour costs at a time: flat, or by the time of use."""

from collections.abc import Sequence
from datetime import datetime, time
from decimal import Decimal
from typing import NamedTuple

from console.core.money import to_nano
from console.core.period import zone_of

JOULES_PER_KWH = 3_600_000
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class TimeOfUse(NamedTuple):
    """A price that holds on some days (0 is Monday) between two local times.

    A stretch whose end is not after its start goes on past midnight, and counts to the day on
    which it began; from a time to itself is the whole day.
    """

    usd_per_kwh: Decimal
    start: time = time(0)
    end: time = time(0)
    days: frozenset[int] = frozenset(range(7))

    def holds(self, at: datetime) -> bool:
        """Whether a local time is in it."""
        clock, today = at.time(), at.weekday()
        if self.start < self.end:
            return today in self.days and self.start <= clock < self.end
        if clock >= self.start:
            return today in self.days
        return clock < self.end and (today - 1) % 7 in self.days


class Tariff(NamedTuple):
    """Dollars per kWh: those of the first period that holds, else the flat ones.

    `wall_factor` is how much the wall delivers of what the boards draw: power supplies, fans
    and the rest of the box. It is in every dollar and in no joule.
    """

    usd_per_kwh: Decimal
    periods: Sequence[TimeOfUse] = ()
    wall_factor: Decimal = Decimal(1)

    def rate(self, at_ms: int, zone: str) -> Decimal:
        """Dollars per kWh of the boards at a UTC time, the wall's part in it."""
        price = self.usd_per_kwh
        if self.periods:
            at = datetime.fromtimestamp(at_ms / 1000, zone_of(zone))
            price = next((each.usd_per_kwh for each in self.periods if each.holds(at)), price)
        return price * self.wall_factor

    def nano(self, joules: float, at_ms: int, zone: str) -> int:
        """Nano-dollars of the boards' joules at a UTC time."""
        return to_nano(Decimal(joules) * self.rate(at_ms, zone) / JOULES_PER_KWH)
