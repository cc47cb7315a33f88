"""The prices that need no list: two models, kept for when none can be read."""

from dataclasses import replace

from console.core.whatif.card import Card, LongContext, Rates
from console.core.whatif.offer import CATALOGUE, Offer
from console.core.whatif.origin import Origin, Source

RATIO_LOW, RATIO_HIGH = 1.25, 1.60
"""Between what numbers of their tokens one of the reference's may be."""
PRICES = ("input", "output", "cache_read", "cache_write", "cache_write_1h", "batch", "long_context")

BUILT_IN_DATE = "2026-11-09"
"""The day of the prices kept here for when no price list can be read."""

_SONNET_CARD = Card(
    input=2.0,
    output=10.0,
    cache_read=0.10,
    cache_write=2.50,
    cache_write_1h=4.0,
    batch=Rates(input=1.0, output=5.0, cache_read=0.05, cache_write=1.25, cache_write_1h=2.0),
    tokenizer_ratio_in=1.36,
    tokenizer_ratio_out=1.36,
)


def _times(rates: Rates, factor: float) -> Rates:
    def by(price: float | None) -> float | None:
        return None if price is None else price * factor

    return Rates(
        input=by(rates.input),
        output=by(rates.output),
        cache_read=by(rates.cache_read),
        cache_write=by(rates.cache_write),
        cache_write_1h=by(rates.cache_write_1h),
    )


_CHEAP = Rates(input=0.10, output=0.50, cache_read=0.01, cache_write=0.125, cache_write_1h=0.20)
_HAIKU_CARD = replace(
    _SONNET_CARD,
    input=0.10,
    output=0.50,
    cache_read=0.01,
    cache_write=0.125,
    cache_write_1h=0.20,
    batch=_times(_CHEAP, 0.5),
    long_context=LongContext(
        threshold_tokens=100_000, rates=_times(_CHEAP, 5), batch=_times(_CHEAP, 2.5)
    ),
)

HAIKU, SONNET = "anthropic/claude-haiku-5-5", "anthropic/claude-sonnet-5-5"
CARDS = {HAIKU: _HAIKU_CARD, SONNET: _SONNET_CARD}
"""The cards kept here, by model."""


def listed(model: str) -> Source:
    """The source of a price that is kept here."""
    return Source(Origin.LISTED, f"built in: {model}", as_of=BUILT_IN_DATE)


BUILT_IN: dict[str, Offer] = {
    each.key: Offer(
        listing=each,
        card=CARDS[each.key],
        source=listed(each.key),
        ratio=(RATIO_LOW, CARDS[each.key].tokenizer_ratio_in, RATIO_HIGH),
    )
    for each in CATALOGUE
    if each.key in CARDS
}
"""The offers that need no price list."""


def card_sources(model: str, source: Source, ratio: Source) -> dict[str, Source]:
    """The sources of a card's inputs."""
    return {
        **{f"api.{price}": source for price in PRICES},
        "api.model": source,
        "api.tokenizer_ratio_in": ratio,
        "api.tokenizer_ratio_out": ratio,
    }
