"""How each tier is doing, from a probe now and then and from what requests met."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from console.core.chat import Probe
from console.core.tier import Tier
from console.services.tiers import Tiers

LOOK_AGAIN_S = 30.0


@dataclass(frozen=True, slots=True)
class Standing:
    """A tier's state: `ok` is None until something is known; `trouble` is one sentence."""

    ok: bool | None = None
    trouble: str | None = None
    version: str | None = None
    models: tuple[str, ...] | None = None


class Health:
    """Keeps the standing of both tiers.

    Only the local tier is probed by itself: it costs nothing. The API's standing comes from
    `missing_key` at the start and from requests after that.
    """

    def __init__(self, tiers: Tiers, missing_key: str | None) -> None:
        self._tiers = tiers
        self._listeners: list[Callable[[], None]] = []
        self.standings = {
            Tier.LOCAL: Standing(),
            Tier.API: Standing(ok=False, trouble=missing_key) if missing_key else Standing(),
        }

    def subscribe(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call `listener` when a standing changes; returns its undo."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def met(self, tier: Tier, trouble: str | None) -> None:
        """A request ended well (None) or in trouble."""
        self._set(tier, Standing(ok=trouble is None, trouble=trouble))

    async def run(self) -> None:
        """Probe the local tier for ever."""
        while True:
            probe = await self.probe(Tier.LOCAL)
            self._set(Tier.LOCAL, Standing(probe.ok, probe.trouble, probe.version, probe.models))
            await asyncio.sleep(LOOK_AGAIN_S)

    async def probe(self, tier: Tier) -> Probe:
        """Ask a tier's server how it is, without a prompt."""
        return await self._tiers.source(tier).probe()

    def _set(self, tier: Tier, standing: Standing) -> None:
        if self.standings[tier] != standing:
            self.standings[tier] = standing
            for listener in tuple(self._listeners):
                listener()
