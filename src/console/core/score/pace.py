"""A day's budget, spent where a dollar gains most, and never exceeded."""

from collections import deque
from collections.abc import Mapping, Sequence
from typing import Any

WINDOW = 200
"""Recent requests by which the going rate of gain per dollar is judged."""

HOURS = 24

_DOUBT = 10
"""Requests that yesterday's hours weigh as much as, when today is told from yesterday."""


class BudgetControl:
    """Takes the requests with the most gain per dollar that `usd` a day pays for.

    What may still be spent is spread over the requests still to come: as many as yesterday's
    `hours` say, or, on a first day, as today's pace says. A request is taken if it is among the
    best of the recent ones that this allowance pays for. `most_usd`, the most it can cost, is held
    back until it is settled, so the budget is never exceeded.
    """

    def __init__(self, usd: float, hours: Sequence[int] = ()) -> None:
        self.usd = usd
        self.spent_usd = 0.0
        self._held_usd = 0.0
        self._hours = tuple(hours)
        self._today = [0] * HOURS
        self._began: float | None = None
        self._recent: deque[tuple[float, float]] = deque(maxlen=WINDOW)
        self._expected_usd = self._settled_usd = 0.0

    @property
    def hours(self) -> tuple[int, ...]:
        """How many requests came in each hour of this day."""
        return tuple(self._today)

    def next_day(self) -> None:
        """Begin a new day: nothing is spent, and this one is yesterday. What is held stays so."""
        self._hours, self._today = tuple(self._today), [0] * HOURS
        self.spent_usd, self._began = 0.0, None

    def take(self, value: float, usd: float, most_usd: float, at: float) -> bool:
        """Whether a request of this value per dollar goes to the API; counted in.

        `usd` is what it will likely cost, `at` the part of the day that has passed, 0 to 1.
        """
        if self._began is None:
            self._began = at
        usd *= self._correction
        self._today[min(HOURS - 1, int(at * HOURS))] += 1
        self._recent.append((value, usd))
        left = self.usd - self.spent_usd - self._held_usd
        if most_usd > left:
            return False
        allowance = left / max(1.0, self._to_come(at)) * len(self._recent)
        if self._best_worth(value) > allowance:
            return False
        self._held_usd += most_usd
        self._expected_usd += usd / self._correction
        return True

    def threshold(self, at: float) -> float | None:
        """The value per dollar from which requests are taken now; None when nothing is known."""
        if not self._recent or self._began is None:
            return None
        left = self.usd - self.spent_usd - self._held_usd
        allowance = left / max(1.0, self._to_come(at)) * len(self._recent)
        limit, used = float("inf"), 0.0
        for value, usd in sorted(self._recent, reverse=True):
            used += usd
            if used > allowance:
                break
            limit = value
        return limit

    def settle(self, most_usd: float, usd: float) -> None:
        """A request that was taken has cost `usd`."""
        self._held_usd = max(0.0, self._held_usd - most_usd)
        self.spent_usd += usd
        self._settled_usd += usd

    def state(self) -> dict[str, Any]:
        """What to keep over a restart, as plain values."""
        return {
            "spent_usd": self.spent_usd,
            "hours": list(self._hours),
            "today": list(self._today),
            "began": self._began,
            "recent": [list(pair) for pair in self._recent],
        }

    @classmethod
    def restored(cls, usd: float, state: Mapping[str, Any]) -> "BudgetControl":
        """A control that goes on from a kept state; raises ValueError when it is none."""
        try:
            control = cls(usd, [int(count) for count in state["hours"]])
            control.spent_usd = float(state["spent_usd"])
            control._today = [int(count) for count in state["today"]]
            control._began = None if state["began"] is None else float(state["began"])
            control._recent.extend((float(value), float(cost)) for value, cost in state["recent"])
        except (KeyError, TypeError) as error:
            raise ValueError("this is not the state of a budget control") from error
        if len(control._today) != HOURS or len(control._hours) not in (0, HOURS):
            raise ValueError("this is not the state of a budget control")
        return control

    @property
    def _correction(self) -> float:
        """What requests cost by what was expected of them, once that is known."""
        if not self._settled_usd or not self._expected_usd:
            return 1.0
        return min(4.0, max(0.25, self._settled_usd / self._expected_usd))

    def _best_worth(self, value: float) -> float:
        """Dollars of the recent requests that are worth at least as much per dollar."""
        return sum(usd for other, usd in self._recent if other >= value)

    def _to_come(self, at: float) -> float:
        seen = sum(self._today)
        if any(self._hours):
            now = at * HOURS
            hour = min(HOURS - 1, int(now))
            before = sum(self._hours[:hour]) + self._hours[hour] * (now - hour)
            after = sum(self._hours) - before
            return after * (seen + _DOUBT) / (before + _DOUBT)
        assert self._began is not None
        passed = at - self._began
        if passed <= 0:
            return float(seen)
        return seen / passed * (1 - at)
