"""A price card and what it makes of a request's tokens, with every term kept."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from console.core.money import to_nano, token_cost
from console.core.usage import Usage


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceCard:
    """Rates of one model in dollars per million tokens, and where they come from.

    A missing cache rate falls back to `input`, as providers bill it. `source` names the list
    ("genai-prices 0.2.3", "your config"), `effective` is the day the rates began (ISO date) where
    the list tells.
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

    @property
    def rates(self) -> str:
        """The rates in one line, for a ledger row."""
        named = (
            ("in", self.input),
            ("cache read", self.cache_read),
            ("cache write 5m", self.cache_write_5m),
            ("cache write 1h", self.cache_write_1h),
            ("out", self.output),
        )
        rates = ", ".join(
            f"{name} {rate.normalize():f}" for name, rate in named if rate is not None
        )
        return f"$ per 1M tokens: {rates}"


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
    rates = (
        ("input", usage.uncached, card.input),
        ("cache read", usage.cache_read, card.cache_read),
        ("cache write 5m", usage.cache_write_5m, card.cache_write_5m),
        ("cache write 1h", usage.cache_write_1h, card.cache_write_1h),
        ("output", usage.output, card.output),
    )
    for bucket, tokens, rate in rates:
        if tokens:
            yield Term(bucket, tokens, card.input if rate is None else rate)


def cost_nano(usage: Usage, card: PriceCard | None) -> int | None:
    """What a request cost in nano-dollars; None when the price or the tokens are unknown.

    No tokens cost nothing at any price.
    """
    if usage.total == 0:
        return 0
    if card is None or usage.total is None:
        return None
    return to_nano(sum((term.usd for term in terms(usage, card)), Decimal(0)))
