"""What the local server has loaded, asked for while its processes are on the cards."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from console.core.gpu import Snapshot
from console.core.serving import Loaded, is_nameless, is_ollamas, named
from console.services.ports import Clock

ASK_EVERY_S = 30.0

AskLoaded = Callable[[], Awaitable[Sequence[Loaded]]]
"""What the local tier's server has in memory; nothing where it does not tell. Never raises."""


class Serving:
    """Names the models that processes serve."""

    def __init__(self, ask: AskLoaded, clock: Clock) -> None:
        self._ask = ask
        self._clock = clock
        self._loaded: Sequence[Loaded] = ()
        self._pids: frozenset[int] = frozenset()
        self._asked_s: float | None = None
        self._asking: asyncio.Task[None] | None = None

    def named(self, snapshot: Snapshot) -> Snapshot:
        """The snapshot with models; what is not known yet stands in a later one."""
        pids = frozenset(
            process.pid
            for card in snapshot.cards
            for process in card.processes or ()
            if is_ollamas(process.command) or is_nameless(process.command)
        )
        now_s = self._clock.monotonic()
        stale = self._asked_s is None or now_s - self._asked_s >= ASK_EVERY_S
        if pids and not snapshot.simulated and (stale or pids != self._pids):
            self._pids, self._asked_s = pids, now_s
            if self._asking is None or self._asking.done():
                self._asking = asyncio.create_task(self._learn())
        return named(snapshot, self._loaded)

    async def _learn(self) -> None:
        self._loaded = await self._ask()
