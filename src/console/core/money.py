"""Recorded money: whole nano-dollars, computed in Decimal and rounded once."""

from decimal import ROUND_HALF_EVEN, Context, Decimal

NANO = 1_000_000_000
"""Nano-dollars in one dollar."""

MAX_NANO = 2**63 - 1
"""The largest amount a ledger column holds, about 9.2 billion dollars."""

EXACT = Context(prec=100)
"""Wide enough for every product and sum of a bill, so that only `to_nano` rounds."""

_STEP = Decimal("1e-9")
_MAX_USD = Decimal(MAX_NANO).scaleb(-9)


def to_nano(usd: Decimal) -> int:
    """Dollars as whole nano-dollars, halves to even.

    Raises ValueError when the amount is not finite or does not fit 64 bits.
    """
    if not usd.is_finite():
        raise ValueError(f"{usd} is not an amount of money")
    if usd.copy_abs() > _MAX_USD:
        raise ValueError(f"${usd:.4g} is more than a ledger row can hold")
    # Rounded at the last place itself: a product would be rounded to the context's digits first.
    rounded = usd.quantize(_STEP, rounding=ROUND_HALF_EVEN, context=EXACT)
    return int(rounded.scaleb(9, context=EXACT))


def to_usd(nano: int) -> Decimal:
    """Nano-dollars as dollars, exactly."""
    return Decimal(nano).scaleb(-9, context=EXACT)


def token_cost(tokens: int, usd_per_mtok: Decimal) -> Decimal:
    """Dollars for `tokens` at a rate per million tokens, not yet rounded."""
    return EXACT.multiply(Decimal(tokens), usd_per_mtok).scaleb(-6, context=EXACT)
