"""What the local server has loaded, asked for while its processes are on the cards."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from console.core.gpu import Process, Snapshot
from console.core.serving import Loaded, is_nameless, is_ollamas, named, served_by
from console.services.ports import Clock

ASK_EVERY_S = 30.0

AskLoaded = Callable[[], Awaitable[Sequence[Loaded]]]
"""What the local tier's server has in memory; nothing where it does not tell. Never raises."""

FindOwn = Callable[[frozenset[int]], frozenset[int]]
"""Which of some processes belong to the local tier's server. Called from a thread."""


class Serving:
    """Names the models that processes serve."""

    def __init__(self, ask: AskLoaded, clock: Clock, find_own: FindOwn | None = None) -> None:
        self._ask = ask
        self._clock = clock
        self._find_own = find_own
        self._loaded: Sequence[Loaded] = ()
        self._own: frozenset[int] = frozenset()
        self._pids: frozenset[int] = frozenset()
        self._asked_s: float | None = None
        self._asking: asyncio.Task[None] | None = None

    def named(self, snapshot: Snapshot) -> Snapshot:
        """The snapshot with models; what is not known yet stands in a later one."""
        processes = [process for card in snapshot.cards for process in card.processes or ()]
        servers = frozenset(
            each.pid for each in processes if is_ollamas(each.command) or is_nameless(each.command)
        )
        others = frozenset(each.pid for each in processes if _may_be_own(each)) - servers
        if self._find_own is None:
            others = frozenset()
        pids, now_s = servers | others, self._clock.monotonic()
        stale = self._asked_s is None or now_s - self._asked_s >= ASK_EVERY_S
        free = self._asking is None or self._asking.done()
        if pids and free and not snapshot.simulated and (stale or pids != self._pids):
            self._pids, self._asked_s = pids, now_s
            self._asking = asyncio.create_task(self._learn(others, bool(servers)))
        return named(snapshot, self._loaded, self._own)

    async def _learn(self, others: frozenset[int], servers: bool) -> None:
        own: frozenset[int] = frozenset()
        if others and self._find_own is not None:
            own = await asyncio.to_thread(self._find_own, others)
        self._loaded = await self._ask() if servers or own else ()
        self._own = own


def _may_be_own(process: Process) -> bool:
    """Whether it computes, is one of this machine's, and its command tells no model."""
    return (
        process.kind != "graphics"
        and process.command is not None
        and process.model is None
        and served_by(process.command) is None
    )
