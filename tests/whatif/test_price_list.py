"""One attempt's price agrees with the price list's own calculator."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from genai_prices import Usage, calc_price
from genai_prices.types import TieredPrices

from console.core.whatif.api import attempt_price
from console.core.whatif.card import Card, LongContext, Rates
from console.core.whatif.inputs import Workload

MODELS = [
    ("anthropic", "claude-haiku-5-5"),
    ("anthropic", "claude-sonnet-5-5"),
    ("anthropic", "claude-opus-5-5"),
    ("anthropic", "claude-haiku-4-5"),
    ("openai", "gpt-6.1-terra"),
    ("openai", "gpt-6-luna"),
    ("openai", "gpt-4o"),
]
FIELDS = {
    "input": "input_mtok",
    "output": "output_mtok",
    "cache_read": "cache_read_mtok",
    "cache_write": "cache_write_mtok",
}
WHEN = datetime(2026, 11, 20, tzinfo=UTC)


def card_of(prices):
    """The list's prices as a card with at most one long-context tier."""
    base, long, threshold = {}, {}, None
    for name, field in FIELDS.items():
        price = getattr(prices, field, None)
        if isinstance(price, TieredPrices):
            [tier] = price.tiers
            base[name], long[name], threshold = price.base, tier.price, tier.start
        else:
            base[name] = price
    base = {name: None if price is None else float(price) for name, price in base.items()}
    tier = None
    if threshold is not None:
        rates = Rates(**{name: float(price) for name, price in long.items()})
        tier = LongContext(threshold_tokens=threshold, rates=rates)
    return Card(**base, long_context=tier)


@pytest.mark.parametrize(("provider", "model"), MODELS, ids=lambda value: value)
@pytest.mark.parametrize("prompt", [2_000, 80_000, 120_000, 400_000])
def test_one_attempt_costs_what_the_price_list_says(provider, model, prompt):
    quarter = prompt // 4
    usage = {"input_tokens": prompt, "cache_read_tokens": quarter, "output_tokens": 700}
    shares = {"cache_read_share": 0.25}
    if provider == "anthropic":
        usage["cache_write_tokens"] = quarter
        shares["cache_write_share"] = 0.25
    theirs = calc_price(
        Usage(**usage), model_ref=model, provider_id=provider, genai_request_timestamp=WHEN
    )
    w = Workload(requests_per_day=1, input_tokens=prompt, output_tokens=700, **shares)
    ours = attempt_price(w, card_of(theirs.model_price))
    assert Decimal(ours.usd) == pytest.approx(theirs.total_price, rel=Decimal("1e-12"))
