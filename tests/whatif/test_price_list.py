"""One attempt's price agrees with the price list's own calculator, for every model on offer."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from genai_prices import Usage, calc_price

from console.core.whatif.api import attempt_price
from console.core.whatif.inputs import Workload
from console.core.whatif.offer import CATALOGUE, card_of
from console.sources.prices import Prices

LEGACY = [
    ("anthropic", "claude-fable-5-2"), ("anthropic", "claude-haiku-4-5"),
    ("anthropic", "claude-sonnet-5"), ("anthropic", "claude-sonnet-4-6"),
    ("anthropic", "claude-opus-5"), ("anthropic", "claude-opus-4-5"),
    ("anthropic", "claude-opus-4-1"), ("openai", "gpt-6-astra"), ("openai", "gpt-4o"),
    ("openrouter", "meta-llama/llama-3.3-70b-instruct"),
]  # fmt: skip
MODELS = [*((each.provider, each.model) for each in CATALOGUE), *LEGACY]
WHEN = datetime(2026, 11, 20, tzinfo=UTC)


def card(provider, model):
    """The list's card with reference tokens for its own."""
    return card_of(Prices().card(provider, model, int(WHEN.timestamp() * 1000)), 1.0)


def theirs(provider, model, usage, *, batch=False):
    found = calc_price(
        Usage(**usage),
        model_ref=model,
        provider_id=provider,
        genai_request_timestamp=WHEN,
        price_context={"processing": "batch"} if batch else None,
    )
    return found.total_price


@pytest.mark.parametrize(("provider", "model"), MODELS, ids=lambda value: value)
@pytest.mark.parametrize("prompt", [2_000, 99_000, 101_000, 271_000, 280_000])
def test_one_attempt_costs_what_the_price_list_says(provider, model, prompt):
    ours = card(provider, model)
    quarter = prompt // 4
    usage = {"input_tokens": prompt, "output_tokens": 700}
    shares = {}
    # What the list has no price for it leaves unpriced; by the model it costs as input does.
    for bucket, price in (("read", ours.cache_read), ("write", ours.cache_write)):
        if price is not None:
            usage[f"cache_{bucket}_tokens"] = quarter
            shares[f"cache_{bucket}_share"] = quarter / prompt
    w = Workload(requests_per_day=1, input_tokens=prompt, output_tokens=700, **shares)
    assert Decimal(attempt_price(w, ours).usd) == pytest.approx(
        theirs(provider, model, usage), rel=Decimal("1e-12")
    )
    if ours.batch is None:
        return
    in_batch = Workload(
        requests_per_day=1, input_tokens=prompt, output_tokens=700, batch_share=1, **shares
    )
    assert Decimal(attempt_price(in_batch, ours).usd) == pytest.approx(
        theirs(provider, model, usage, batch=True), rel=Decimal("1e-12")
    )


@pytest.mark.parametrize(("provider", "model"), MODELS, ids=lambda value: value)
def test_a_batch_without_a_price_is_refused_where_the_list_gives_the_usual_one(provider, model):
    ours = card(provider, model)
    if ours.batch is not None:
        assert ours.batch.input < ours.input or ours.batch.output < ours.output
        return
    usage = {"input_tokens": 900, "output_tokens": 100}
    assert theirs(provider, model, usage, batch=True) == theirs(provider, model, usage)
    with pytest.raises(ValueError, match="the card publishes none"):
        w = Workload(requests_per_day=1, input_tokens=900, output_tokens=100, batch_share=0.1)
        attempt_price(w, ours)
