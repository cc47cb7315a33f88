"""How good scores are: the API's gain that is kept when only the highest scores go there.

The performance gap recovered (PGR) is 0 with everything local and 1 with everything at the API.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from math import fsum, sqrt
from operator import itemgetter

POINTS_95 = 1.96
"""Standard errors on each side of a 95 % interval."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """Scores against what both tiers' answers were worth, on `count` prompts.

    `apgr` is the mean PGR over all shares of API calls, 0.5 by chance, within `low` and `high`
    (95 %); `cpt50` and `cpt80` are the smallest shares that recover half and four fifths of the
    gap; `cost_apgr` is the mean PGR over all shares of API dollars, by value per dollar.
    """

    count: int
    apgr: float
    low: float
    high: float
    cpt50: float
    cpt80: float
    cost_apgr: float | None = None

    @property
    def random(self) -> bool:
        """Whether a coin might do as well."""
        return self.low <= 0.5 <= self.high


def measure(
    scores: Sequence[float],
    weak: Sequence[float],
    strong: Sequence[float],
    *,
    values: Sequence[float] | None = None,
    costs: Sequence[float] | None = None,
) -> Quality:
    """The quality of scores; `values` per dollar and `costs` in dollars give the cost axis too.

    Raises ValueError when the strong tier is not better on the whole: then there is no gap.
    """
    gains = [high - low for low, high in zip(weak, strong, strict=True)]
    if not gains or fsum(gains) <= 0:
        raise ValueError("the strong answers are no better than the weak on the whole")
    curve = pgr_curve(scores, gains)
    apgr = area(curve)
    error = POINTS_95 * _standard_error(scores, gains, apgr)
    on_cost = None
    if values is not None and costs is not None:
        on_cost = area(pgr_curve(values, gains, costs))
    return Quality(
        count=len(gains),
        apgr=apgr,
        low=apgr - error,
        high=apgr + error,
        cpt50=share_for(curve, 0.5),
        cpt80=share_for(curve, 0.8),
        cost_apgr=on_cost,
    )


def pgr_curve(
    scores: Sequence[float], gains: Sequence[float], costs: Sequence[float] | None = None
) -> list[tuple[float, float]]:
    """Share of calls (of dollars where `costs` are given) against PGR, highest scores first.

    Equal scores come as one stretch: in which order they go is chance.
    """
    weights = [1.0] * len(gains) if costs is None else costs
    whole, gap = fsum(weights), fsum(gains)
    rows = sorted(zip(scores, gains, weights, strict=True), key=itemgetter(0), reverse=True)
    curve = [(0.0, 0.0)]
    spent = kept = 0.0
    for _, equal in groupby(rows, key=itemgetter(0)):
        for _, gain, weight in equal:
            spent += weight
            kept += gain
        curve.append((spent / whole, kept / gap))
    return curve


def area(curve: Sequence[tuple[float, float]]) -> float:
    """The area under a curve of straight pieces."""
    return fsum((x2 - x1) * (y1 + y2) / 2 for (x1, y1), (x2, y2) in pairwise(curve))


def share_for(curve: Sequence[tuple[float, float]], level: float) -> float:
    """The smallest share at which the curve reaches a PGR; 1 when it never does."""
    for (x1, y1), (x2, y2) in pairwise(curve):
        if y2 >= level:
            return x2 if y2 == y1 else x1 + (level - y1) / (y2 - y1) * (x2 - x1)
    return 1.0


def _standard_error(scores: Sequence[float], gains: Sequence[float], apgr: float) -> float:
    """The standard error of an APGR, from each prompt's influence on it.

    APGR is the mean of gain times rank over the mean gain: a ratio of U-statistics.
    """
    count = len(gains)
    order = sorted(range(count), key=scores.__getitem__)
    gap = fsum(gains) / count
    influence = [0.0] * count
    below = 0
    above = fsum(gains)
    for _, tied in groupby(order, key=scores.__getitem__):
        same = list(tied)
        held = fsum(gains[at] for at in same)
        above -= held
        for at in same:
            rank = (below + len(same) / 2) / count
            influence[at] = gains[at] * rank + (above + held / 2) / count
        below += len(same)
    terms = [one - apgr * (gain + gap) for one, gain in zip(influence, gains, strict=True)]
    mean = fsum(terms) / count
    return sqrt(fsum((term - mean) ** 2 for term in terms) / count / count) / abs(gap)
