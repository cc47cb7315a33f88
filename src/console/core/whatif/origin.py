"""Where an input's value comes from, in a word, a sentence, and the range it may lie in."""

from datetime import date
from enum import StrEnum
from typing import NamedTuple

from console.core.whatif.distribution import Distribution, Lognormal, Triangular


class Origin(StrEnum):
    """How an input is known."""

    MEASURED = "measured"
    LISTED = "price list"
    ASSUMED = "assumption"
    TYPED = "typed"


GRADES = {
    "A": "a raw benchmark log",
    "B": "a vendor's table",
    "C": "a blog or a forum",
}
"""What an assumption rests on, the best first."""

OLD_DAYS = {Origin.LISTED: 60, Origin.ASSUMED: 365}
"""Days after which a price of a list, or an assumption, is out of date."""


class Source(NamedTuple):
    """How an input is known, in words, and the bounds between which it may be.

    `low` and `high` are the 5th and 95th percentile of a measured value and the ends of an
    assumed or typed range; None where the value is taken as known. `as_of` is the year, month or
    day (ISO) the value is of, `grade` one of `GRADES`; both are empty where there is none.
    """

    origin: Origin
    text: str
    low: float | None = None
    high: float | None = None
    as_of: str = ""
    grade: str = ""
    old: bool = False

    @property
    def uncertain(self) -> bool:
        """Whether the value may be another one."""
        return self.low is not None and self.high is not None and self.low < self.high

    def on(self, today: str) -> "Source":
        """The same source on a day (ISO), when it may be out of date."""
        most = OLD_DAYS.get(self.origin)
        if not self.as_of or most is None:
            return self
        told = [int(part) for part in self.as_of.split("-")]
        # What is of a year or a month may be of its last days.
        last = date(*told, *(12, 28)[len(told) - 1 :])
        return self._replace(old=(date.fromisoformat(today) - last).days > most)

    def distribution(self, value: float) -> Distribution | None:
        """What Monte Carlo draws from: lognormal for a measured mean, triangular for a range."""
        if self.low is None or self.high is None or not self.low < self.high:
            return None
        if self.origin is Origin.MEASURED and self.low > 0:
            return Lognormal(p5=self.low, p95=self.high)
        return Triangular(low=self.low, mode=min(self.high, max(self.low, value)), high=self.high)

    def __str__(self) -> str:
        said = f"{self.origin}: {self.text}" if self.text else str(self.origin)
        said += f"; of {self.as_of}" if self.as_of else ""
        said += f"; from {GRADES[self.grade]} ({self.grade})" if self.grade else ""
        return f"{said}; out of date" if self.old else said


def assumed(
    text: str,
    low: float | None = None,
    high: float | None = None,
    *,
    as_of: str = "",
    grade: str = "",
) -> Source:
    """An assumption and its range, the day it is of and what it rests on."""
    return Source(Origin.ASSUMED, text, low, high, as_of, grade)


TYPED = Source(Origin.TYPED, "")
"""An input the operator stated."""
