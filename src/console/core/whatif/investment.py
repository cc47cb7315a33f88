"""Payback and net present value of buying the rig, with growing demand and falling API prices."""

from dataclasses import dataclass, fields, replace
from typing import NamedTuple

from console.core.whatif.api import api_bill
from console.core.whatif.card import Card, LongContext, Rates
from console.core.whatif.check import check_number
from console.core.whatif.inputs import Inputs, Ownership
from console.core.whatif.rig import capacity, monthly_rate, self_bill


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """How long to look ahead, and what changes meanwhile; rates are per month but the discount."""

    horizon_months: int = 36
    demand_growth_monthly: float = 0.0
    api_price_decline_monthly: float = 0.0
    discount_rate_annual: float = 0.0

    def __post_init__(self) -> None:
        check_number("horizon_months", self.horizon_months, low=1, high=1200)
        if self.horizon_months != int(self.horizon_months):
            raise ValueError("horizon_months must be a whole number of months")
        check_number("demand_growth_monthly", self.demand_growth_monthly, low=-0.99, high=10)
        check_number("api_price_decline_monthly", self.api_price_decline_monthly, low=-10, high=1)
        check_number("discount_rate_annual", self.discount_rate_annual, low=0, high=10)


class Investment(NamedTuple):
    """What the purchase is worth; `payback_months` None is never within the horizon."""

    npv_usd: float
    payback_months: float | None
    capex_usd: float
    replicas_end: float
    undiscounted_gain_usd: float


def investment(inputs: Inputs, outlook: Outlook) -> Investment:
    """Net present value and simple payback.

    Capital is spent at the start of the month that needs the replica, set-up at the very start;
    the running saving arrives at each month's end, the residual at the horizon's.
    """
    w, s = inputs.workload, inputs.self_host
    owned = s.ownership is Ownership.OWNED
    rate = monthly_rate(outlook.discount_rate_annual)
    bought = 0.0
    hardware = npv = cumulative = spent = 0.0
    payback: float | None = None
    for month in range(int(outlook.horizon_months)):
        then = replace(w, requests_per_day=w.requests_per_day * _grown(outlook, month))
        size = capacity(then, s)
        if not size.feasible:
            raise ValueError(
                f"max_replicas {s.max_replicas:g} cannot carry month {month + 1}: "
                f"it takes {size.replicas:g}"
            )
        buy = (s.capex_fixed if month == 0 else 0.0) + (
            max(0.0, size.replicas - bought) * s.capex_per_replica
        )
        bought = max(bought, size.replicas)
        outlay = (buy if owned else 0.0) + (s.setup_usd if month == 0 else 0.0)
        hardware += buy if owned else 0.0
        spent += outlay
        cumulative -= outlay
        npv -= outlay / (1 + rate) ** month
        card = cheaper_card(inputs.api, (1 - outlook.api_price_decline_monthly) ** month)
        running = api_bill(then, card).total_usd - self_bill(then, s).running_usd
        if payback is None and running > 0 and cumulative + running >= 0:
            payback = month + max(0.0, -cumulative) / running
        cumulative += running
        npv += running / (1 + rate) ** (month + 1)
    residual = hardware * s.residual_share
    npv += residual / (1 + rate) ** outlook.horizon_months
    return Investment(
        npv_usd=npv,
        payback_months=payback,
        capex_usd=spent,
        replicas_end=bought,
        undiscounted_gain_usd=cumulative + residual,
    )


def _grown(outlook: Outlook, month: int) -> float:
    return float((1 + outlook.demand_growth_monthly) ** month)


def cheaper_card(card: Card, factor: float) -> Card:
    """The card with every price and fee times `factor`; the commitment is a contract and stays."""
    if factor == 1:
        return card
    long = card.long_context
    if long is not None:
        long = LongContext(
            threshold_tokens=long.threshold_tokens,
            rates=_scaled(long.rates, factor),
            batch=None if long.batch is None else _scaled(long.batch, factor),
        )
    prices = _scaled(card.standard, factor)
    return replace(
        card,
        **{field.name: getattr(prices, field.name) for field in fields(prices)},
        batch=None if card.batch is None else _scaled(card.batch, factor),
        long_context=long,
        fee_per_request=card.fee_per_request * factor,
    )


def _scaled(rates: Rates, factor: float) -> Rates:
    prices = {field.name: getattr(rates, field.name) for field in fields(rates)}
    return Rates(
        **{name: None if price is None else price * factor for name, price in prices.items()}
    )
