"""A bill is its buckets times their rates, rounded once."""

from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from console.core.pricing import PriceCard, cost_nano, terms
from console.core.usage import Usage

rates = st.decimals(0, 1000, places=4)
tokens = st.integers(0, 10**7)
cards = st.builds(
    PriceCard,
    provider=st.just("anthropic"),
    model=st.just("m"),
    input=rates,
    output=rates,
    cache_read=st.none() | rates,
    cache_write_5m=st.none() | rates,
    cache_write_1h=st.none() | rates,
    source=st.just("test list"),
)
counted = st.builds(
    Usage,
    uncached=tokens,
    cache_read=st.none() | tokens,
    cache_write_5m=st.none() | tokens,
    cache_write_1h=st.none() | tokens,
    output=tokens,
    reasoning=st.none() | tokens,
)
SONNET = PriceCard(
    provider="anthropic",
    model="claude-sonnet-5-5",
    input=Decimal(2),
    output=Decimal(10),
    cache_read=Decimal("0.2"),
    cache_write_5m=Decimal("2.5"),
    cache_write_1h=Decimal(4),
    source="test list",
)


@given(counted, cards)
def test_a_cost_is_rounded_once(usage, card):
    exact = sum(Fraction(term.tokens) * Fraction(term.usd_per_mtok) for term in terms(usage, card))
    assert cost_nano(usage, card) == round(exact * 1000)


def test_rates_of_more_digits_than_usual_are_rounded_once_too():
    third = Decimal("0.33333333333333333333333333333333333333")
    usage = Usage(uncached=3, output=999_999_999_999)
    card = PriceCard(provider="p", model="m", input=third, output=third, source="s")
    exact = Fraction(third) * 1_000_000_000_002 * 1000
    assert cost_nano(usage, card) == round(exact)


@given(counted, cards)
def test_every_token_is_billed_in_one_bucket(usage, card):
    assert sum(term.tokens for term in terms(usage, card)) == usage.total


@given(counted, cards, st.integers(1, 1000))
def test_more_tokens_never_cost_less(usage, card, more):
    grown = Usage(uncached=usage.uncached + more, cache_read=usage.cache_read,
                  cache_write_5m=usage.cache_write_5m, cache_write_1h=usage.cache_write_1h,
                  output=usage.output)  # fmt: skip
    assert cost_nano(grown, card) >= cost_nano(usage, card)


def test_cache_reads_and_both_cache_writes_have_their_own_rates():
    usage = Usage(uncached=1000, cache_read=1000, cache_write_5m=1000, cache_write_1h=1000,
                  output=1000, reasoning=900)  # fmt: skip
    assert [str(term.usd) for term in terms(usage, SONNET)] == [
        "0.002000", "0.0002000", "0.0025000", "0.004000", "0.010000"]  # fmt: skip
    assert cost_nano(usage, SONNET) == 18_700_000


def test_a_missing_cache_rate_is_the_input_rate():
    plain = PriceCard(
        provider="p", model="m", input=Decimal(3), output=Decimal(15), source="your config"
    )
    assert cost_nano(Usage(uncached=0, cache_read=10, output=0), plain) == 30_000


def test_unknown_is_never_free():
    assert cost_nano(Usage(uncached=1, output=1), None) is None
    assert cost_nano(Usage(uncached=1), SONNET) is None
    assert cost_nano(Usage(output=1), SONNET) is None
    assert cost_nano(Usage(uncached=0, output=0), SONNET) == 0


def test_the_rates_are_one_line():
    assert SONNET.rates == (
        "$ per 1M tokens: in 2, cache read 0.2, cache write 5m 2.5, cache write 1h 4, out 10"
    )
