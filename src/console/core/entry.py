"""One line of the ledger, and the totals made of many."""

from dataclasses import dataclass, field, fields
from enum import StrEnum

from console.core.tier import Tier
from console.core.usage import Usage, UsageSource


class Ending(StrEnum):
    """How a request ended; a row without one is still in flight."""

    DONE = "done"
    CANCELLED = "cancelled"
    ERROR = "error"
    TIMEOUT = "timeout"
    INTERRUPTED = "interrupted"


class EnergySource(StrEnum):
    """How a row's joules are known.

    Measured: the cards' counter covered the request, which had them to itself. Allocated: a share
    of what it measured, of requests that overlapped. Estimated: from readings round the request.
    """

    MEASURED = "measured"
    ALLOCATED = "allocated"
    ESTIMATED = "estimated"


ENERGY_MARKS = {
    EnergySource.MEASURED: "",
    EnergySource.ALLOCATED: "≈",
    EnergySource.ESTIMATED: "~",
}
"""What stands before dollars of electricity that no meter read for that request alone."""

SECOND_OPINION = "cascade: second opinion"
"""The reason of a row that checks another row's reply."""


@dataclass(frozen=True, slots=True)
class Price:
    """The price a row was charged at: list, its version or date, and the rates in one line.

    `multipliers` are the factors that its sum was multiplied by, with their names:
    "us × 1.1, discount × 0.85".
    """

    source: str
    effective: str | None
    rates: str
    multipliers: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One upstream attempt, from before its first byte leaves until it ends.

    Money is nano-dollars, energy joules, times UTC milliseconds. None is unknown.
    `cost_nano` is what the API charges (API rows only); `energy_nano` the electricity of a local
    row, `hardware_nano` the hardware's share in it by the rule `hardware_rule`; `shadow_nano` what
    the API tier would have charged for a local row's tokens. `energy_error_j` is how far off the
    joules can be, either way.

    `parent` is the row that a retry, a fallback, an escalation or the other side of a comparison
    belongs to. A local row is `api_too` when the API served the same request: it saved nothing.

    `calls` is more than 1 only in an imported sum, and 0 in one that does not tell. A row with
    `plan` was paid for by a subscription: its tokens count, its `cost_nano` is a list price that
    nobody charged. `origin` names what an imported row comes from.
    """

    id: str
    started_ms: int
    zone: str
    tier: Tier
    provider: str
    model: str
    policy: str
    reason: str
    decision: str | None = None
    conversation: str | None = None
    parent: str | None = None
    tag: str | None = None
    system_name: str | None = None
    system_hash: str | None = None
    prompt_chars: int = 0
    prompt_bytes: int = 0
    calls: int = 1
    plan: bool = False
    origin: str | None = None

    ended_ms: int | None = None
    ending: Ending | None = None
    error: str | None = None
    ttft_ms: int | None = None
    model_reported: str | None = None
    model_digest: str | None = None
    response_id: str | None = None
    usage: Usage = field(default_factory=Usage)
    usage_source: UsageSource = UsageSource.NONE
    usage_raw: str | None = None
    reply_chars: int | None = None
    reply_bytes: int | None = None

    cost_nano: int | None = None
    price: Price | None = None
    energy_j: float | None = None
    energy_source: EnergySource | None = None
    energy_error_j: float | None = None
    energy_nano: int | None = None
    tariff_usd_per_kwh: str | None = None
    hardware_nano: int | None = None
    hardware_rule: str | None = None
    shadow_nano: int | None = None
    shadow_price: Price | None = None
    api_too: bool = False

    @property
    def spent_nano(self) -> int | None:
        """What the request cost its tier: API dollars, or the electricity of the local box."""
        return self.cost_nano if self.tier is Tier.API else self.energy_nano

    @property
    def loaded_nano(self) -> int | None:
        """What a local request cost with the hardware's share."""
        return _sum(self.energy_nano, self.hardware_nano)

    @property
    def energy_mark(self) -> str:
        """What stands before its electricity's dollars."""
        return "" if self.energy_source is None else ENERGY_MARKS[self.energy_source]

    @property
    def energy_error_nano(self) -> int | None:
        """How far off the electricity's dollars can be."""
        if self.energy_nano is None or self.energy_error_j is None or not self.energy_j:
            return None
        return int(self.energy_nano * self.energy_error_j / self.energy_j)

    @property
    def checks(self) -> bool:
        """Whether it only checked another row's reply: the API would not have been asked that."""
        return self.reason == SECOND_OPINION

    @property
    def forgone_nano(self) -> int | None:
        """What the API tier did not get to charge: nothing where it served the request too."""
        return 0 if self.api_too else self.shadow_nano

    @property
    def saved_nano(self) -> int | None:
        """What the API tier would have charged, less the electricity."""
        return _less(self.forgone_nano, self.energy_nano)

    @property
    def saved_loaded_nano(self) -> int | None:
        """What the API tier would have charged, less electricity and hardware."""
        return _less(self.forgone_nano, self.loaded_nano)

    @property
    def duration_ms(self) -> int | None:
        """From the row's opening to its end."""
        return None if self.ended_ms is None else self.ended_ms - self.started_ms

    @property
    def output_per_s(self) -> float | None:
        """Output tokens per second after the first token; None before the end."""
        if self.usage.output is None or self.duration_ms is None or self.ttft_ms is None:
            return None
        streaming_ms = self.duration_ms - self.ttft_ms
        return self.usage.output / (streaming_ms / 1000) if streaming_ms > 0 else None


def _sum(one: int | None, other: int | None) -> int | None:
    return None if one is None or other is None else one + other


def _less(one: int | None, other: int | None) -> int | None:
    return None if one is None or other is None else one - other


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """Sums over a tier's rows in a window, and how many rows each sum leaves out.

    `spent_nano` is API dollars without those of a plan, or the electricity of the local box;
    `loaded_nano` that electricity and the hardware's share. `plan_calls` and `plan_nano` (list
    prices that nobody charged) are the rows of a subscription.

    `unpriced` counts ended rows whose dollars are unknown (API price, or local energy),
    `unpriced_plan` the same of a plan; `uncounted` ended rows whose tokens are unknown; `unloaded`
    local rows without energy or hardware; `unsaved` local rows without a shadow price or without
    energy, `unsaved_loaded` those that also lack the hardware's share. `estimated` ended rows have
    tokens, and `energy_estimated` local rows energy, that nobody measured; `energy_allocated` rows
    have a share of what was measured. `energy_error_nano` is how far off the electricity can be,
    were every row off the same way.

    `follow_ups` are rows with a parent: attempts and comparisons, not requests of their own.
    `shadow_nano` leaves the `api_too` rows out.
    """

    requests: int = 0
    in_flight: int = 0
    prompt_tokens: int = 0
    cached_tokens: int = 0
    output_tokens: int = 0
    spent_nano: int = 0
    loaded_nano: int = 0
    shadow_nano: int = 0
    saved_nano: int = 0
    saved_loaded_nano: int = 0
    plan_calls: int = 0
    plan_nano: int = 0
    unpriced: int = 0
    unpriced_plan: int = 0
    uncounted: int = 0
    unloaded: int = 0
    unsaved: int = 0
    unsaved_loaded: int = 0
    estimated: int = 0
    energy_estimated: int = 0
    energy_allocated: int = 0
    energy_error_nano: int = 0
    follow_ups: int = 0
    api_too: int = 0

    @property
    def energy_measured(self) -> int:
        """Local rows whose energy the cards' counter measured."""
        known = self.requests - self.in_flight - self.unpriced
        return max(0, known - self.energy_estimated - self.energy_allocated)

    @property
    def energy_mark(self) -> str:
        """What stands before the electricity of a sum: the mark of its least certain part."""
        if self.energy_estimated:
            return ENERGY_MARKS[EnergySource.ESTIMATED]
        return ENERGY_MARKS[EnergySource.ALLOCATED] if self.energy_allocated else ""

    def known(self, nano: int, missing: int) -> int | None:
        """A sum that `missing` rows are not in; None when no row is in it, for that is no 0."""
        ended = self.requests - self.in_flight
        return None if nano == 0 and missing and missing >= ended else nano

    def __add__(self, other: "Totals") -> "Totals":
        sums = {each.name: getattr(self, each.name) + getattr(other, each.name) for each in _FIELDS}
        return Totals(**sums)


_FIELDS = fields(Totals)
