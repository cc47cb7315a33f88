"""One card's energy over time: what each reading adds, and where the count broke off."""

from collections import deque
from typing import NamedTuple

from console.core.energy import Point, counter_delta, integrate

MOST_W = 3000.0
"""No board draws more: a counter that says so is another counter."""

HOLE_S = 15.0
"""Power is not integrated over a longer silence than this, or than three intervals."""

CHECK_S = 60.0
DISAGREE = 0.10
"""Counter and integrated power of a minute that differ by more than this share are flagged."""

_AVERAGED_S = 1.0


class Gain(NamedTuple):
    """Joules that a card used between two times (UTC seconds).

    `watched` is false where nobody read the card meanwhile, and only its counter went on. `off_j`
    is how far off power that was added up can be, either way; a counter is not.
    """

    joules: float
    start_s: float
    end_s: float
    watched: bool
    off_j: float = 0.0


class Tally:
    """A card's readings, each a time in UTC seconds, joules of the counter, and watts.

    `epoch` counts how often the counter began anew, `gaps` the stretches whose energy is lost.
    """

    def __init__(self) -> None:
        self.epoch = 0
        self.gaps = 0
        self.disagreement: float | None = None
        """What the counter counted in the last minute over what its power adds up to, less 1."""
        self._last: tuple[float, float | None, float | None] | None = None
        self._counts: deque[Point] = deque()
        self._watts: deque[Point] = deque()
        self._checked_s = 0.0

    @property
    def at_s(self) -> float | None:
        """When it was last read."""
        return None if self._last is None else self._last[0]

    @property
    def last(self) -> tuple[float, float] | None:
        """The latest reading of the counter: when, and joules."""
        if self._last is None or self._last[1] is None:
            return None
        return self._last[0], self._last[1]

    def resume(self, at_s: float, joules: float, epoch: int) -> None:
        """Go on from a reading of an earlier run."""
        self._last, self.epoch = (at_s, joules, None), epoch

    def take(
        self, at_s: float, joules: float | None, watts: float | None, interval_s: float
    ) -> Gain | None:
        """A reading; what the card used since the one before, None where that is not known."""
        last, self._last = self._last, (at_s, joules, watts)
        self._check(at_s, joules, watts)
        if last is None or at_s <= last[0]:
            return None
        began_s, before_j, before_w = last
        passed_s = at_s - began_s
        watched = passed_s <= max(HOLE_S, 3 * interval_s)
        if joules is not None and before_j is not None:
            gained = joules - before_j
            if 0 <= gained <= MOST_W * passed_s:
                return Gain(gained, began_s, at_s, watched)
            self.epoch += 1
        elif watched and watts is not None and before_w is not None:
            # It changed at some moment in between: at worst right after the one reading.
            off_j = abs(watts - before_w) / 2 * passed_s
            return Gain((watts + before_w) / 2 * passed_s, began_s, at_s, watched, off_j)
        self.gaps += 1
        return None

    def _check(self, at_s: float, joules: float | None, watts: float | None) -> None:
        """Hold the counter against the power it should be the integral of, once a minute."""
        if joules is None or watts is None or (self._counts and at_s <= self._counts[-1][0]):
            self._counts.clear()
            self._watts.clear()
            self._checked_s = at_s
            return
        self._counts.append((at_s, joules))
        self._watts.append((at_s, watts))
        while self._counts[0][0] < at_s - CHECK_S - 5 * _AVERAGED_S:
            self._counts.popleft()
            self._watts.popleft()
        began_s = self._counts[0][0]
        if at_s - self._checked_s < CHECK_S or at_s - began_s < CHECK_S:
            return
        self._checked_s = at_s
        # The power is the mean of the second before, so it lags by half of one.
        start_s, end_s = began_s + _AVERAGED_S, at_s - _AVERAGED_S
        counted = counter_delta(list(self._counts), start_s, end_s)
        lag_s = _AVERAGED_S / 2
        summed = integrate(list(self._watts), start_s + lag_s, end_s + lag_s)
        self.disagreement = None if counted is None or not summed else counted / summed - 1
