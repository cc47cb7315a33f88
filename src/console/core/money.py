"""Recorded money: whole nano-dollars, computed in Decimal and rounded once."""

from decimal import ROUND_HALF_EVEN, Decimal

NANO = 1_000_000_000
"""Nano-dollars in one dollar."""

MAX_NANO = 2**63 - 1
"""The largest amount a ledger column holds, about 9.2 billion dollars."""


def to_nano(usd: Decimal) -> int:
    """Dollars as whole nano-dollars, halves to even.

    Raises ValueError when the amount is not finite or does not fit 64 bits.
    """
    if not usd.is_finite():
        raise ValueError(f"{usd} is not an amount of money")
    nano = int((usd * NANO).to_integral_value(rounding=ROUND_HALF_EVEN))
    if abs(nano) > MAX_NANO:
        raise ValueError(f"${usd:,} is more than a ledger row can hold")
    return nano


def to_usd(nano: int) -> Decimal:
    """Nano-dollars as dollars, exactly."""
    return Decimal(nano) / NANO


def token_cost(tokens: int, usd_per_mtok: Decimal) -> Decimal:
    """Dollars for `tokens` at a rate per million tokens, not yet rounded."""
    return tokens * usd_per_mtok / 1_000_000
