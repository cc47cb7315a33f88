"""Requests through whole replicas: the waits are those of a second by second simulation."""

from random import Random

import pytest

from console.core.whatif.limits import wait_probability
from console.core.whatif.queueing import queueing


def by_hand(arrivals, replicas):
    """Each request takes the replica that is free first."""
    free, waits = [0.0] * replicas, []
    for at, service in sorted(arrivals):
        place = free.index(min(free))
        begun = max(at, free[place])
        free[place] = begun + service
        waits.append(begun - at)
    return waits


@pytest.mark.parametrize("replicas", [1, 2, 7])
def test_waits_are_those_of_a_simulation_by_hand(replicas):
    rng = Random(replicas)
    arrivals = [(rng.uniform(0, 100), rng.expovariate(replicas / 2)) for _ in range(300)]
    arrivals.sort()
    found, waits = queueing(arrivals, replicas, 100, patience_s=0.5), by_hand(arrivals, replicas)
    assert found.longest_wait_s == pytest.approx(max(waits))
    assert found.overflow_share == sum(wait > 0.5 for wait in waits) / 300
    assert found.utilisation == pytest.approx(
        sum(service for _, service in arrivals) / replicas / 100
    )


def test_random_arrivals_wait_as_often_as_erlang_says():
    rng, at, arrivals = Random(4), 0.0, []
    for _ in range(60_000):
        at += rng.expovariate(3.0)
        arrivals.append((at, rng.expovariate(1.0)))
    found = queueing(arrivals, 4, at, patience_s=1.0)
    assert found.overflow_share == pytest.approx(wait_probability(4, 3.0, 1.0, 1.0), abs=0.03)


def test_nothing_to_serve_and_nothing_to_serve_with():
    assert queueing([], 1, 10).p95_wait_s == 0
    with pytest.raises(ValueError, match="replicas"):
        queueing([(0, 1)], 0, 10)
