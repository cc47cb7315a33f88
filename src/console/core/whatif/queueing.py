"""Whether the rig keeps up: real arrival times through whole replicas, first come first served."""

import math
from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from heapq import heapify, heapreplace

from console.core.whatif.check import check_number
from console.core.whatif.distribution import percentile

PATIENCE_S = 1.0
"""Seconds a request waits before it counts as one that would have overflowed to an API."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Queueing:
    """How requests fared on `replicas` replicas that serve one at a time at their full rate.

    `overflow_share` is of the requests that waited longer than `patience_s`. A batching server
    answers many at once, each more slowly: it waits less and serves longer than this says.
    """

    requests: int
    replicas: int
    utilisation: float
    p50_wait_s: float
    p95_wait_s: float
    longest_wait_s: float
    overflow_share: float
    patience_s: float


def queueing(
    arrivals: Iterable[tuple[float, float]],
    replicas: int,
    window_s: float,
    *,
    patience_s: float = PATIENCE_S,
) -> Queueing:
    """The waits of requests, each (seconds of arrival, replica-seconds of service), by time.

    Raises ValueError without a replica or a window.
    """
    check_number("replicas", replicas, low=1, high=1e6)
    check_number("window_s", window_s, above=True)
    check_number("patience_s", patience_s)
    free = [-math.inf] * int(replicas)
    heapify(free)
    # Eight bytes a request: a ledger may hold millions.
    all_waits = array("d")
    busy = 0.0
    for at, service in arrivals:
        begun = at if at > free[0] else free[0]
        heapreplace(free, begun + service)
        all_waits.append(begun - at)
        busy += service
    waits = sorted(all_waits)
    late = sum(wait > patience_s for wait in waits)
    return Queueing(
        requests=len(waits),
        replicas=int(replicas),
        utilisation=busy / (replicas * window_s),
        p50_wait_s=percentile(waits, 0.5) if waits else 0.0,
        p95_wait_s=percentile(waits, 0.95) if waits else 0.0,
        longest_wait_s=waits[-1] if waits else 0.0,
        overflow_share=late / len(waits) if waits else 0.0,
        patience_s=patience_s,
    )
