"""When a tier that fails is left alone, and when it is looked at again."""

from dataclasses import dataclass

TRIPS_AT = 3
"""Failures in a row after which a tier is left alone."""

REST_S, LONGEST_REST_S = 20.0, 300.0
"""The first rest in seconds, doubled with each look that fails, and the longest."""


@dataclass(slots=True)
class Breaker:
    """Counts the failures of one tier; times are seconds of a clock that never goes backwards.

    Closed, requests go through. After `TRIPS_AT` failures in a row it is open, and nothing goes
    through until the rest is over; then one look, not a request, decides what follows.
    """

    failures: int = 0
    trouble: str = ""
    until_s: float | None = None
    rest_s: float = REST_S

    def served(self) -> None:
        """A request or a look went well."""
        self.failures, self.trouble, self.until_s, self.rest_s = 0, "", None, REST_S

    def failed(self, trouble: str, now_s: float, wait_s: float | None = None) -> None:
        """A request or a look failed; `wait_s` is the wait that the server asked for."""
        self.failures += 1
        self.trouble = trouble
        if self.failures < TRIPS_AT and not self.is_open:
            return
        if self.is_open:
            self.rest_s = min(LONGEST_REST_S, 2 * self.rest_s)
        self.until_s = now_s + max(self.rest_s, wait_s or 0.0)

    @property
    def is_open(self) -> bool:
        """Whether requests should go elsewhere."""
        return self.until_s is not None

    def due(self, now_s: float) -> bool:
        """Whether the rest is over, so that a look may tell."""
        return self.until_s is not None and now_s >= self.until_s

    def words(self, now_s: float) -> str | None:
        """Why requests should go elsewhere; None when they need not."""
        if self.until_s is None:
            return None
        left = max(0.0, self.until_s - now_s)
        again = f"looked at again in {left:,.0f} s" if left else "about to be looked at"
        return f"{self.failures} failures in a row, {again}"
