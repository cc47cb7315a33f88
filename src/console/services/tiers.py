"""Which source serves each tier now; a tier's model or vendor can change while requests run."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace

from console.core.settings import Settings, TierSettings
from console.core.tier import Tier
from console.services.ports import ModelSource

OpenSource = Callable[[TierSettings, Tier], ModelSource]
"""Makes a source; it opens nothing yet."""

_MOST_MODELS = 8


class Tiers:
    """The source behind each tier, and sources for other models of the same server.

    A source that was replaced is closed once the last request that uses it has ended.
    """

    def __init__(self, settings: Settings, open_source: OpenSource) -> None:
        self._open = open_source
        self._settings = {Tier.LOCAL: settings.local, Tier.API: settings.api}
        self._sources = {tier: open_source(self._settings[tier], tier) for tier in Tier}
        self._others: dict[tuple[Tier, str], ModelSource] = {}
        self._users: dict[int, int] = {}
        self._retired: list[ModelSource] = []
        self._listeners: list[Callable[[Tier], None]] = []

    @classmethod
    def of(cls, sources: Mapping[Tier, ModelSource], settings: Settings | None = None) -> "Tiers":
        """Tiers over sources that are there already, whatever model is asked for."""
        return cls(settings or Settings(), lambda chosen, tier: sources[tier])

    def subscribe(self, listener: Callable[[Tier], None]) -> Callable[[], None]:
        """Call `listener` when a tier is served by another source; returns its undo."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def settings(self, tier: Tier) -> TierSettings:
        """What the tier's source was made from."""
        return self._settings[tier]

    def source(self, tier: Tier, model: str | None = None) -> ModelSource:
        """The tier's source, or one for another model of the same server."""
        if model is None or model == self._settings[tier].model:
            return self._sources[tier]
        key = (tier, model)
        if key not in self._others:
            if len(self._others) >= _MOST_MODELS:
                self._retired.append(self._others.pop(next(iter(self._others))))
            self._others[key] = self._open(replace(self._settings[tier], model=model), tier)
        return self._others[key]

    def switch(self, tier: Tier, settings: TierSettings) -> None:
        """Serve a tier by another model or vendor from the next request on."""
        if settings == self._settings[tier]:
            return
        self._retired.append(self._sources[tier])
        for key in [key for key in self._others if key[0] is tier]:
            self._retired.append(self._others.pop(key))
        self._settings[tier] = settings
        self._sources[tier] = self._open(settings, tier)
        for listener in tuple(self._listeners):
            listener(tier)

    @asynccontextmanager
    async def use(self, source: ModelSource) -> AsyncIterator[None]:
        """Keep a source open while a request uses it."""
        self._users[id(source)] = self._users.get(id(source), 0) + 1
        try:
            yield
        finally:
            self._users[id(source)] -= 1
            if not self._users[id(source)]:
                del self._users[id(source)]
            await self._close_retired()

    async def aclose(self) -> None:
        """Close every source."""
        self._users.clear()
        self._retired += [*self._sources.values(), *self._others.values()]
        await self._close_retired()

    async def _close_retired(self) -> None:
        idle = [source for source in self._retired if id(source) not in self._users]
        self._retired = [source for source in self._retired if id(source) in self._users]
        for source in idle:
            await source.aclose()
