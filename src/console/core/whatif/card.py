"""An API's price card: standard, batch and long-context prices, and the contract round them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from console.core.whatif.check import Group, check_amounts, check_number, check_shares, check_sizes


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates(Group):
    """Published prices in USD per million tokens; None is not published."""

    input: float | None = None
    output: float | None = None
    cache_read: float | None = None
    cache_write: float | None = None
    cache_write_1h: float | None = None

    def __post_init__(self) -> None:
        for name in _RATES:
            if getattr(self, name) is not None:
                check_number(name, getattr(self, name), high=1e6)

    def over(self, base: "Rates") -> "Rates":
        """These prices, and the base's where these are not published."""
        return Rates(
            **{
                name: getattr(base, name) if getattr(self, name) is None else getattr(self, name)
                for name in _RATES
            }
        )


_RATES = ("input", "output", "cache_read", "cache_write", "cache_write_1h")


@dataclass(frozen=True, slots=True, kw_only=True)
class LongContext(Group):
    """Prices for the whole request once its prompt is longer than `threshold_tokens`."""

    threshold_tokens: float
    rates: Rates
    batch: Rates | None = None

    def __post_init__(self) -> None:
        check_sizes(self, "threshold_tokens", high=1e9)
        if self.batch is not None and not isinstance(self.batch, Rates):
            raise ValueError("batch must be a table of prices")

    @classmethod
    def from_mapping(cls, values: Mapping[str, Any]) -> Self:
        """The tier from one flat mapping of threshold, prices and `batch` prices."""
        rest = dict(values)
        threshold, batch = rest.pop("threshold_tokens", None), rest.pop("batch", None)
        if threshold is None:
            raise ValueError("threshold_tokens must be given")
        return cls(
            threshold_tokens=threshold,
            rates=Rates.from_mapping(rest),
            batch=Rates.from_mapping(batch) if isinstance(batch, Mapping) else batch,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Card(Group):
    """An API's price card, USD per million tokens, and the terms of the contract around it.

    The tokenizer ratios turn reference tokens into the model's own.
    """

    input: float
    output: float
    cache_read: float | None = None
    cache_write: float | None = None
    cache_write_1h: float | None = None
    batch: Rates | None = None
    long_context: LongContext | None = None
    tokenizer_ratio_in: float = 1.0
    tokenizer_ratio_out: float = 1.0
    reasoning_tokens_per_request: float = 0.0
    discount: float = 0.0
    tax_rate: float = 0.0
    fee_per_request: float = 0.0
    min_commit_usd_per_month: float = 0.0

    def __post_init__(self) -> None:
        check_amounts(self, "input", "output", high=1e6)
        for name in _RATES[2:]:
            if getattr(self, name) is not None:
                check_number(name, getattr(self, name), high=1e6)
        check_sizes(self, "tokenizer_ratio_in", "tokenizer_ratio_out", high=1000)
        check_amounts(self, "reasoning_tokens_per_request", high=1e9)
        check_shares(self, "discount")
        check_amounts(self, "tax_rate", high=10)
        check_amounts(self, "fee_per_request", high=1e6)
        check_amounts(self, "min_commit_usd_per_month")
        if self.batch is not None and not isinstance(self.batch, Rates):
            raise ValueError("batch must be a table of prices")
        if self.long_context is not None and not isinstance(self.long_context, LongContext):
            raise ValueError("long_context must be a table of a threshold and prices")

    @classmethod
    def from_mapping(cls, values: Mapping[str, Any]) -> Self:
        """The card from a mapping whose `batch` and `long_context` are mappings too."""
        nested = dict(values)
        if isinstance(nested.get("batch"), Mapping):
            nested["batch"] = Rates.from_mapping(nested["batch"])
        if isinstance(nested.get("long_context"), Mapping):
            nested["long_context"] = LongContext.from_mapping(nested["long_context"])
        return super(Card, cls).from_mapping(nested)

    @property
    def standard(self) -> Rates:
        """The standard prices as one book."""
        return Rates(
            input=self.input,
            output=self.output,
            cache_read=self.cache_read,
            cache_write=self.cache_write,
            cache_write_1h=self.cache_write_1h,
        )
