"""API models to compare with: what each costs by the price list, and what is to be said of it."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import NamedTuple

from console.core.pricing import PriceCard
from console.core.pricing import Rates as ListedRates
from console.core.whatif.card import Card, LongContext, Rates
from console.core.whatif.origin import Origin, Source


class Listing(NamedTuple):
    """A model that is offered for comparison; `open_weights` says that the rig could run it too."""

    provider: str
    model: str
    short: str
    open_weights: bool = False

    @property
    def key(self) -> str:
        """How scenarios name it: provider/model."""
        return f"{self.provider}/{self.model}"


CATALOGUE: tuple[Listing, ...] = (
    Listing("anthropic", "claude-haiku-5-5", "Haiku 5.5"),
    Listing("anthropic", "claude-sonnet-5-5", "Sonnet 5.5"),
    Listing("anthropic", "claude-opus-5-5", "Opus 5.5"),
    Listing("openai", "gpt-6-luna", "GPT-6 Luna"),
    Listing("openai", "gpt-6.1-terra", "GPT-6.1 Terra"),
    Listing("openai", "gpt-6.1-sol", "GPT-6.1 Sol"),
    Listing("groq", "llama-3.3-70b-versatile", "Llama 70B @Groq", open_weights=True),
    Listing("groq", "llama-3.1-8b-instant", "Llama 8B @Groq", open_weights=True),
    Listing("groq", "openai/gpt-oss-120b", "gpt-oss-120b @Groq", open_weights=True),
    Listing(
        "together", "meta-llama/Llama-3.3-70B-Instruct-Turbo", "Llama 70B @Together",
        open_weights=True,
    ),
)  # fmt: skip
"""The models offered without being asked for; any other the price list has can be named."""


UNLISTED = Source(Origin.LISTED, "")


class Offer(NamedTuple):
    """A model with its card; without one, `trouble` says why it cannot be compared.

    `ratio` is the low, middle and high number of its tokens for one reference token (o200k).
    """

    listing: Listing
    card: Card | None
    source: Source = UNLISTED
    ratio: tuple[float, float, float] = (1.0, 1.0, 1.0)
    remarks: tuple[str, ...] = ()
    trouble: str = ""

    @property
    def key(self) -> str:
        """provider/model."""
        return self.listing.key


def offer(listing: Listing, price: PriceCard | None, remark: str | None = None) -> Offer:
    """The listing at its price; `remark` is what else is known of the model."""
    remarks = (remark,) if remark else ()
    if price is None:
        return Offer(
            listing=listing,
            card=None,
            remarks=remarks,
            trouble=f"{listing.key} has no price in any list; add one under [[prices]]",
        )
    ratio = token_ratio(listing.model)
    when = f", in force since {price.effective}" if price.effective else ""
    said = f"{price.source}{when}: {listing.model}"
    return Offer(
        listing=listing,
        card=card_of(price, ratio[1]),
        source=Source(Origin.LISTED, said, as_of=price.as_of or ""),
        ratio=ratio,
        remarks=remarks,
    )


_RATIOS = {
    # From 4.7 on about 30 % more tokens than before, says the vendor; before, 1.04–1.18 by the
    # public tokenizer of an older model, on English and code.
    "claude": (1.25, 1.36, 1.60),
    "older claude": (1.04, 1.08, 1.18),
    "llama": (0.99, 1.02, 1.14),
    "gpt": (1.0, 1.0, 1.0),
    "unknown tokenizer": (0.90, 1.05, 1.40),
}
_OLDER = ("claude-3", "claude-2", "haiku-4", "sonnet-4", "opus-4-0", "opus-4-1", "opus-4-2025")


def family(model: str) -> str:
    """The tokenizer a model's name belongs to."""
    name = model.lower()
    if "claude" in name:
        return "older claude" if any(part in name for part in _OLDER) else "claude"
    if "llama" in name:
        return "llama"
    return "gpt" if "gpt" in name or name.startswith(("o1", "o3", "o4")) else "unknown tokenizer"


def token_ratio(model: str) -> tuple[float, float, float]:
    """Low, middle and high number of the model's tokens for one of the reference tokenizer."""
    return _RATIOS[family(model)]


def ratios_between() -> dict[str, tuple[float, float, float]]:
    """Low, middle and high tokens of one family for one token of another, by "from>to"."""
    return {
        f"{source}>{target}": (to[0] / from_[2], to[1] / from_[1], to[2] / from_[0])
        for source, from_ in _RATIOS.items()
        for target, to in _RATIOS.items()
        if source != target
    }


def card_of(price: PriceCard, ratio: float) -> Card:
    """The list's prices as a card of the model; the shortest long-context step is the one kept."""
    tier = None
    if price.long_context:
        step = price.long_context[0]
        tier = LongContext(
            threshold_tokens=float(step.over_tokens),
            rates=_rates(step.rates),
            batch=None if step.batch is None else _rates(step.batch),
        )
    standard = _rates(price.rates_for(None))
    return Card(
        input=float(price.input),
        output=float(price.output),
        cache_read=standard.cache_read,
        cache_write=standard.cache_write,
        cache_write_1h=standard.cache_write_1h,
        batch=None if price.batch is None else _rates(price.batch),
        long_context=tier,
        tokenizer_ratio_in=ratio,
        tokenizer_ratio_out=ratio,
    )


def _rates(rates: ListedRates) -> Rates:
    def usd(rate: Decimal | None) -> float | None:
        return None if rate is None else float(rate)

    return Rates(
        input=usd(rates.input),
        output=usd(rates.output),
        cache_read=usd(rates.cache_read),
        cache_write=usd(rates.cache_write_5m),
        cache_write_1h=usd(rates.cache_write_1h),
    )


def find_listing(name: str, offers: Mapping[str, Offer] | None = None) -> Listing:
    """The listing an operator means: a key, a model of the catalogue, or provider/model.

    Raises ValueError when the provider cannot be told.
    """
    wanted = name.strip()
    known = [each.listing for each in (offers or {}).values()] + list(CATALOGUE)
    for listing in known:
        if wanted.lower() in (listing.key.lower(), listing.model.lower(), listing.short.lower()):
            return listing
    provider, slash, model = wanted.partition("/")
    if slash and provider and model:
        return Listing(provider, model, model)
    for start, guess in (("claude", "anthropic"), ("gpt", "openai"), ("gemini", "google")):
        if wanted.lower().startswith(start):
            return Listing(guess, wanted, wanted)
    raise ValueError(f"{wanted or 'nothing'} names no model; write provider/model")


def retuned(card: Card, ratio_in: float, ratio_out: float) -> Card:
    """The card with other tokenizer ratios."""
    return replace(card, tokenizer_ratio_in=ratio_in, tokenizer_ratio_out=ratio_out)
