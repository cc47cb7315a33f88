"""Monte Carlo over one rig and one API: the saving and the first crossover as intervals."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from random import Random

from console.core.whatif.breakeven import breakeven
from console.core.whatif.check import check_number
from console.core.whatif.distribution import Distribution, Interval, Lognormal, interval
from console.core.whatif.inputs import Inputs
from console.core.whatif.model import monthly_saving


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
