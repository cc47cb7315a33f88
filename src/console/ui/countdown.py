"""A wait that is counted down on the screen."""

from math import ceil


class Countdown:
    """Seconds that run from the first look on; times are those since the request was made."""

    def __init__(self, for_s: float) -> None:
        self._for_s = for_s
        self._since_s: float | None = None
        self.over = for_s <= 0

    def left(self, waited_s: float) -> int:
        """Whole seconds left, begun ones counted."""
        if self._since_s is None:
            self._since_s = waited_s
        left = max(0, ceil(self._for_s - (waited_s - self._since_s)))
        self.over = left == 0
        return left
