"""Where an input's value comes from, in a word, a sentence, and the range it may lie in."""

from enum import StrEnum
from typing import NamedTuple

from console.core.whatif.distribution import Distribution, Lognormal, Triangular


class Origin(StrEnum):
    """How an input is known."""

    MEASURED = "measured"
    LISTED = "price list"
    ASSUMED = "assumption"
    TYPED = "typed"


class Source(NamedTuple):
    """How an input is known, in words, and the bounds between which it may be.

    `low` and `high` are the 5th and 95th percentile of a measured value and the ends of an
    assumed or typed range; None where the value is taken as known.
    """

    origin: Origin
    text: str
    low: float | None = None
    high: float | None = None

    @property
    def uncertain(self) -> bool:
        """Whether the value may be another one."""
        return self.low is not None and self.high is not None and self.low < self.high

    def distribution(self, value: float) -> Distribution | None:
        """What Monte Carlo draws from: lognormal for a measured mean, triangular for a range."""
        if self.low is None or self.high is None or not self.low < self.high:
            return None
        if self.origin is Origin.MEASURED and self.low > 0:
            return Lognormal(p5=self.low, p95=self.high)
        return Triangular(low=self.low, mode=min(self.high, max(self.low, value)), high=self.high)

    def __str__(self) -> str:
        return f"{self.origin}: {self.text}" if self.text else str(self.origin)


def assumed(text: str, low: float | None = None, high: float | None = None) -> Source:
    """An assumption and its range."""
    return Source(Origin.ASSUMED, text, low, high)


TYPED = Source(Origin.TYPED, "")
"""An input the operator stated."""
