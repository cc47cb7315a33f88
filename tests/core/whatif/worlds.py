"""A world of fixed prices to fill scenarios in from."""

from decimal import Decimal

from console.core.pricing import PriceCard, Rates
from console.core.whatif.alternatives import evaluate
from console.core.whatif.offer import CATALOGUE, offer
from console.core.whatif.presets import PRESETS
from console.core.whatif.scenario import Scenario
from console.core.whatif.sheet import World, fill_in

USD = {"claude-haiku-5-5": ("0.10", "0.50"), "claude-sonnet-5-5": ("2", "10"),
       "claude-opus-5-5": ("4", "20"), "llama-3.3-70b-versatile": ("0.59", "0.79"),
       "llama-3.1-8b-instant": ("0.05", "0.08")}  # fmt: skip


def price(listing):
    if listing.model not in USD:
        return None
    given, taken = map(Decimal, USD[listing.model])
    batch = Rates(input=given / 2, output=taken / 2) if "claude" in listing.model else None
    return PriceCard(provider=listing.provider, model=listing.model, input=given, output=taken,
                     source="a list", effective="2026-11-09", batch=batch)  # fmt: skip


WORLD = World(
    bases=PRESETS,
    offers={each.key: offer(each, price(each)) for each in CATALOGUE},
    today="2026-11-24",
)


def results(base="homelab", **changes):
    stated = {name.replace("__", "."): value for name, value in changes.items()}
    return evaluate(fill_in(Scenario(base, stated), WORLD))
