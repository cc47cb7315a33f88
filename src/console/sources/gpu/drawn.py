"""The energy of a card without a counter: its power, added up."""

LONGEST_S = 1.0
"""A longer silence than this is a hole: what was drawn in it is not known."""


class Drawn:
    """Joules since `since_s` by the trapezoid rule, and how far off they may be either way.

    Between two looks the power may have changed at any moment: at worst right after the one, or
    right before the other.
    """

    def __init__(self) -> None:
        self.since_s: float | None = None
        self.joules = 0.0
        self.off_j = 0.0
        self._last: tuple[float, float] | None = None

    def take(self, at_s: float, watts: float) -> None:
        """A look at the power; after a hole the sum begins anew."""
        last, self._last = self._last, (at_s, watts)
        if last is None or not 0 <= at_s - last[0] <= LONGEST_S:
            self.since_s, self.joules, self.off_j = at_s, 0.0, 0.0
            return
        passed_s = at_s - last[0]
        self.joules += (watts + last[1]) / 2 * passed_s
        self.off_j += abs(watts - last[1]) / 2 * passed_s

    def end(self) -> None:
        """Add up no longer."""
        self.since_s = self._last = None
