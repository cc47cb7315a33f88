"""Cards against the list's own calculator, the operator's own prices, and retired models."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.core.money import to_nano
from console.core.pricing import (
    LongContext,
    Multiplier,
    PriceCard,
    Rates,
    Terms,
    cost_nano,
    terms,
)
from console.core.retirement import AS_OF, is_retired, retired
from console.core.usage import Usage
from console.sources.prices import Prices

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
NOW_MS = int(NOW.timestamp() * 1000)

CLAUDE = [
    "claude-fable-5", "claude-fable-5-1", "claude-fable-5-2", "claude-haiku-4-5",
    "claude-haiku-4-5-20251001", "claude-haiku-5-5", "claude-mythos-5-2", "claude-opus-4-5",
    "claude-opus-4-6", "claude-opus-4-7", "claude-opus-4-8", "claude-opus-5", "claude-opus-5-5",
    "claude-sonnet-4-5", "claude-sonnet-4-6", "claude-sonnet-5", "claude-sonnet-5-5",
]  # fmt: skip
OPENAI = ["gpt-4o", "gpt-4o-mini", "gpt-4.1", "gpt-5", "gpt-5.4", "o3"]
tokens = st.one_of(st.integers(0, 3_000), st.integers(90_000, 400_000))


def listed_usd(provider, model, usage, at=NOW):
    from genai_prices import Usage as ListUsage
    from genai_prices import calc_price

    written = usage.cache_write_5m + usage.cache_write_1h
    counts = {"input_tokens": usage.prompt, "output_tokens": usage.output,
              "cache_read_tokens": usage.cache_read, "cache_write_tokens": written,
              "cache_write_5m_tokens": usage.cache_write_5m,
              "cache_write_1h_tokens": usage.cache_write_1h}  # fmt: skip
    price = calc_price(ListUsage(**counts), model, provider_id=provider, genai_request_timestamp=at)
    return price.total_price


@pytest.mark.parametrize(
    ("provider", "model"),
    [*(("anthropic", model) for model in CLAUDE), *(("openai", model) for model in OPENAI)],
)
@given(
    usage=st.builds(
        Usage, uncached=tokens, cache_read=tokens, cache_write_5m=tokens, cache_write_1h=tokens,
        output=tokens,
    )
)  # fmt: skip
@settings(max_examples=40, deadline=None)
def test_a_cost_is_the_lists_own_to_the_nano_dollar(provider, model, usage):
    card = Prices().card(provider, model, NOW_MS)
    assert cost_nano(usage, card) == to_nano(listed_usd(provider, model, usage))


def test_a_long_prompt_reprices_the_whole_request():
    card = Prices().card("anthropic", "claude-haiku-5-5", NOW_MS)
    [step] = card.long_context
    at = Usage(uncached=step.over_tokens - 10, cache_read=10, output=7)
    over = Usage(uncached=step.over_tokens - 10, cache_read=11, output=7)
    assert {term.usd_per_mtok for term in terms(at, card)} == {
        card.input, card.cache_read, card.output}  # fmt: skip
    assert {term.usd_per_mtok for term in terms(over, card)} == {
        step.rates.input, step.rates.cache_read, step.rates.output}  # fmt: skip
    assert cost_nano(over, card) > 4 * cost_nano(at, card)
    assert f"over {step.over_tokens:,} prompt tokens: in 0.5," in card.rates


def test_several_steps_of_length_apply_the_highest_passed():
    steps = tuple(
        LongContext(over_tokens=over, rates=Rates(input=Decimal(over), output=Decimal(1)))
        for over in (10, 20)
    )
    card = PriceCard(provider="x", model="y", input=Decimal(1), output=Decimal(1), source="t",
                     long_context=steps)  # fmt: skip
    assert [card.rates_for(n).input for n in (None, 10, 11, 20, 21)] == [1, 1, 10, 10, 20]


def test_the_source_and_the_day_the_rates_began():
    before = int(datetime(2026, 3, 12, 23, tzinfo=UTC).timestamp() * 1000)
    after = int(datetime(2026, 3, 13, 1, tzinfo=UTC).timestamp() * 1000)
    old = Prices().card("anthropic", "claude-opus-4-6", before)
    new = Prices().card("anthropic", "claude-opus-4-6", after)
    assert (old.effective, new.effective) == (None, "2026-03-13")
    assert old.long_context and not new.long_context
    from importlib.metadata import version

    assert new.source == f"genai-prices {version('genai-prices')}"


@pytest.mark.parametrize(
    ("provider", "model"),
    [
        ("ollama", "deepseek-r1:14b"),
        ("local", "gpt-4o"),
        ("anthropic", "llama3.1:8b"),
        ("anthropic", "no-such-model"),
        ("nobody", "gpt-4o"),
        ("gemini", "gemini-2.5-pro"),
        ("perplexity", "sonar"),
        ("openai", "dall-e-3"),
    ],
)
def test_what_no_list_has_is_unpriced(provider, model):
    assert Prices().card(provider, model, NOW_MS) is None


def own(model="claude-*", *, provider="anthropic", usd=1, effective=None):
    return PriceCard(provider=provider, model=model, input=Decimal(usd), output=Decimal(usd),
                     source="your config", effective=effective)  # fmt: skip


def test_the_operators_cards_come_first():
    prices = Prices((own(),))
    assert prices.card("anthropic", "Claude-Sonnet-5-5", NOW_MS).source == "your config"
    assert prices.card("openai", "gpt-4o", NOW_MS).source.startswith("genai-prices")
    assert Prices((own("*", provider="*"),)).card("vllm", "qwen", NOW_MS).input == 1


def test_the_latest_card_in_force_wins_and_then_the_first():
    prices = Prices((
        own(usd=1), own(usd=2, effective="2026-06-01"), own(usd=3, effective="2026-11-24"),
        own(usd=4, effective="2026-11-24"), own(usd=5, effective="2026-11-25"),
    ))  # fmt: skip
    assert prices.card("anthropic", "claude-sonnet-5-5", NOW_MS).input == 3
    assert prices.card("anthropic", "claude-sonnet-5-5", NOW_MS - 86_400_000).input == 2
    assert Prices((own(effective="2999-01-01"),)).card("anthropic", "claude-x", NOW_MS) is None


def test_retired_models_are_told_with_their_day():
    today = date(2026, 11, 24)
    assert "was retired on 2025-10-28" in retired("claude-3-5-sonnet-20241022", today)
    assert "will be retired on 2026-11-30" in retired("claude-sonnet-4-5", today)
    assert "was retired" in retired("claude-sonnet-4-5", date(2026, 11, 30))
    assert retired("claude-sonnet-5-5", today) is None
    assert is_retired("claude-3-5-sonnet-20241022", "2025-10-28")
    assert not is_retired("claude-sonnet-4-5", "2026-11-29") and not is_retired("own", "9998")


def test_every_model_the_client_calls_deprecated_is_known():
    from anthropic.resources.messages.messages import DEPRECATED_MODELS

    today = date(2000, 1, 1)
    for model, end in DEPRECATED_MODELS.items():
        month, day, year = end.split()
        end = datetime.strptime(f"{month} {int(day[:-3])} {year}", "%B %d %Y").date()  # noqa: DTZ007
        if str(end) > AS_OF and retired(model, today) is None:
            continue  # announced by a client newer than the list
        assert str(end) in retired(model, today)


def test_a_batch_is_the_lists_own_batch_price_or_unpriced():
    from genai_prices import Usage as ListUsage
    from genai_prices.data_snapshot import get_snapshot

    usage = Usage(uncached=1000, output=500)
    card = Prices().card("anthropic", "claude-sonnet-5-5", NOW_MS)
    provider, entry = get_snapshot().find_provider_model(card.model, None, "anthropic", None)
    listed = entry.calc_price(ListUsage(input_tokens=1000, output_tokens=500), provider,
                              genai_request_timestamp=NOW,
                              price_context={"processing": "batch"})  # fmt: skip
    assert cost_nano(usage, card, {"batch"}) == to_nano(listed.total_price)
    assert cost_nano(usage, card, {"batch"}) * 2 == cost_nano(usage, card)
    without = Prices().card("anthropic", "claude-opus-4-5", NOW_MS - 400 * 86_400_000)
    assert without.batch is None and cost_nano(usage, without, {"batch"}) is None


def test_a_request_kept_in_the_us_and_a_search_cost_what_is_published():
    card = Prices().card("anthropic", "claude-sonnet-5-5", NOW_MS)
    usage = Usage(uncached=1000, output=0)
    assert cost_nano(usage, card, {"us"}) == 2_200_000
    assert cost_nano(Usage(uncached=0, output=0, web_searches=2), card) == 20_000_000


def test_negotiated_terms_are_on_the_list_and_not_on_ones_own_prices():
    agreed = Terms(provider="anthropic", model="claude-*", effective="2026-11-01",
                   multipliers=(Multiplier("discount", Decimal("0.8")),))  # fmt: skip
    prices = Prices((own("claude-haiku-*"),), (agreed,))
    usage = Usage(uncached=1000, output=0)
    listed = Prices().card("anthropic", "claude-sonnet-5-5", NOW_MS)
    card = prices.card("anthropic", "claude-sonnet-5-5", NOW_MS)
    assert cost_nano(usage, card) * 10 == cost_nano(usage, listed) * 8
    assert card.source == f"{listed.source}, your config"
    assert prices.card("anthropic", "claude-haiku-5-5", NOW_MS).multipliers == ()
    october = NOW_MS - 40 * 86_400_000
    assert prices.card("anthropic", "claude-sonnet-5-5", october).source == listed.source
    assert prices.card("anthropic", "no-such-model", NOW_MS) is None
