"""What each request of the local tier took from the cards."""

from console.core.energy import Spent
from console.services.ports import Clock
from console.services.sampler import Sampler


class Meter:
    """Follows the sampler's counters round the requests of the local tier."""

    def __init__(self, sampler: Sampler, clock: Clock) -> None:
        self._sampler = sampler
        self._clock = clock
        self._began_ms: dict[str, int] = {}
        self._overlapped: set[str] = set()

    def begin(self, id: str) -> None:
        """A request is about to be sent."""
        self._began_ms[id] = self._clock.now_ms()
        if len(self._began_ms) > 1:
            self._overlapped.update(self._began_ms)

    async def end(self, id: str) -> Spent | None:
        """Its energy until now; None when unknown, and when requests overlapped."""
        now_ms, began_ms = self._clock.now_ms(), self._began_ms.get(id)
        overlapped = id in self._overlapped
        self.drop(id)
        if began_ms is None or overlapped:
            return None
        known = self._sampler.energy_between(began_ms, now_ms)
        return None if known is None else Spent(*known)

    def drop(self, id: str) -> None:
        """The request ended, whatever became of it."""
        self._began_ms.pop(id, None)
        self._overlapped.discard(id)

    def wrote(self, tokens: float) -> None:
        """The local tier wrote about so many tokens."""
