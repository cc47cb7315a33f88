"""Monte Carlo: inputs drawn from distributions, the saving and the crossover as intervals."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from statistics import NormalDist

from console.core.whatif.breakeven import breakeven
from console.core.whatif.check import check_number
from console.core.whatif.inputs import Inputs
from console.core.whatif.model import monthly_saving

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """The 5th, 50th and 95th percentile."""

    p5: float
    p50: float
    p95: float


@dataclass(frozen=True, slots=True, kw_only=True)
class MonteCarlo:
    """The spread of the monthly saving over `n` draws, and of the first crossover.

    `infeasible` draws had no possible rig or input and are left out of every figure. `crossover`
    is over the draws that cross below `q_max`; `never_crossing` is the share that does not.
    """

    n: int
    seed: int
    infeasible: int
    mean_saving_usd: float
    saving: Interval
    p_saving_positive: float
    crossover: Interval | None = None
    never_crossing: float | None = None


def monte_carlo(
    inputs: Inputs,
    distributions: Mapping[str, Distribution],
    *,
    n: int,
    seed: int,
    q_max: float | None = None,
) -> MonteCarlo:
    """The same seed gives the same draws: inputs in sorted name order, one `random()` each.

    With `q_max` the first crossover below it is found for each draw too. Raises ValueError when no
    draw is possible, a name is no input, or a bound is no value of it.
    """
    check_number("n", n, low=1, high=1_000_000)
    names = sorted(distributions)
    for name in names:
        inputs.get(name)
        _check_bounds(inputs, name, distributions[name])
    random = Random(seed)
    savings: list[float] = []
    crossings: list[float] = []
    reason = ""
    for _ in range(n):
        draw = {name: distributions[name].at(random.random()) for name in names}
        try:
            drawn = inputs.with_values(draw)
            savings.append(monthly_saving(drawn))
        except ValueError as error:
            reason = str(error)
            continue
        if q_max is not None:
            first = breakeven(drawn, q_max, limit=1).first
            if first is not None:
                crossings.append(first.requests_per_day)
    if not savings:
        raise ValueError(f"no draw is possible: {reason}")
    return MonteCarlo(
        n=n,
        seed=seed,
        infeasible=n - len(savings),
        mean_saving_usd=math.fsum(savings) / len(savings),
        saving=interval(savings),
        p_saving_positive=sum(saving > 0 for saving in savings) / len(savings),
        crossover=interval(crossings) if crossings else None,
        never_crossing=None if q_max is None else 1 - len(crossings) / len(savings),
    )


def _check_bounds(inputs: Inputs, name: str, spread: Distribution) -> None:
    """Refuse bounds that are no values of the input; a lognormal has none."""
    if isinstance(spread, Lognormal):
        return
    for bound in (spread.low, spread.high):
        try:
            inputs.with_values({name: bound})
        except ValueError as error:
            raise ValueError(f"range of {name}: {error}") from None


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
