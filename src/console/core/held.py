"""How much of the last minute each reason held a card's clocks back."""

from collections import deque
from collections.abc import Mapping

WINDOW_S = 60.0


class HeldShares:
    """Shares in percent, from cumulative seconds by reason."""

    def __init__(self) -> None:
        self._readings: deque[tuple[float, Mapping[str, float]]] = deque()

    @property
    def over_s(self) -> float | None:
        """Of how many seconds the last shares are; None before there are two readings."""
        passed = self._readings[-1][0] - self._readings[0][0] if self._readings else 0.0
        return round(min(passed, WINDOW_S), 1) if passed > 0 else None

    def take(self, at_s: float, held_s: Mapping[str, float]) -> dict[str, float]:
        """A reading; the shares since a minute ago, or since the first reading.

        The same reading again changes nothing. Counters that fell, or a clock that was set back,
        begin anew. Reasons below 0.5 % are left out.
        """
        readings = self._readings
        if readings:
            last_at, last = readings[-1]
            if at_s < last_at or any(held_s.get(word, 0.0) < last[word] for word in last):
                readings.clear()
        if not readings or at_s > readings[-1][0]:
            readings.append((at_s, held_s))
        while len(readings) > 2 and readings[1][0] <= at_s - WINDOW_S:
            readings.popleft()
        began, before = readings[0]
        passed = readings[-1][0] - began
        if passed <= 0:
            return {}
        shares = {
            word: min(100.0, 100 * (seconds - before.get(word, 0.0)) / passed)
            for word, seconds in held_s.items()
        }
        return {word: round(share, 1) for word, share in shares.items() if share >= 0.5}
