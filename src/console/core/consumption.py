"""The day's electricity of the box, and the power it draws at rest."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from math import sqrt
from typing import NamedTuple

FLOOR_S = 900.0
FLOOR_LEAST = 20
"""The power at rest is a low percentile of so many seconds without a request, of so many readings
at least."""


class DayEnergy(NamedTuple):
    """A local day's joules of all cards, and what they cost in nano-dollars.

    `busy_j` is of stretches in which the card worked, `idle_j` of those in which it did not;
    `unwatched_j` is what the counters gained while nobody read them, or of cards that do not tell
    whether they work (in MIG mode). `gaps` counts stretches whose energy is lost: the driver was
    loaded anew, or a card without a counter was not read. `integrated_j` is the part of cards
    without a counter, whose power was added up, and `variance_j2` the sum of the squares of how far
    off each step of that can be.
    """

    day: str
    busy_j: float = 0.0
    idle_j: float = 0.0
    unwatched_j: float = 0.0
    nano: int = 0
    gaps: int = 0
    integrated_j: float = 0.0
    variance_j2: float = 0.0

    @property
    def off_j(self) -> float:
        """How far off the joules can be, either way; one step's error does not follow another's."""
        return sqrt(self.variance_j2)

    @property
    def joules(self) -> float:
        """All of them."""
        return self.busy_j + self.idle_j + self.unwatched_j

    def document(self) -> dict[str, object]:
        """As JSON has it."""
        return self._asdict()

    @classmethod
    def from_document(cls, document: object) -> "DayEnergy | None":
        """From its JSON; None where it is none."""
        if not isinstance(document, dict) or not isinstance(document.get("day"), str):
            return None
        values = [document.get(name, 0) for name in _SUMS]
        for value in values:
            if not isinstance(value, int | float) or isinstance(value, bool) or value < 0:
                return None
        busy, idle, unwatched, nano, gaps, integrated, variance = values
        return cls(
            day=document["day"],
            busy_j=float(busy),
            idle_j=float(idle),
            unwatched_j=float(unwatched),
            nano=int(nano),
            gaps=int(gaps),
            integrated_j=float(integrated),
            variance_j2=float(variance),
        )


_SUMS = ("busy_j", "idle_j", "unwatched_j", "nano", "gaps", "integrated_j", "variance_j2")


class Floor:
    """The power at rest: what the box draws while no request of ours runs."""

    def __init__(self) -> None:
        self._readings: deque[tuple[float, float]] = deque()

    def take(self, at_s: float, watts: float) -> None:
        """A reading without a request."""
        readings = self._readings
        while readings and (readings[0][0] < at_s - FLOOR_S or readings[-1][0] >= at_s):
            readings.popleft()
        readings.append((at_s, watts))

    @property
    def watts(self) -> float | None:
        """The tenth percentile; None before there are enough readings."""
        if len(self._readings) < FLOOR_LEAST:
            return None
        # A start has no reading yet, and no time to import this.
        from statistics import quantiles

        return quantiles((watts for _, watts in self._readings), n=10)[0]


@dataclass(frozen=True, slots=True)
class Request:
    """A finished request: when it ended (UTC seconds), how long it ran, and what it took.

    `share_s` is its seconds, each divided among the requests that ran in it.
    """

    ended_s: float
    share_s: float
    joules: float
    error_j: float
    tokens: int


class PerToken(NamedTuple):
    """Joules per output token of the requests that ended in a window.

    `net_j` is without what the box would have drawn at rest, at `floor_w`; None where that is
    not known. `uncertainty` is a share of `gross_j`.
    """

    gross_j: float
    net_j: float | None
    uncertainty: float
    floor_w: float | None
    requests: int
    tokens: int


MOST_UNCERTAIN = 0.10


def per_token(
    requests: Iterable[Request], since_s: float, floor_w: float | None
) -> PerToken | None:
    """Over a window; None without tokens, and where it would be off by more than a tenth."""
    inside = [each for each in requests if each.ended_s > since_s]
    joules, tokens = sum(each.joules for each in inside), sum(each.tokens for each in inside)
    if not tokens or joules <= 0:
        return None
    uncertainty = sum(each.error_j for each in inside) / joules
    if uncertainty > MOST_UNCERTAIN:
        return None
    rest_j = None if floor_w is None else floor_w * sum(each.share_s for each in inside)
    return PerToken(
        gross_j=joules / tokens,
        net_j=None if rest_j is None else max(0.0, joules - rest_j) / tokens,
        uncertainty=uncertainty,
        floor_w=floor_w,
        requests=len(inside),
        tokens=tokens,
    )
