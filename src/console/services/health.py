"""How each tier is doing, from a probe now and then and from what requests met."""

import asyncio
from collections.abc import Callable

from console.core.chat import Probe
from console.core.routing.situation import Footing
from console.core.tier import Tier
from console.services.standing import Standing, first_standings
from console.services.tiers import Tiers

LOOK_AGAIN_S = 30.0


class Health:
    """Keeps the standing of both tiers.

    Only the local tier is probed by itself: it costs nothing. The API's standing comes from
    `missing_key` at the start and from requests after that.
    """

    def __init__(self, tiers: Tiers, missing_key: str | None) -> None:
        self._tiers = tiers
        self._listeners: list[Callable[[], None]] = []
        self.standings = first_standings(missing_key)

    def subscribe(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call `listener` when a standing changes; returns its undo."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def met(self, tier: Tier, trouble: str | None) -> None:
        """A request ended well (None) or in trouble."""
        standing = self.standings[tier]._replace(ok=trouble is None, trouble=trouble)
        self._set(tier, standing if trouble else standing._replace(lacking=None))

    def footing(self, tier: Tier) -> Footing:
        """What the router should know of a tier."""
        standing = self.standings[tier]
        return Footing(sees=standing.vision, missing=standing.lacking)

    async def run(self) -> None:
        """Probe the local tier for ever."""
        while True:
            self._saw(Tier.LOCAL, await self.probe(Tier.LOCAL))
            await asyncio.sleep(LOOK_AGAIN_S)

    async def models(self, tier: Tier) -> tuple[str, ...]:
        """The models that a tier's server lists; a server is asked once, without a prompt."""
        if self.standings[tier].models is None:
            probe = await self.probe(tier)
            self._set(tier, self.standings[tier]._replace(models=probe.models or ()))
        return self.standings[tier].models or ()

    async def probe(self, tier: Tier) -> Probe:
        """Ask a tier's server how it is, without a prompt."""
        return await self._tiers.source(tier).probe()

    def _saw(self, tier: Tier, probe: Probe) -> None:
        lacking = probe.trouble if probe.models is not None and not probe.ok else None
        seen = Standing(probe.ok, probe.trouble, probe.version, probe.models, probe.vision, lacking)
        self._set(tier, seen)

    def _set(self, tier: Tier, standing: Standing) -> None:
        if self.standings[tier] != standing:
            self.standings[tier] = standing
            for listener in tuple(self._listeners):
                listener()
