"""One line of the ledger, and the totals made of many."""

from dataclasses import dataclass, field
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
    """How a row's joules are known."""

    MEASURED = "measured"
    ESTIMATED = "estimated"


@dataclass(frozen=True, slots=True)
class Price:
    """The price a row was charged at: list, its version or date, and the rates in one line."""

    source: str
    effective: str | None
    rates: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One upstream attempt, from before its first byte leaves until it ends.

    Money is nano-dollars, energy joules, times UTC milliseconds. None is unknown.
    `cost_nano` is what the API charges (API rows only); `energy_nano` the electricity of a local
    row; `shadow_nano` what the API tier would have charged for a local row's tokens.
    """

    id: str
    started_ms: int
    zone: str
    tier: Tier
    provider: str
    model: str
    policy: str
    reason: str
    conversation: str | None = None
    parent: str | None = None
    tag: str | None = None
    system_name: str | None = None
    system_hash: str | None = None
    prompt_chars: int = 0
    prompt_bytes: int = 0

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
    energy_nano: int | None = None
    tariff_usd_per_kwh: str | None = None
    shadow_nano: int | None = None
    shadow_price: Price | None = None

    @property
    def spent_nano(self) -> int | None:
        """What the request cost its tier: API dollars, or the electricity of the local box."""
        return self.cost_nano if self.tier is Tier.API else self.energy_nano

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """Sums over a tier's rows in a window; `unpriced` and `uncounted` say what they leave out.

    `unpriced` counts ended rows whose dollars are unknown (API price, or local energy);
    `uncounted` ended rows whose tokens are unknown; `unsaved` local rows without a shadow price
    or without energy, which `saved_nano` therefore leaves out.
    """

    requests: int = 0
    in_flight: int = 0
    prompt_tokens: int = 0
    cached_tokens: int = 0
    output_tokens: int = 0
    spent_nano: int = 0
    saved_nano: int = 0
    unpriced: int = 0
    uncounted: int = 0
    unsaved: int = 0
