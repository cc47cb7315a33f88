"""Distributions of uncertain inputs, and the percentiles of what is computed from their draws."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import NormalDist
from typing import NamedTuple

from console.core.whatif.check import check_number

_NORMAL = NormalDist()
_Z95 = _NORMAL.inv_cdf(0.95)


@dataclass(frozen=True, slots=True, kw_only=True)
class Uniform:
    """Every value between two bounds alike."""

    low: float
    high: float

    def __post_init__(self) -> None:
        _ordered(low=self.low, high=self.high)

    def at(self, u: float) -> float:
        """The value below which a share `u` of the distribution lies."""
        return self.low + u * (self.high - self.low)


@dataclass(frozen=True, slots=True, kw_only=True)
class Triangular:
    """Between two bounds, most likely at the mode."""

    low: float
    mode: float
    high: float

    def __post_init__(self) -> None:
        _ordered(low=self.low, mode=self.mode, high=self.high)

    def at(self, u: float) -> float:
        """The value below which a share `u` of the distribution lies."""
        width = self.high - self.low
        if width == 0:
            return self.low
        if u < (self.mode - self.low) / width:
            return self.low + math.sqrt(u * width * (self.mode - self.low))
        return self.high - math.sqrt((1 - u) * width * (self.high - self.mode))


@dataclass(frozen=True, slots=True, kw_only=True)
class Lognormal:
    """Positive and skewed, given by its 5th and 95th percentiles."""

    p5: float
    p95: float
    _mu: float = field(init=False, repr=False, compare=False)
    _sigma: float = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        check_number("p5", self.p5, above=True)
        _ordered(p5=self.p5, p95=self.p95)
        low, high = math.log(self.p5), math.log(self.p95)
        object.__setattr__(self, "_mu", (low + high) / 2)
        object.__setattr__(self, "_sigma", (high - low) / (2 * _Z95))

    def at(self, u: float) -> float:
        """The value below which a share `u` of the distribution lies."""
        # random() may return exactly 0, where the normal has no quantile.
        return math.exp(self._mu + self._sigma * _NORMAL.inv_cdf(max(u, 2**-54)))


Distribution = Uniform | Triangular | Lognormal


def _ordered(**bounds: float) -> None:
    previous: tuple[str, float] | None = None
    for name, value in bounds.items():
        check_number(name, value, low=-1e12)
        if previous is not None and value < previous[1]:
            raise ValueError(f"{name} must be at least {previous[0]} ({previous[1]:g})")
        previous = (name, value)


class Interval(NamedTuple):
    """The 5th, 50th and 95th percentile."""

    p5: float
    p50: float
    p95: float


def interval(values: Sequence[float]) -> Interval:
    """P5, P50 and P95 of some values."""
    ordered = sorted(values)
    return Interval(
        p5=percentile(ordered, 0.05), p50=percentile(ordered, 0.5), p95=percentile(ordered, 0.95)
    )


def percentile(ordered: Sequence[float], share: float) -> float:
    """The percentile of sorted values, interpolated between neighbours (type 7)."""
    position = share * (len(ordered) - 1)
    below = math.floor(position)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (position - below) * (ordered[above] - ordered[below])


def draws_share(share: float) -> str:
    """A share of the draws in percent, never all or none of them where it is not."""
    if 0 < share < 0.005:
        return "<1%"
    return ">99%" if 0.995 <= share < 1 else f"{share:.0%}"


def chance(probability: float) -> str:
    """A probability from draws, never 0 or 1 where it is not."""
    if 0 < probability < 0.005:
        return "<0.01"
    return ">0.99" if 0.995 <= probability < 1 else f"{probability:.2f}"


def percent(share: float) -> str:
    """A share in percent, never none or all of it where it is not."""
    if 0 < share < 0.0005:
        return "under 0.1 %"
    return "over 99.9 %" if 0.9995 <= share < 1 else f"{share * 100:.1f} %"
