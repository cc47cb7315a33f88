"""A price card and what it makes of a request's tokens, with every term kept."""

import re
from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from functools import reduce
from typing import NamedTuple

from console.core.entry import Price
from console.core.money import EXACT, to_nano, token_cost
from console.core.usage import Usage


class Rates(NamedTuple):
    """Dollars per million tokens; a missing cache rate falls back to `input`, as it is billed."""

    input: Decimal
    output: Decimal
    cache_read: Decimal | None = None
    cache_write_5m: Decimal | None = None
    cache_write_1h: Decimal | None = None

    def times(self, factor: Decimal) -> "Rates":
        """All rates by a factor; one that is missing stays so."""
        rates = self._asdict().items()
        return Rates(**{name: rate and rate * factor for name, rate in rates})

    def __str__(self) -> str:
        named = (
            ("in", self.input),
            ("cache read", self.cache_read),
            ("cache write 5m", self.cache_write_5m),
            ("cache write 1h", self.cache_write_1h),
            ("out", self.output),
        )
        return ", ".join(f"{name} {rate.normalize():f}" for name, rate in named if rate is not None)


class LongContext(NamedTuple):
    """The rates of a whole request whose prompt has more than `over_tokens` tokens.

    `batch` are those of a batch request; None is not published.
    """

    over_tokens: int
    rates: Rates
    batch: Rates | None = None


class Multiplier(NamedTuple):
    """A factor on a whole bill; `when` names the circumstance it needs, without one it always is.

    Circumstances are those of `console.core.usage.circumstances`.
    """

    name: str
    factor: Decimal
    when: str | None = None

    def __str__(self) -> str:
        return f"{self.name} × {self.factor.normalize():f}"


BATCH = "batch"
"""The circumstance that has rates of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceCard:
    """Rates of one model in dollars per million tokens, and where they come from.

    A missing cache rate falls back to `input`, as providers bill it. `source` names the list
    ("genai-prices 0.2.3", "your config"), `effective` is the day the rates began (ISO date) where
    the list tells, `as_of` the newest day the list knows of. `long_context` is in rising order of
    prompt tokens. `batch` are the rates of a batch, `web_search` dollars per 1,000 searches that
    the server made.
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
    as_of: str | None = None
    long_context: tuple[LongContext, ...] = ()
    batch: Rates | None = None
    web_search: Decimal | None = None
    multipliers: tuple[Multiplier, ...] = ()

    @property
    def rates(self) -> str:
        """The rates in one line, for a ledger row."""
        longer = (
            f"; over {step.over_tokens:,} prompt tokens: {step.rates}" for step in self.long_context
        )
        return f"$ per 1M tokens: {self.rates_for(None)}{''.join(longer)}"

    def with_batch(self, factor: Decimal) -> "PriceCard":
        """The same card with rates of a batch: the others by a factor."""
        return replace(self, batch=self.rates_for(None).times(factor))

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


class Terms(NamedTuple):
    """What the operator negotiated on a list's prices of some models: factors, not rates.

    `batch` is the factor of a batch where the list has no rates for one.
    """

    provider: str
    model: str
    multipliers: tuple[Multiplier, ...] = ()
    batch: Decimal | None = None
    web_search: Decimal | None = None
    source: str = "your config"
    effective: str | None = None

    def on(self, card: PriceCard) -> PriceCard:
        """A list's card under these terms, which its source then names."""
        named = {each.name for each in self.multipliers}
        kept = tuple(each for each in card.multipliers if each.name not in named)
        return replace(
            card if self.batch is None else card.with_batch(self.batch),
            multipliers=(*kept, *self.multipliers),
            web_search=card.web_search if self.web_search is None else self.web_search,
            source=f"{card.source}, {self.source}",
        )


class Term(NamedTuple):
    """One line of a bill: a bucket, its tokens, its rate, and the dollars they make."""

    bucket: str
    tokens: int
    usd_per_mtok: Decimal

    @property
    def usd(self) -> Decimal:
        """Dollars of this line, unrounded."""
        return token_cost(self.tokens, self.usd_per_mtok)


SEARCHES = "web search"
"""The term of a bill that counts calls of a tool, at dollars per million like the others."""


def terms(usage: Usage, card: PriceCard) -> Iterator[Term]:
    """The lines of the bill for `usage`, one per bucket that has tokens."""
    yield from _terms(usage, card.rates_for(usage.prompt), card.web_search)


def _terms(usage: Usage, rates: Rates, web_search: Decimal | None) -> Iterator[Term]:
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
    if usage.web_searches and web_search is not None:
        yield Term(SEARCHES, usage.web_searches, web_search * 1000)


class Bill(NamedTuple):
    """What a request cost, and the terms and factors that make it."""

    terms: tuple[Term, ...]
    multipliers: tuple[Multiplier, ...]
    nano: int
    price: Price


def bill(
    usage: Usage,
    card: PriceCard | None,
    circumstances: Set[str] = frozenset(),
    length: int | None = None,
) -> Bill | None:
    """The bill of a request; None when its price or its tokens are unknown.

    `length` is the prompt tokens of one request where `usage` is a sum of several. A circumstance
    that the card has no rates and no factor for makes the price unknown, as does a web search
    without a rate: better unpriced than too low.
    """
    if card is None or usage.total is None or (usage.web_searches and card.web_search is None):
        return None
    batch = BATCH in circumstances and card.batch is not None
    rates = card.rates_for(usage.prompt if length is None else length)
    if batch and card.batch is not None:
        rates = card.batch
    factors = tuple(
        each for each in card.multipliers if each.when is None or each.when in circumstances
    )
    if set(circumstances) - {each.when for each in factors} - ({BATCH} if batch else set()):
        return None
    lines = tuple(_terms(usage, rates, card.web_search))
    total = total_usd(lines, factors)
    searched = f"; $ per 1,000 web searches: {card.web_search}" if usage.web_searches else ""
    price = Price(
        card.source,
        card.effective,
        f"$ per 1M tokens{', batch' if batch else ''}: {rates}{searched}",
        ", ".join(map(str, factors)) or None,
    )
    return Bill(terms=lines, multipliers=factors, nano=to_nano(total), price=price)


def total_usd(terms: Iterable[Term], factors: Iterable[Multiplier]) -> Decimal:
    """The sum of some terms by some factors, exactly."""
    total = reduce(EXACT.add, (term.usd for term in terms), Decimal(0))
    return reduce(EXACT.multiply, (each.factor for each in factors), total)


def cost_nano(
    usage: Usage, card: PriceCard | None, circumstances: Set[str] = frozenset()
) -> int | None:
    """What a request cost in nano-dollars; None when the price or the tokens are unknown.

    No tokens cost nothing at any price.
    """
    return charged(usage, card, circumstances)[0]


def charged(
    usage: Usage,
    card: PriceCard | None,
    circumstances: Set[str] = frozenset(),
    length: int | None = None,
) -> tuple[int | None, Price | None]:
    """What a request cost, as a row of the ledger keeps it: nano-dollars, and their price."""
    made = bill(usage, card, circumstances, length)
    if made is not None:
        return made.nano, made.price
    return (0 if usage.total == 0 and not usage.web_searches else None), None


_RATE = re.compile(r"(in|cache read|cache write 5m|cache write 1h|out) ([\d.]+)")
_LONGER = re.compile(r"; over ([\d,]+) prompt tokens: ")
_SEARCH = re.compile(r"; \$ per 1,000 web searches: ([\d.]+)")
_FACTOR = re.compile(r"([^,×]+) × ([\d.]+)")


def read(usage: Usage, price: Price) -> tuple[tuple[Term, ...], tuple[Multiplier, ...]] | None:
    """The terms and factors of a recorded price, read back from its line; None if it has none."""
    base, *longer = _LONGER.split(price.rates)
    for over, text in zip(longer[::2], longer[1::2], strict=True):
        if (usage.prompt or 0) > int(over.replace(",", "")):
            base = text
    try:
        rates = {name: Decimal(rate) for name, rate in _RATE.findall(base)}
        search = _SEARCH.search(price.rates)
        factors = tuple(
            Multiplier(name.strip(), Decimal(factor))
            for name, factor in _FACTOR.findall(price.multipliers or "")
        )
        known = Rates(
            input=rates["in"],
            output=rates["out"],
            cache_read=rates.get("cache read"),
            cache_write_5m=rates.get("cache write 5m"),
            cache_write_1h=rates.get("cache write 1h"),
        )
        return tuple(_terms(usage, known, Decimal(search[1]) if search else None)), factors
    except (KeyError, InvalidOperation):
        return None
