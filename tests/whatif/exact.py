"""The cost model in exact fractions, straight from its definition, and random configurations."""

from decimal import Decimal, localcontext
from fractions import Fraction
from functools import cache
from math import ceil
from random import Random


@cache
def exact(value):
    return Fraction(str(value))


def api_exact(w, card, q):
    """The API's month, straight from the definition."""
    tokens_in = exact(w["input_tokens"]) * exact(card["tokenizer_ratio_in"])
    tokens_out = exact(w["output_tokens"]) * exact(card["tokenizer_ratio_out"]) + exact(
        card["reasoning_tokens_per_request"]
    )
    book = dict(card)
    batch = card.get("batch")
    long = card.get("long_context")
    if long and tokens_in > exact(long["threshold_tokens"]):
        book.update(long)
        batch = long.get("batch")

    def one(prices):
        def price(name):
            return exact(prices[name]) if prices.get(name) is not None else exact(prices["input"])

        read, write, hour = (
            exact(w[name])
            for name in ("cache_read_share", "cache_write_share", "cache_write_1h_share")
        )
        prompt = (1 - read - write - hour) * price("input") + read * price("cache_read")
        prompt += write * price("cache_write") + hour * price("cache_write_1h")
        return (tokens_in * prompt + tokens_out * exact(prices["output"])) / 1_000_000

    share = exact(w["batch_share"])
    usd = (1 - share) * one(book)
    if share:
        usd += share * one({**book, **batch})
    attempts = q * exact(w["days_per_month"]) * (1 + exact(w["retry_rate"]))
    net = attempts * (usd + exact(card["fee_per_request"])) * (1 - exact(card["discount"]))
    return max(net, exact(card["min_commit_usd_per_month"])) * (1 + exact(card["tax_rate"]))


def per_attempt_seconds(w, s):
    if s.get("replica_rps"):
        return 1 / exact(s["replica_rps"])
    out = exact(w["output_tokens"]) + exact(s["reasoning_tokens_per_request"])
    fresh = exact(w["input_tokens"]) * (1 - exact(s["prefix_cache_hit"]))
    return fresh / exact(s["prefill_tok_s"]) + out / exact(s["decode_tok_s"])


def step_exact(w, s):
    """Requests a day that one replica carries."""
    load = (1 + exact(w["retry_rate"])) * exact(w["peak_to_mean"]) * per_attempt_seconds(w, s)
    return 3600 * exact(s["hours_on_per_day"]) * exact(s["target_utilisation"]) / load


def replicas_exact(w, s, q):
    needed = ceil(q / step_exact(w, s))
    return max(s["min_replicas"], needed) + s["spare_replicas"]


def self_exact(w, s, n, q):
    """The rig's month with n replicas, straight from the definition."""
    days, hours = exact(w["days_per_month"]), exact(s["hours_on_per_day"])
    attempts = q * days * (1 + exact(w["retry_rate"]))
    total = exact(s["setup_usd"]) / exact(s["setup_months"])
    total += exact(s["ops_usd_per_hour"]) * (
        exact(s["ops_hours_fixed"]) + n * exact(s["ops_hours_per_replica"])
    )
    if s["ownership"] == "rented":
        return total + n * hours * days * exact(s["rent_usd_per_replica_hour"])
    capex = n * exact(s["capex_per_replica"]) + exact(s["capex_fixed"])
    keep = exact(s["residual_share"])
    if s["amortisation"] == "crf":
        with localcontext(prec=60):
            i = (1 + Decimal(str(s["discount_rate_annual"]))) ** (Decimal(1) / 12) - 1
            gone = (1 + i) ** -int(s["life_months"])
            share = (1 - Decimal(str(s["residual_share"])) * gone) * i / (1 - gone)
            share = exact(round(share, 30))
        total += capex * share
    else:
        total += capex * (1 - keep) / exact(s["life_months"])
    standing = hours * exact(s["idle_w"]) + (24 - hours) * exact(s["off_w"])
    kwh = n * days * standing / 1000
    if s["energy_model"] == "power_curve":
        busy = attempts * per_attempt_seconds(w, s) / 3600
        kwh += busy * (exact(s["busy_w"]) - exact(s["idle_w"])) / 1000
    else:
        out = exact(w["output_tokens"]) + exact(s["reasoning_tokens_per_request"])
        joules = exact(w["input_tokens"]) * exact(s["joules_per_input_token"])
        kwh += attempts * (joules + out * exact(s["joules_per_output_token"])) / 3_600_000
    total += kwh * exact(s["pue"]) * exact(s["usd_per_kwh"])
    return total + capex * exact(s["maintenance_share_per_year"]) / 12


def config(seed):
    """A random workload, card and rig, many of them with several crossovers."""
    r = Random(seed)
    w = {
        "requests_per_day": round(10 ** r.uniform(0, 6), 1),
        "input_tokens": r.choice([0, 200, 500, 4000, 150_000]),
        "output_tokens": r.choice([1, 100, 300, 2000]),
        "cache_read_share": r.choice([0, 0.3, 0.6]),
        "cache_write_share": r.choice([0, 0.1, 0.4]),
        "cache_write_1h_share": 0,
        "batch_share": r.choice([0, 0, 0.25, 1]),
        "retry_rate": r.choice([0, 0.02, 0.5]),
        "peak_to_mean": r.choice([1, 2, 3.7]),
        "days_per_month": r.choice([30, 30.4375]),
    }
    prices = {
        "input": r.choice([0.1, 1, 2.5]),
        "output": r.choice([0.5, 5, 10]),
        "cache_read": r.choice([None, 0.05]),
        "cache_write": r.choice([None, 1.25]),
    }
    half = {name: None if price is None else price / 2 for name, price in prices.items()}
    long = {**{k: None if v is None else 5 * v for k, v in prices.items()}, "batch": half}
    card = {
        **prices,
        "batch": half,
        "long_context": r.choice([None, {"threshold_tokens": 100_000, **long}]),
        "tokenizer_ratio_in": r.choice([1, 1.36]),
        "tokenizer_ratio_out": r.choice([1, 1.4]),
        "reasoning_tokens_per_request": r.choice([0, 500]),
        "discount": r.choice([0, 0.15]),
        "tax_rate": r.choice([0, 0.19]),
        "fee_per_request": r.choice([0, 0.0005]),
        "min_commit_usd_per_month": r.choice([0, 0, 50, 3000]),
    }
    idle = r.choice([0, 70, 300])
    s = {
        "target_utilisation": r.choice([0.5, 0.7, 1]),
        "min_replicas": r.choice([0, 1, 1, 3]),
        "spare_replicas": r.choice([0, 0, 1]),
        "hours_on_per_day": r.choice([24, 24, 10]),
        "ownership": r.choice(["owned", "owned", "rented"]),
        "capex_per_replica": r.choice([0, 1500, 8500]),
        "capex_fixed": r.choice([0, 1000]),
        "life_months": r.choice([24, 36]),
        "residual_share": r.choice([0, 0.2]),
        "amortisation": r.choice(["straight_line", "crf"]),
        "discount_rate_annual": 0.08,
        "rent_usd_per_replica_hour": r.choice([0.2, 2.69]),
        "setup_usd": r.choice([0, 1200]),
        "setup_months": r.choice([12, 36]),
        "idle_w": idle,
        "busy_w": idle + r.choice([0, 400]),
        "off_w": r.choice([0, 5]),
        "pue": r.choice([1, 1.3]),
        "usd_per_kwh": r.choice([0, 0.188]),
        "energy_model": r.choice(["power_curve", "joules_per_token"]),
        "joules_per_input_token": 0.03,
        "joules_per_output_token": 0.2,
        "reasoning_tokens_per_request": r.choice([0, 200]),
        "prefix_cache_hit": r.choice([0, 0.3]),
        "ops_hours_fixed": r.choice([0, 4]),
        "ops_hours_per_replica": r.choice([0, 0.5]),
        "ops_usd_per_hour": 60,
        "maintenance_share_per_year": r.choice([0, 0.05]),
    }
    if r.random() < 0.5:
        s["replica_rps"] = r.choice([0.02, 0.3, 2, 9])
    else:
        s.update(prefill_tok_s=9000, decode_tok_s=r.choice([40, 2300]))
    return w, card, s
