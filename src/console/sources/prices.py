"""Prices of models: the operator's own first, then the list of genai-prices."""

from datetime import UTC, date, datetime
from decimal import Decimal
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import TYPE_CHECKING, TypeVar

from console.core.pricing import LongContext, Multiplier, PriceCard, Rates, Terms

if TYPE_CHECKING:
    from genai_prices.types import ModelInfo, ModelPrice, TieredPrices

NEVER_LISTED = frozenset({"ollama", "local"})
"""Providers that no list may be asked about: a local model's name can match a hosted one's."""

US_ONLY = Multiplier("us", Decimal("1.1"), "us")
"""Anthropic's factor on a request that was kept in the US, which the list does not know."""

_BUCKETS = {
    "input": ("input_mtok",),
    "output": ("output_mtok",),
    "cache_read": ("cache_read_mtok",),
    "cache_write_5m": ("cache_write_5m_mtok", "cache_write_mtok"),
    "cache_write_1h": ("cache_write_1h_mtok", "cache_write_mtok"),
}
"""Our buckets by the list's names for their rates, the closest first."""


class Prices:
    """The operator's cards, then genai-prices, whose import takes a quarter of a second."""

    def __init__(self, own: tuple[PriceCard, ...] = (), terms: tuple[Terms, ...] = ()) -> None:
        self.switch(own, terms)

    def switch(self, own: tuple[PriceCard, ...], terms: tuple[Terms, ...]) -> None:
        """Go by these from now on; what was priced before keeps its price."""
        self._own = own
        self._terms = terms

    def card(self, provider: str, model: str, at_ms: int) -> PriceCard | None:
        """The card in force at a time; None when no list has the model."""
        at = datetime.fromtimestamp(at_ms / 1000, UTC)
        if own := in_force(self._own, provider, model, at.date()):
            return own
        listed = _listed(provider, model, at)
        agreed = in_force(self._terms, provider, model, at.date())
        return agreed.on(listed) if listed and agreed else listed


P = TypeVar("P", PriceCard, Terms)


def in_force(cards: tuple[P, ...], provider: str, model: str, day: date) -> P | None:
    """Of the cards that match and are in force, the latest, and of those the first."""
    matching = [
        card
        for card in cards
        if card.provider in ("*", provider)
        and fnmatchcase(model.lower(), card.model.lower())
        and (card.effective or "") <= day.isoformat()
    ]
    return max(matching, key=lambda card: card.effective or "", default=None)


def _listed(provider: str, model: str, at: datetime) -> PriceCard | None:
    if provider in NEVER_LISTED:
        return None
    from genai_prices import __version__
    from genai_prices.data_snapshot import get_snapshot

    try:
        found, entry = get_snapshot().find_provider_model(model, None, provider, None)
    except LookupError:
        return None
    # The list also takes names that only resemble a provider's; a price is no place for guesses.
    if found.id != provider:
        return None
    price = entry.get_prices(at)
    # A fee per request is no rate per token: better unpriced than too low.
    if price.requests_kcount is not None:
        return None
    base = _rates(price, 0)
    if base is None:
        return None
    # Without a batch price of its own the list would give the usual one.
    batch = entry.get_prices(at, {"processing": "batch"})
    searches = price.web_searches_kcount
    return PriceCard(
        provider=provider,
        model=model,
        input=base.input,
        output=base.output,
        cache_read=base.cache_read,
        cache_write_5m=base.cache_write_5m,
        cache_write_1h=base.cache_write_1h,
        source=f"genai-prices {__version__}",
        effective=_effective(entry, price),
        as_of=_newest(at.date()),
        long_context=tuple(_steps(price, batch if batch != price else None)),
        batch=_rates(batch, 0) if batch != price else None,
        web_search=searches if isinstance(searches, Decimal) else None,
        multipliers=(US_ONLY,) if provider == "anthropic" else (),
    )


def _rates(price: "ModelPrice", prompt_tokens: int) -> Rates | None:
    """The rates at a length of prompt; None without a rate for input and for output."""
    rates = {bucket: _rate(price, names, prompt_tokens) for bucket, names in _BUCKETS.items()}
    given, taken = rates.pop("input"), rates.pop("output")
    return None if given is None or taken is None else Rates(input=given, output=taken, **rates)


def _rate(price: "ModelPrice", names: tuple[str, ...], prompt_tokens: int) -> Decimal | None:
    rates: list[Decimal | TieredPrices | None] = [getattr(price, name) for name in names]
    listed = next((rate for rate in rates if rate is not None), None)
    if listed is None or isinstance(listed, Decimal):
        return listed
    over = [tier.price for tier in listed.tiers if prompt_tokens > tier.start]
    return over[-1] if over else listed.base


def _steps(price: "ModelPrice", batch: "ModelPrice | None") -> list[LongContext]:
    names = (name for names in _BUCKETS.values() for name in names)
    listed = (getattr(price, name) for name in names)
    starts = {tier.start for rate in listed for tier in getattr(rate, "tiers", ())}
    steps = ((start, _rates(price, start + 1)) for start in sorted(starts))
    return [
        LongContext(
            over_tokens=start,
            rates=rates,
            batch=None if batch is None else _rates(batch, start + 1),
        )
        for start, rates in steps
        if rates
    ]


@lru_cache(maxsize=8)
def _newest(day: date) -> str | None:
    """The newest day up to `day` from which the list has a price; its own day it does not tell."""
    from genai_prices.data_snapshot import get_snapshot

    starts = (
        getattr(condition.constraint, "start_date", None)
        for provider in get_snapshot().providers
        for model in provider.models
        if isinstance(model.prices, list)
        for condition in model.prices
    )
    known = [start for start in starts if start is not None and start <= day]
    return str(max(known)) if known else None


def _effective(entry: "ModelInfo", price: "ModelPrice") -> str | None:
    conditions = entry.prices if isinstance(entry.prices, list) else []
    for condition in conditions:
        start = getattr(condition.constraint, "start_date", None)
        if condition.prices is price and start is not None:
            return str(start)
    return None
