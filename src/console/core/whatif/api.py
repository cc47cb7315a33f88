"""The API's monthly bill: cache shares, batch, long context, discount, commitment and tax.

Dollars are per month unless the name says otherwise.
"""

from typing import NamedTuple

from console.core.whatif.card import Card, Rates
from console.core.whatif.inputs import Workload
from console.core.whatif.term import largest, named


class ApiBill(NamedTuple):
    """A month at the API, line by line; `discount_usd` is negative."""

    requests_per_month: float
    attempts_per_month: float
    input_usd: float
    cache_read_usd: float
    cache_write_usd: float
    output_usd: float
    fees_usd: float
    discount_usd: float
    commit_topup_usd: float
    tax_usd: float
    total_usd: float
    usd_per_request: float


class AttemptPrice(NamedTuple):
    """What one billed attempt costs at list price, by kind of token."""

    input_usd: float
    cache_read_usd: float
    cache_write_usd: float
    output_usd: float
    fee_usd: float

    @property
    def usd(self) -> float:
        """The whole attempt."""
        return (
            self.input_usd
            + self.cache_read_usd
            + self.cache_write_usd
            + self.output_usd
            + self.fee_usd
        )


def attempt_price(w: Workload, card: Card) -> AttemptPrice:
    """One attempt of this workload on this card, standard and batch traffic blended.

    Raises ValueError when part of the traffic is batch and the card publishes no batch price: the
    standard rate would be a guess.
    """
    tokens_in = named(w.input_tokens * card.tokenizer_ratio_in, "input tokens on the card")
    tokens_out = named(
        w.output_tokens * card.tokenizer_ratio_out + card.reasoning_tokens_per_request,
        "output tokens on the card",
    )
    long = card.long_context is not None and tokens_in > card.long_context.threshold_tokens
    if w.batch_share <= 0 and not long:
        price = _attempt(w, card, tokens_in, tokens_out)
    else:
        standard, batch = books(card, tokens_in)
        price = _attempt(w, standard, tokens_in, tokens_out)
    if w.batch_share > 0:
        if batch is None:
            raise ValueError("batch_share needs a batch price, and the card publishes none")
        b = w.batch_share
        in_batch = _attempt(w, batch, tokens_in, tokens_out)
        price = [(1 - b) * x + b * y for x, y in zip(price, in_batch, strict=True)]
    fresh, read, written, out = price
    return AttemptPrice(
        input_usd=fresh,
        cache_read_usd=read,
        cache_write_usd=written,
        output_usd=out,
        fee_usd=card.fee_per_request,
    )


def books(card: Card, prompt_tokens: float) -> tuple[Rates, Rates | None]:
    """The standard and the batch prices for a prompt of this length, in the card's own tokens.

    Batch prices lie over the standard ones, so a cache price they lack stays the standard one;
    without both an input and an output price there is no batch book.
    """
    standard, batch = card.standard, card.batch
    if card.long_context is not None and prompt_tokens > card.long_context.threshold_tokens:
        standard = card.long_context.rates.over(standard)
        batch = card.long_context.batch
    if batch is None or batch.input is None or batch.output is None:
        return standard, None
    return standard, batch.over(standard)


def _attempt(w: Workload, book: Rates | Card, tokens_in: float, tokens_out: float) -> list[float]:
    assert book.input is not None and book.output is not None
    cached = w.cache_read_share + w.cache_write_share + w.cache_write_1h_share
    # Shares that add up to the whole may leave a last bit below zero.
    fresh = largest(1 - cached, 0.0)
    read = book.input if book.cache_read is None else book.cache_read
    write = book.input if book.cache_write is None else book.cache_write
    write_1h = book.input if book.cache_write_1h is None else book.cache_write_1h
    return [
        tokens_in * fresh * book.input / 1e6,
        tokens_in * w.cache_read_share * read / 1e6,
        tokens_in * (w.cache_write_share * write + w.cache_write_1h_share * write_1h) / 1e6,
        tokens_out * book.output / 1e6,
    ]


def api_bill(w: Workload, card: Card) -> ApiBill:
    """The month's bill of the workload at the API.

    Raises ValueError when batch traffic has no published price.
    """
    requests = named(w.requests_per_day * w.days_per_month, "requests a month")
    attempts = named(requests * (1 + w.retry_rate), "billed attempts a month")
    price = attempt_price(w, card)
    fresh = named(attempts * price.input_usd, "input_usd", "$")
    read = named(attempts * price.cache_read_usd, "cache_read_usd", "$")
    written = named(attempts * price.cache_write_usd, "cache_write_usd", "$")
    out = named(attempts * price.output_usd, "output_usd", "$")
    fees = named(attempts * price.fee_usd, "fees_usd", "$")
    listed = fresh + read + written + out + fees
    discount = named(-(listed * card.discount), "discount_usd", "$")
    net = listed + discount
    topup = named(largest(0.0, card.min_commit_usd_per_month - net), "commit_topup_usd", "$")
    tax = named((net + topup) * card.tax_rate, "tax_usd", "$")
    total = named(net + topup + tax, "total_usd", "$")
    return ApiBill(
        requests_per_month=requests,
        attempts_per_month=attempts,
        input_usd=fresh,
        cache_read_usd=read,
        cache_write_usd=written,
        output_usd=out,
        fees_usd=fees,
        discount_usd=discount,
        commit_topup_usd=topup,
        tax_usd=tax,
        total_usd=total,
        usd_per_request=total / requests if requests else 0.0,
    )
