"""A threshold that holds a share: which scores go to the API so that so many requests do."""

from bisect import insort
from collections import deque
from collections.abc import Iterable, Mapping
from typing import Any

WINDOW = 200
"""Requests whose scores set the threshold, and over which the share is promised."""

SLACK = 3.5
"""Requests by which the API may be ahead of or behind its share; two of them bound any window."""

_PULL = 0.04
"""How much of the share each request of lead or lag is paid back at."""


class ShareControl:
    """Takes the requests with the highest scores so that `target` of them go to the API.

    The threshold is a quantile of the recent scores, pulled by how far the API is ahead of or
    behind its share; that lead never leaves ±`SLACK` requests, so no window, whatever its length,
    is off by more than twice that many. `seed` are scores to begin with.
    """

    def __init__(self, target: float, seed: Iterable[float] = ()) -> None:
        if not 0 <= target <= 1:
            raise ValueError("a share is between 0 and 1")
        self.target = target
        self._recent: deque[float] = deque(seed, maxlen=WINDOW)
        self._sorted = sorted(self._recent)
        self._lead = 0.0

    @property
    def threshold(self) -> float | None:
        """The score above which a request goes to the API now; None when nothing is known yet."""
        if not self._sorted:
            return None
        share = min(1.0, max(0.0, self.target - _PULL * self._lead))
        at = round((1 - share) * (len(self._sorted) - 1))
        return self._sorted[at]

    def take(self, score: float) -> bool:
        """Whether a request with this score goes to the API; counted in."""
        limit = self.threshold
        taken = limit is None or score > limit
        lead = self._lead + taken - self.target
        if abs(lead) > SLACK:
            taken = lead < 0
            lead = self._lead + taken - self.target
        self._lead = lead
        self._remember(score)
        return taken

    def state(self) -> dict[str, Any]:
        """What to keep over a restart, as plain values."""
        return {"target": self.target, "lead": self._lead, "recent": list(self._recent)}

    @classmethod
    def restored(cls, state: Mapping[str, Any]) -> "ShareControl":
        """A control that goes on from a kept state; raises ValueError when it is none."""
        try:
            control = cls(float(state["target"]), map(float, state["recent"]))
            control._lead = min(SLACK, max(-SLACK, float(state["lead"])))
        except (KeyError, TypeError) as error:
            raise ValueError("this is not the state of a share control") from error
        return control

    def _remember(self, score: float) -> None:
        if len(self._recent) == WINDOW:
            self._sorted.remove(self._recent[0])
        self._recent.append(score)
        insort(self._sorted, score)
