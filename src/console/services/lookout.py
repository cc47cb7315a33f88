"""The guard with a clock, and with a memory for texts that travel again and again."""

from collections import OrderedDict
from collections.abc import Callable

from console.core.guard.kinds import Kind

_REMEMBERED = 256
_LONGEST = 2_000_000


class Lookout:
    """Looks through texts, each once; what it remembers is what it found, beside the text."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._known: OrderedDict[tuple[str, frozenset[Kind]], str | None] = OrderedDict()
        self._chars = 0

    def __call__(self, text: str, ignored: frozenset[Kind]) -> str | None:
        """What is in a text but the kinds ruled out, in words; None when nothing is."""
        key = (text, ignored)
        if key in self._known:
            self._known.move_to_end(key)
            return self._known[key]
        # Its patterns take a while to compile, which the first frame need not wait for.
        from console.core.guard.scan import scan

        found = scan(text, self._monotonic, ignored=ignored).words or None
        self._known[key] = found
        self._chars += len(text)
        while len(self._known) > 1 and (len(self._known) > _REMEMBERED or self._chars > _LONGEST):
            (old, _), _ = self._known.popitem(last=False)
            self._chars -= len(old)
        return found
