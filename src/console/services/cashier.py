"""What a request costs: API dollars at the price in force, or the energy of the box."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

from console.core.chat import ModelFailure
from console.core.energy import Spent
from console.core.entry import Ending, Entry
from console.core.pricing import PriceCard, charged
from console.core.settings import Settings
from console.core.tier import Tier
from console.services.ports import PriceList, RequestMeter
from console.services.reply import Reply
from console.services.tiers import Tiers


class Cashier:
    """Prices rows while their replies come, and when they end."""

    def __init__(
        self,
        tiers: Callable[[], Tiers],
        prices: PriceList,
        settings: Callable[[], Settings],
        meter: RequestMeter | None,
    ) -> None:
        self._tiers = tiers
        self._prices = prices
        self._settings = settings
        self._meter = meter
        self._cards: dict[tuple[str, str], PriceCard | None] = {}

    async def closed(self, reply: Reply, ending: Ending, failure: ModelFailure | None) -> Entry:
        """The row as it ends now, priced."""
        entry = reply.closed(ending, failure)
        # What the cards took is asked for at once: its end is now.
        spent = asyncio.ensure_future(self._spent(entry))
        api = self._tiers().source(Tier.API)
        priced = entry if entry.tier is Tier.API else api
        # The list is imported when it is first asked, which takes a quarter of a second.
        card = await asyncio.to_thread(
            self._prices.card, priced.provider, priced.model, entry.started_ms
        )
        if entry.tier is Tier.API:
            self._cards[entry.provider, entry.model] = card
            cost_nano, price = charged(entry.usage, card, reply.circumstances)
            return replace(entry, cost_nano=cost_nano, price=price)
        shadow_nano, price = (0, None) if entry.checks else charged(entry.usage, card)
        entry = replace(entry, shadow_nano=shadow_nano, shadow_price=price)
        return self._with_energy(entry, await spent)

    def so_far(self, reply: Reply) -> Entry:
        """The row of a request under way, with what its tokens would cost by now."""
        entry = reply.so_far()
        key = (entry.provider, entry.model)
        if entry.tier is Tier.LOCAL:
            return entry
        if key not in self._cards:
            # The price comes with a later look: the list's import must not hold the screen up.
            self._cards[key] = None
            asyncio.get_running_loop().run_in_executor(None, self._learn, *key, entry.started_ms)
        return replace(
            entry, cost_nano=charged(entry.usage, self._cards[key], reply.circumstances)[0]
        )

    def _learn(self, provider: str, model: str, at_ms: int) -> None:
        self._cards[provider, model] = self._prices.card(provider, model, at_ms)

    async def _spent(self, entry: Entry) -> Spent | None:
        if entry.tier is not Tier.LOCAL or self._meter is None:
            return None
        return await self._meter.end(entry.id, entry.usage.output)

    def _with_energy(self, entry: Entry, spent: Spent | None) -> Entry:
        if spent is None:
            return entry
        tariff, hardware = self._settings().tariff, self._settings().hardware
        return replace(
            entry,
            energy_j=spent.joules,
            energy_source=spent.how,
            energy_error_j=spent.error_j,
            energy_nano=tariff.nano(spent.joules, entry.started_ms, entry.zone),
            tariff_usd_per_kwh=str(tariff.rate(entry.started_ms, entry.zone)),
            hardware_nano=hardware.share_nano(entry.duration_ms or 0) if hardware else None,
            hardware_rule=hardware.rule if hardware else None,
        )
