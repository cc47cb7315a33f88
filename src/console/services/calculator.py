"""The what-if over the world: prices, the ledger's traffic, the GPU meter; textual-free."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from console.core.period import local_day
from console.core.retirement import retired
from console.core.settings import Settings
from console.core.whatif.alternatives import Results, evaluate
from console.core.whatif.bases import LEDGER_BASE
from console.core.whatif.built_in import BUILT_IN
from console.core.whatif.offer import CATALOGUE, Listing, Offer, find_listing, offer
from console.core.whatif.presets import PRESETS
from console.core.whatif.scenario import ARTICLE_BASE, Scenario
from console.core.whatif.sheet import Sheet, World, fill_in
from console.core.whatif.traffic import ENOUGH_DAYS, Traffic
from console.services.ports import Clock, PriceList, ScenarioShelf, TrafficLog

if TYPE_CHECKING:
    from console.core.whatif.spread import Spread
    from console.services.replays import Replays

WINDOW_DAYS = 30
"""Complete days that measured inputs are means over."""


class Ready(NamedTuple):
    """What is known before the price list and the ledger have been read."""

    world: World
    days: int = 0
    trouble: str = ""


async def _at_once() -> None:
    """Nothing has to be opened first."""


class Calculator:
    """The engine of the what-if for every front end.

    `load` reads what scenarios are filled in from and is slow once; the rest but `spread` and
    `replay` takes milliseconds.
    """

    def __init__(
        self,
        *,
        prices: PriceList,
        ledger: TrafficLog,
        clock: Clock,
        settings: Settings,
        shelf: ScenarioShelf,
        gpus: Callable[[], tuple[str, ...]] = tuple,
        opened: Callable[[], Awaitable[None]] = _at_once,
    ) -> None:
        self._prices = prices
        self._ledger = ledger
        self._clock = clock
        self._settings = settings
        self._gpus = gpus
        self._opened = opened
        self.shelf = shelf
        self._ready = Ready(World(bases=PRESETS, offers={}, today=self._today()))
        self._read: dict[str, Traffic] = {}

    @cached_property
    def replays(self) -> "Replays":
        """The ledger replayed."""
        from console.services.replays import Replays

        return Replays(
            self._prices,
            self._ledger,
            self._clock,
            self._settings.local.model,
            self.offer,
            self.shelf,
        )

    @property
    def world(self) -> World:
        """What scenarios are filled in from."""
        return self._ready.world

    @property
    def days(self) -> int:
        """Complete days of traffic in the ledger, up to thirty."""
        return self._ready.days

    @property
    def trouble(self) -> str:
        """Why the ledger could not be read, in a sentence; empty when it could."""
        return self._ready.trouble

    @property
    def read(self) -> bool:
        """Whether the ledger has been read, and only prices are left to read."""
        return self._today() in self._read

    @property
    def priced(self) -> bool:
        """Whether the price list has been read; until then a few prices are those built in."""
        return bool(self.world.offers)

    def load(self, *, prices: bool = True) -> None:
        """Read the ledger and the price list, in any thread.

        The list takes a quarter of a second and 15 MB, so a front end may leave it for later;
        the ledger is then not read again.
        """
        from console.core.whatif.ledgerbase import ledger_base

        today = self._today()
        catalogue = self._catalogue() if prices else []
        offers = {listing.key: self._offer(listing, today) for listing in catalogue}
        bases, days, trouble = dict(PRESETS), 0, ""
        benchmark = None
        try:
            traffic = self._read.pop(today, None) or self.traffic()
            benchmark = self.shelf.benchmark()
        except (OSError, ValueError) as error:
            trouble = str(error)
        else:
            days = len(traffic.days)
            self._read = {} if prices else {today: traffic}
            mine = ledger_base(
                traffic,
                offer=(offers or BUILT_IN).get(self._api_listing().key),
                usd_per_kwh=float(self._settings.usd_per_kwh),
                tariff_typed="usd_per_kwh" in self._settings.typed,
                gpus=self._gpus(),
                benchmark=benchmark,
            )
            if mine is not None:
                bases = {LEDGER_BASE: mine, **PRESETS}
        self._ready = Ready(World(bases=bases, offers=offers, today=today), days, trouble)

    async def load_in_thread(self, *, prices: bool = True) -> None:
        """`load` off the event loop, once the ledger's file is there."""
        await self._opened()
        await asyncio.to_thread(self.load, prices=prices)

    def bases(self) -> tuple[str, ...]:
        """The names of all bases, the article's first."""
        return (ARTICLE_BASE, *self.world.bases)

    def start(self) -> Scenario:
        """Where to begin: the operator's own traffic once there is enough, else the article."""
        enough = LEDGER_BASE in self.world.bases and self.days >= ENOUGH_DAYS
        return Scenario(LEDGER_BASE if enough else ARTICLE_BASE)

    def traffic(self) -> Traffic:
        """The ledger's complete days, thirty at most; the day it began is not complete."""
        first = self._ledger.first_ms()
        zone = self._clock.zone()
        starts = [self._clock.midnight_ms(back) for back in range(WINDOW_DAYS, -1, -1)]
        if first is None:
            return Traffic(days=(), rows=0)
        whole = [start for start in starts if start >= first]
        days = [local_day(start, zone) for start in whole[:-1]]
        if not days:
            return Traffic(days=(), rows=0)
        return self._ledger.traffic(whole[0], whole[-1], days, zone)

    def sheet(self, scenario: Scenario) -> Sheet:
        """The scenario filled in; ValueError with a sentence when an input is impossible."""
        named = [str(scenario.changes["api.model"])] if "api.model" in scenario.changes else []
        named += [name[7:] for name in scenario.changes if name.startswith("versus.")]
        for name in named:
            self.offer(name)
        return fill_in(scenario, self.world)

    def results(self, scenario: Scenario) -> Results:
        """All figures of a scenario that one keystroke needs."""
        return evaluate(self.sheet(scenario))

    def offer(self, name: str) -> Offer:
        """The offer of a model, read from the price list if it was not among the first.

        Raises ValueError when the provider cannot be told.
        """
        listing = find_listing(name, self.world.offers)
        known = self.world.offers.get(listing.key)
        if known is None:
            known = self._offer(listing, self.world.today)
            offers = {**self.world.offers, listing.key: known}
            self._ready = self._ready._replace(world=replace(self.world, offers=offers))
        return known

    async def spread(
        self, results: Results, *, n: int, seed: int, stop: Callable[[], bool] = lambda: False
    ) -> "Spread":
        """The intervals over `n` draws, off the event loop."""
        from console.core.whatif.spread import spread

        return await asyncio.to_thread(spread, results, n=n, seed=seed, stop=stop)

    def _catalogue(self) -> list[Listing]:
        own = [
            Listing(card.provider, card.model, card.model)
            for card in self._settings.prices
            if "*" not in card.provider + card.model
        ]
        return list({each.key: each for each in (self._api_listing(), *own, *CATALOGUE)}.values())

    def _api_listing(self) -> Listing:
        tier = self._settings.api
        known = next((each for each in CATALOGUE if each.model == tier.model), None)
        return known or Listing(str(tier.kind), tier.model, tier.model)

    def _offer(self, listing: Listing, today: str) -> Offer:
        price = self._prices.card(listing.provider, listing.model, self._clock.now_ms())
        return offer(listing, price, retired(listing.model, date.fromisoformat(today)))

    def _today(self) -> str:
        return local_day(self._clock.now_ms(), self._clock.zone())
