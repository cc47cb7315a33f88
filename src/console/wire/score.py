"""The router's score: what fits it, and the scales that policy `score` weighs with."""

import os
from collections.abc import Callable
from contextlib import AsyncExitStack
from functools import cache
from typing import TYPE_CHECKING

from console.core.period import local_date, local_minute
from console.core.tier import Tier
from console.sources.host import SystemClock
from console.sources.models import model_source
from console.sources.prices import Prices

if TYPE_CHECKING:
    from console.core.score.dollars import CallPrice
    from console.core.settings import Settings
    from console.services.books import Books
    from console.services.ports import ScoreFitter
    from console.services.scales import Scales
    from console.sources.state import StateFile
    from console.wire.world import World


def scales_opener(
    world: "World", books: "Books", prices: Prices, state: "StateFile", closing: AsyncExitStack
) -> "Callable[[], Scales]":
    """What opens the scales of policy `score`, once; at the end they keep what they counted."""

    @cache
    def open_scales() -> "Scales":
        from console.services.scales import Scales
        from console.sources.router.latest import LatestScore

        scales = Scales(
            state,
            target=lambda settings: float(settings.target_api_share),
            scorer=LatestScore(world.places.model),
            budget=lambda settings: (
                None if settings.router_usd_per_day is None else float(settings.router_usd_per_day)
            ),
            price=lambda settings: call_price(settings, prices),
            today=lambda: _today(world.clock),
        )
        books.watch(scales.settled)
        closing.callback(scales.keep)
        return scales

    return open_scales


def open_fitter(price: "CallPrice") -> "ScoreFitter":
    """What fits the router's score."""
    # Its products are small: more threads than one wait for each other longer than they compute.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from console.sources.router.fit import RidgeFitter

    return RidgeFitter(price)


def call_price(settings: "Settings", prices: Prices | None = None) -> "CallPrice":
    """What the API model's tokens cost, by the lists; typical prices where no list has it."""
    from console.core.score.dollars import TYPICAL, CallPrice

    prices = prices or Prices(settings.prices, settings.price_terms)
    api = model_source(settings.api, {}, Tier.API)
    card = prices.card(api.provider, api.model, SystemClock().now_ms())
    return TYPICAL if card is None else CallPrice(float(card.input), float(card.output))


def _today(clock: SystemClock) -> tuple[str, float]:
    """The local date, and the part of the day that has passed."""
    now_ms = clock.now_ms()
    _, minute = local_minute(now_ms, clock.zone())
    return local_date(now_ms, clock.zone()).isoformat(), minute / (24 * 60)
