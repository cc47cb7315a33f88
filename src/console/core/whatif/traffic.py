"""What the ledger knows of a window of days, summed up: the raw material of measured inputs."""

from dataclasses import dataclass
from typing import NamedTuple

from console.core.tier import Tier

ENOUGH_DAYS = 7
"""Days of data below which the what-if says that its measurements are weak."""


class DayOf(NamedTuple):
    """A local day's rows of one tier and model that ended alike.

    `served` rows gave an answer; of those that did not, `billed` ones cost something all the same.
    `compared` ones are one side of a comparison, which is no demand; `again` ones were served after
    another served row of the same request, as when a local reply is escalated. Token sums are over
    the `counted` rows, whose tokens are known, in the model's own tokenizer; `reasoning_tokens` are
    part of `output_tokens`. A row that sums up several calls counts as so many.
    """

    day: str
    tier: Tier
    model: str
    served: bool
    billed: bool
    rows: int
    counted: int
    compared: bool = False
    again: bool = False
    uncached_tokens: int = 0
    cache_read_tokens: int = 0
    cache_write_5m_tokens: int = 0
    cache_write_1h_tokens: int = 0
    output_tokens: int = 0
    reasoning_tokens: int = 0

    @property
    def prompt_tokens(self) -> int:
        """All prompt tokens, cached or not."""
        return (
            self.uncached_tokens
            + self.cache_read_tokens
            + self.cache_write_5m_tokens
            + self.cache_write_1h_tokens
        )


class HourOf(NamedTuple):
    """Served requests of one hour, comparisons and escalations apart: the local day and hour."""

    day: str
    hour: int
    requests: int


class BusyHour(NamedTuple):
    """What the rig did in one hour: seconds in which it served anything, and what it served."""

    busy_s: float
    requests: int
    tokens: int


class EnergyDay(NamedTuple):
    """A day's sums over local rows with measured energy, for a least-squares fit.

    `squares` is the upper triangle of Σ x·x over x = (seconds, prompt tokens, output tokens), row
    by row; `products` is Σ x·joules. Of `shared` rows the joules are a share of what was measured
    while several requests overlapped.
    """

    day: str
    rows: int
    squares: tuple[float, float, float, float, float, float]
    products: tuple[float, float, float]
    shared: bool = False


class PairOf(NamedTuple):
    """One prompt that both tiers counted: the two models, and each one's prompt tokens."""

    api_model: str
    local_model: str
    api_tokens: int
    local_tokens: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Traffic:
    """All of a window; `days` are its complete local days, oldest first, also those without rows.

    `rows` counts everything in it, `zone` is the operator's.
    """

    days: tuple[str, ...]
    rows: int
    groups: tuple[DayOf, ...] = ()
    hours: tuple[HourOf, ...] = ()
    busy: tuple[BusyHour, ...] = ()
    energy: tuple[EnergyDay, ...] = ()
    pairs: tuple[PairOf, ...] = ()

    @property
    def window(self) -> str:
        """The days in words."""
        if not self.days:
            return "no complete day"
        return f"{len(self.days)} days to {self.days[-1]}"
