"""A price card and what it makes of a request's tokens, with every term kept."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import reduce

from console.core.money import EXACT, to_nano, token_cost
from console.core.usage import Usage


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """Dollars per million tokens; a missing cache rate falls back to `input`, as it is billed."""

    input: Decimal
    output: Decimal
    cache_read: Decimal | None = None
    cache_write_5m: Decimal | None = None
    cache_write_1h: Decimal | None = None

    def __str__(self) -> str:
        named = (
            ("in", self.input),
            ("cache read", self.cache_read),
            ("cache write 5m", self.cache_write_5m),
            ("cache write 1h", self.cache_write_1h),
            ("out", self.output),
        )
        return ", ".join(f"{name} {rate.normalize():f}" for name, rate in named if rate is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class LongContext:
    """The rates of a whole request whose prompt has more than `over_tokens` tokens."""

    over_tokens: int
    rates: Rates


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceCard:
    """Rates of one model in dollars per million tokens, and where they come from.

    A missing cache rate falls back to `input`, as providers bill it. `source` names the list
    ("genai-prices 0.2.3", "your config"), `effective` is the day the rates began (ISO date) where
    the list tells. `long_context` is in rising order of prompt tokens.
    """

    provider: str
    model: str
    input: Decimal
    output: Decimal
    cache_read: Decimal | None = None
    cache_write_5m: Decimal | None = None
    cache_write_1h: Decimal | None = None
    source: str
    effective: str | None = None
    long_context: tuple[LongContext, ...] = ()

    @property
    def rates(self) -> str:
        """The rates in one line, for a ledger row."""
        longer = (
            f"; over {step.over_tokens:,} prompt tokens: {step.rates}" for step in self.long_context
        )
        return f"$ per 1M tokens: {self.rates_for(None)}{''.join(longer)}"

    def rates_for(self, prompt_tokens: int | None) -> Rates:
        """The rates of a request with that many prompt tokens, cached ones included."""
        for step in reversed(self.long_context):
            if prompt_tokens is not None and prompt_tokens > step.over_tokens:
                return step.rates
        return Rates(
            input=self.input,
            output=self.output,
            cache_read=self.cache_read,
            cache_write_5m=self.cache_write_5m,
            cache_write_1h=self.cache_write_1h,
        )


@dataclass(frozen=True, slots=True)
class Term:
    """One line of a bill: a bucket, its tokens, its rate, and the dollars they make."""

    bucket: str
    tokens: int
    usd_per_mtok: Decimal

    @property
    def usd(self) -> Decimal:
        """Dollars of this line, unrounded."""
        return token_cost(self.tokens, self.usd_per_mtok)


def terms(usage: Usage, card: PriceCard) -> Iterator[Term]:
    """The lines of the bill for `usage`, one per bucket that has tokens."""
    rates = card.rates_for(usage.prompt)
    buckets = (
        ("input", usage.uncached, rates.input),
        ("cache read", usage.cache_read, rates.cache_read),
        ("cache write 5m", usage.cache_write_5m, rates.cache_write_5m),
        ("cache write 1h", usage.cache_write_1h, rates.cache_write_1h),
        ("output", usage.output, rates.output),
    )
    for bucket, tokens, rate in buckets:
        if tokens:
            yield Term(bucket, tokens, rates.input if rate is None else rate)


def cost_nano(usage: Usage, card: PriceCard | None) -> int | None:
    """What a request cost in nano-dollars; None when the price or the tokens are unknown.

    No tokens cost nothing at any price.
    """
    if usage.total == 0:
        return 0
    if card is None or usage.total is None:
        return None
    return to_nano(reduce(EXACT.add, (term.usd for term in terms(usage, card)), Decimal(0)))
