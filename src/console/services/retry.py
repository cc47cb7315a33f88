"""Which failures pass by themselves, and how long to wait for that."""

from dataclasses import dataclass

from console.core.chat import FailureKind, ModelFailure
from console.core.tier import Tier

FIRST_WAIT_S = 0.5
"""The first wait where the server does not ask for one; each further one is twice as long."""

_PASSING = {
    FailureKind.RATE_LIMITED,
    FailureKind.OVERLOADED,
    FailureKind.SERVER,
    FailureKind.CUT,
}
_ELSEWHERE = set(FailureKind) - {FailureKind.REFUSED}
_ILL = {
    FailureKind.UNREACHABLE,
    FailureKind.UNTRUSTED,
    FailureKind.OVERLOADED,
    FailureKind.TIMEOUT,
    FailureKind.CUT,
    FailureKind.MALFORMED,
    FailureKind.SERVER,
    FailureKind.RATE_LIMITED,
}


@dataclass(slots=True)
class Retries:
    """The retries of one request at one tier: at most `most`, waiting `within_s` in all."""

    most: int
    within_s: float
    made: int = 0
    waited_s: float = 0.0

    def wait_s(self, failure: ModelFailure, tier: Tier) -> float | None:
        """How long to wait before the tier is asked again, counted in; None: it is not.

        A server's own wish is kept to, or the tier is not asked again: never sooner than wished.
        """
        passing = failure.kind in _PASSING
        # Where nothing listens on the own box, waiting does not start it.
        passing = passing or (failure.kind is FailureKind.UNREACHABLE and tier is Tier.API)
        if not passing or self.made >= self.most:
            return None
        wait_s = failure.retry_after_s
        if wait_s is None:
            wait_s = FIRST_WAIT_S * 2**self.made
        if self.waited_s + wait_s > self.within_s:
            return None
        self.made += 1
        self.waited_s += wait_s
        return wait_s


def falls_back(failure: ModelFailure) -> bool:
    """Whether another tier could serve what this failure kept from being served."""
    return failure.kind in _ELSEWHERE


def is_ill(failure: ModelFailure) -> bool:
    """Whether a failure says that the tier is not well, and not that the request is wrong."""
    return failure.kind in _ILL
