from itertools import pairwise
from random import Random

import pytest

from console.core.whatif.breakeven import Lines, cross
from console.core.whatif.curve import Kind, Side


def lines(**changes):
    return Lines(
        **{
            "api_slope": 0.01,
            "api_commit": 0.0,
            "base": 30.0,
            "step": 100.0,
            "marginal": 0.0,
            "requests_per_replica": 20_000.0,
            "min_replicas": 1,
            "spare_replicas": 0,
            "feasible_to": float("inf"),
        }
        | changes
    )


def every_span(both, q_max):
    """The cheaper side at both ends of each span between two steps, none skipped."""
    kink = both.api_commit / both.api_slope
    marks = {0.0, q_max} | ({kink} if kink < q_max else set())
    n = 1
    while n * both.requests_per_replica < q_max:
        marks.add(n * both.requests_per_replica)
        n += 1
    ordered = sorted(marks)
    sides = []
    for left, right in pairwise(ordered):
        middle = (left + right) / 2
        fixed = both.base + both.replicas(middle) * both.step
        for q in (left + (right - left) * 1e-9, right - (right - left) * 1e-9):
            sides.append(fixed + both.marginal * q < both.api(q))
    return sum(a is not b for a, b in pairwise(sides)), sides[0]


@pytest.mark.parametrize("block", range(4))
def test_skipping_alike_spans_loses_none(block):
    seen = set()
    for seed in range(block * 75, block * 75 + 75):
        r = Random(seed)
        both = lines(
            api_slope=r.uniform(0.004, 0.012),
            api_commit=r.choice([0, 0, r.uniform(0, 20_000)]),
            base=r.uniform(0, 3000),
            step=r.uniform(20, 200),
            marginal=r.uniform(0, 0.004),
            min_replicas=r.choice([0, 1, 5]),
            spare_replicas=r.choice([0, 1]),
        )
        q_max = 20_000 * r.uniform(0.5, 400)
        found = cross(both, q_max)
        count, begins_with_self = every_span(both, q_max)
        assert len(found.crossovers) == count, seed
        assert (found.regions[0].cheaper is Side.SELF) is begins_with_self, seed
        seen.add(min(count, 4))
    assert {0, 1} < seen


def test_a_billion_replicas_take_no_walk():
    found = cross(lines(requests_per_replica=1.0, step=1e-6, marginal=0.0), 1e9)
    assert [c.kind for c in found.crossovers] == [Kind.INTERIOR]
    assert found.for_good_from == found.first.requests_per_day


def test_after_the_last_return_of_the_api_no_span_is_walked():
    found = cross(lines(requests_per_replica=1.0, step=0.009, base=0.0005), 1e9)
    assert [c.kind for c in found.crossovers[:3]] == [Kind.INTERIOR, Kind.STEP, Kind.INTERIOR]
    assert found.crossovers[-1].requests_per_day == found.for_good_from == pytest.approx(9.05)


def test_more_crossovers_than_asked_for_is_said():
    endless = lines(requests_per_replica=1.0, step=0.0099999, base=0.005)
    found = cross(endless, 1e9, limit=7)
    assert (len(found.crossovers), found.complete) == (7, False)
    assert found.regions[-1].end == found.crossovers[-1].requests_per_day


def test_equal_bills_leave_the_api():
    same = lines(base=0.0, step=0.0, marginal=0.01)
    found = cross(same, 1e6)
    assert found.crossovers == ()
    assert [region.cheaper for region in found.regions] == [Side.API]
    assert not found.self_wins_at_scale


def test_a_commitment_makes_the_rig_cheaper_at_once_and_for_good():
    found = cross(lines(api_commit=500.0, step=50.0), 1e6)
    assert found.crossovers == ()
    assert (found.regions[0].cheaper, found.for_good_from) == (Side.SELF, 0.0)


def test_a_free_rig_needs_no_crossover():
    found = cross(lines(base=0.0, step=0.0), 1e6)
    assert (found.crossovers, found.for_good_from) == ((), 0.0)


def test_a_free_api_is_never_left():
    found = cross(lines(api_slope=0.0), 1e6)
    assert (found.crossovers, found.for_good_from) == ((), None)


def test_replicas_that_run_out_hand_back_to_the_api():
    found = cross(lines(feasible_to=40_000.0), 1e6)
    assert [(c.requests_per_day, c.kind, c.cheaper_above) for c in found.crossovers] == [
        (13_000.0, Kind.INTERIOR, Side.SELF),
        (20_000.0, Kind.STEP, Side.API),
        (23_000.0, Kind.INTERIOR, Side.SELF),
        (40_000.0, Kind.INFEASIBLE, Side.API),
    ]
