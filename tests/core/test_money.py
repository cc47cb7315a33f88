"""Recorded money is rounded once, at the nano-dollar."""

from decimal import Decimal, localcontext
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.core.money import MAX_NANO, NANO, to_nano, to_usd, token_cost

amounts = st.decimals(-(10**9), 10**9, allow_nan=False, allow_infinity=False)


def half_even(exact):
    """A fraction of dollars as nano-dollars: Python rounds fractions half to even."""
    return round(exact * NANO)


@given(amounts)
def test_dollars_become_the_nearest_nano(usd):
    assert to_nano(usd) == half_even(Fraction(usd))


def test_halves_go_to_even_and_nothing_is_rounded_before():
    assert to_nano(Decimal("0.0000000005")) == 0
    assert to_nano(Decimal("0.0000000015")) == 2
    # More digits than Python's decimals usually carry: just above the half.
    assert to_nano(Decimal("1000000000.0000000005000000000000000000000001")) == 10**18 + 1


@given(st.integers(-MAX_NANO, MAX_NANO))
def test_nanos_are_dollars_exactly(nano):
    assert to_nano(to_usd(nano)) == nano
    with localcontext(prec=5):
        assert to_nano(to_usd(nano)) == nano


@given(
    st.integers(0, 10**12),
    st.decimals(0, 10**6, allow_nan=False, allow_infinity=False),
)
def test_a_token_cost_is_exact(tokens, rate):
    assert Fraction(token_cost(tokens, rate)) == tokens * Fraction(rate) / 10**6


@pytest.mark.parametrize("usd", ["NaN", "Infinity", "-Infinity"])
def test_what_is_no_amount_is_refused(usd):
    with pytest.raises(ValueError, match="not an amount"):
        to_nano(Decimal(usd))


@pytest.mark.parametrize("usd", ["9223372036.854775808", "-1e300", "1e999999"])
def test_what_no_column_holds_is_refused(usd):
    with pytest.raises(ValueError, match="more than a ledger row can hold"):
        to_nano(Decimal(usd))


def test_the_largest_amount_is_held():
    assert to_nano(Decimal("9223372036.854775807")) == MAX_NANO
