"""Bills: rates by bucket, factors by circumstance, unknown where no price is known."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.core.entry import Price
from console.core.money import to_nano
from console.core.pricing import (
    LongContext,
    Multiplier,
    PriceCard,
    Rates,
    Terms,
    bill,
    charged,
    cost_nano,
    read,
    total_usd,
)
from console.core.usage import Usage, circumstances

LONG = LongContext(over_tokens=1000, rates=Rates(input=Decimal(4), output=Decimal(20)))
CARD = PriceCard(
    provider="anthropic", model="m", source="list", effective="2026-10-01",
    input=Decimal(2), output=Decimal(10), cache_read=Decimal("0.1"), cache_write_5m=Decimal("2.5"),
    long_context=(LONG,),
    batch=Rates(input=Decimal(1), output=Decimal(5)), web_search=Decimal(10),
    multipliers=(Multiplier("us", Decimal("1.1"), "us"), Multiplier("discount", Decimal("0.85"))),
)  # fmt: skip
USAGE = Usage(uncached=100, cache_read=50, cache_write_5m=4, output=10)


def test_a_bill_is_buckets_times_rates_times_factors():
    made = bill(USAGE, CARD, {"us"})
    assert [(t.bucket, t.tokens, t.usd_per_mtok) for t in made.terms] == [
        ("input", 100, 2), ("cache read", 50, Decimal("0.1")),
        ("cache write 5m", 4, Decimal("2.5")), ("output", 10, 10)]  # fmt: skip
    # (200 + 5 + 10 + 100) micro-dollars × 1.1 × 0.85.
    assert made.nano == 294_525
    assert made.price == Price(
        "list", "2026-10-01",
        "$ per 1M tokens: in 2, cache read 0.1, cache write 5m 2.5, out 10",
        "us × 1.1, discount × 0.85")  # fmt: skip


def test_a_batch_has_its_own_rates_and_a_search_its_price():
    made = bill(Usage(uncached=1_000_000, output=0, web_searches=3), CARD, {"batch"})
    assert made.nano == to_nano((Decimal(1) + Decimal("0.03")) * Decimal("0.85"))
    assert made.price.rates == "$ per 1M tokens, batch: in 1, out 5; $ per 1,000 web searches: 10"


@pytest.mark.parametrize(
    ("usage", "card", "told"),
    [
        (USAGE, None, set()),
        (Usage(uncached=1), CARD, set()),
        (USAGE, CARD, {"fast"}),
        (USAGE, CARD, {"us", "priority"}),
        (USAGE, PriceCard(provider="a", model="m", input=Decimal(1), output=Decimal(1),
                          source="s"), {"batch"}),
        (Usage(uncached=1, output=1, web_searches=1),
         PriceCard(provider="a", model="m", input=Decimal(1), output=Decimal(1), source="s"),
         set()),
    ],
)  # fmt: skip
def test_what_no_price_is_known_for_is_unpriced_never_free(usage, card, told):
    assert charged(usage, card, told) == (None, None)


def test_no_tokens_cost_nothing_at_any_price():
    assert cost_nano(Usage(uncached=0, output=0), None) == 0


def test_negotiated_terms_stand_on_a_lists_card():
    agreed = Terms(provider="anthropic", model="*", batch=Decimal("0.4"),
                   multipliers=(Multiplier("us", Decimal(1), "us"),))  # fmt: skip
    card = agreed.on(CARD)
    assert card.source == "list, your config"
    assert [str(each) for each in card.multipliers] == ["discount × 0.85", "us × 1"]
    assert card.batch.input == Decimal("0.8") and card.batch.cache_write_1h is None


counts = st.integers(0, 3000)
USAGES = st.builds(Usage, uncached=counts, cache_read=counts, cache_write_5m=counts,
                   cache_write_1h=counts, output=counts,
                   web_searches=st.integers(0, 3))  # fmt: skip


@given(usage=USAGES, told=st.sets(st.sampled_from(["us", "batch"])))
def test_a_recorded_price_reads_back_as_the_bill_it_made(usage, told):
    made = bill(usage, CARD, told)
    terms, factors = read(usage, made.price)
    assert to_nano(total_usd(terms, factors)) == made.nano
    assert [str(each) for each in factors] == [str(each) for each in made.multipliers]


@given(usage=USAGES)
def test_a_price_recorded_with_all_its_steps_reads_back_too(usage):
    card = PriceCard(provider="a", model="m", input=Decimal(2), output=Decimal(10), source="s",
                     long_context=CARD.long_context, web_search=Decimal(10))  # fmt: skip
    terms, _ = read(usage, Price("s", None, card.rates + "; $ per 1,000 web searches: 10"))
    assert to_nano(total_usd(terms, ())) == bill(usage, card).nano


def test_a_price_that_holds_no_rates_reads_as_none():
    assert read(USAGE, Price("by hand", None, "as agreed")) is None


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        ({}, set()),
        ({"service_tier": "standard", "inference_geo": "global", "speed": "standard"}, set()),
        ({"service_tier": "batch", "inference_geo": "us"}, {"batch", "us"}),
        ({"service_tier": "default", "speed": "fast"}, {"fast"}),
        ({"service_tier": 3, "inference_geo": None}, set()),
    ],
)
def test_circumstances_are_what_changes_the_price(raw, told):
    assert circumstances(raw) == told
