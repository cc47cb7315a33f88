"""Bills and crossovers recomputed in exact fractions, sharing no code with the engine."""

from fractions import Fraction
from itertools import pairwise
from math import ceil
from random import Random

import pytest
from exact import api_exact, config, exact, replicas_exact, self_exact, step_exact

from console.core.whatif.api import api_bill
from console.core.whatif.breakeven import breakeven
from console.core.whatif.card import Card
from console.core.whatif.curve import Side
from console.core.whatif.inputs import Inputs, SelfHost, Workload
from console.core.whatif.rig import self_bill


def inputs_of(w, card, s):
    return Inputs(
        workload=Workload.from_mapping(w),
        api=Card.from_mapping(card),
        self_host=SelfHost.from_mapping(s),
    )


@pytest.mark.parametrize("block", range(10))
def test_bills_agree_with_fractions(block):
    for seed in range(block * 100, block * 100 + 100):
        w, card, s = config(seed)
        inputs = inputs_of(w, card, s)
        q = exact(w["requests_per_day"])
        assert api_bill(inputs.workload, inputs.api).total_usd == pytest.approx(
            float(api_exact(w, card, q)), rel=1e-10, abs=1e-12
        ), seed
        assert self_bill(inputs.workload, inputs.self_host).total_usd == pytest.approx(
            float(self_exact(w, s, replicas_exact(w, s, q), q)), rel=1e-10, abs=1e-12
        ), seed


class Exact:
    """Both bills of a configuration as exact functions of requests a day.

    Fractions lose nothing in a subtraction, so three evaluations give the rig's three parts.
    """

    def __init__(self, w, card, s):
        self.commit = api_exact(w, card, exact(0))
        self.slope = api_exact(w, {**card, "min_commit_usd_per_month": 0}, exact(1))
        self.base = self_exact(w, s, 0, exact(0))
        self.per_replica = self_exact(w, s, 1, exact(0)) - self.base
        self.marginal = self_exact(w, s, 0, exact(1)) - self.base
        self.step = step_exact(w, s)
        self.least, self.spare = s["min_replicas"], s["spare_replicas"]

    def api(self, q):
        return max(self.commit, self.slope * q)

    def lead(self, q):
        """What the rig saves at q requests a day."""
        n = max(self.least, ceil(q / self.step)) + self.spare
        return self.api(q) - self.base - n * self.per_replica - self.marginal * q


@pytest.mark.parametrize("block", range(20))
def test_no_crossover_is_missed_or_invented(block):
    for seed in range(block * 100, block * 100 + 100):
        w, card, s = config(seed)
        r = Random(seed)
        bills = Exact(w, card, s)
        limit = r.choice([None, None, s["min_replicas"] + s["spare_replicas"] + 3])
        q_max = float(bills.step) * r.choice([0.7, 3.3, 12.5])
        found = breakeven(inputs_of(w, card, {**s, "max_replicas": limit}), q_max)
        end = exact(q_max)
        if limit is not None:
            end = min(end, (limit - s["spare_replicas"]) * bills.step)
        assert found.complete
        assert [region.start for region in found.regions] == [
            0.0,
            *(crossover.requests_per_day for crossover in found.crossovers),
        ]
        assert all(before.cheaper is not after.cheaper for before, after in pairwise(found.regions))
        scan(bills, found, end)
        check_each(bills, found, end)
        check_for_good(bills, found, limit)


def scan(bills, found, end):
    """Both bills are straight between these marks, so points near both ends tell all."""
    marks = {Fraction(0), end} | {k * bills.step for k in range(1, 14) if k * bills.step < end}
    if bills.slope and bills.commit / bills.slope < end:
        marks.add(bills.commit / bills.slope)
    for left, right in pairwise(sorted(marks)):
        width = right - left
        for share in (Fraction(1, 10**7), Fraction(1, 3), Fraction(2, 3), Fraction(1)):
            q = left + width * share
            d = bills.lead(q)
            at = float(q)
            if abs(d) <= max(bills.api(q), Fraction(1, 10**6)) / 10**9 or any(
                abs(c.requests_per_day - at) <= 1e-8 * at + 1e-9 for c in found.crossovers
            ):
                continue
            region = next(x for x in found.regions if x.start < at <= x.end * (1 + 1e-12))
            assert (region.cheaper is Side.SELF) is (d > 0), at


def check_each(bills, found, end):
    """Every crossover reported is one, of its kind."""
    for crossover in found.crossovers:
        q = exact(crossover.requests_per_day)
        if crossover.kind == "infeasible":
            assert abs(q - end) <= end / 10**9
            assert crossover.cheaper_above is Side.API
        elif crossover.kind == "interior":
            assert abs(bills.lead(q)) <= max(bills.api(q), 1) / 10**8
        else:
            assert abs(q / bills.step - round(q / bills.step)) < Fraction(1, 10**9)
            above = bills.lead(q * (1 + Fraction(1, 10**8)))
            assert (above > 0) is (crossover.cheaper_above is Side.SELF)


def check_for_good(bills, found, limit):
    """Beyond `for_good_from` the rig stays cheaper; without one the API always returns."""
    if found.for_good_from is not None:
        for factor in (1 + Fraction(1, 10**6), 2, 7, 1000):
            q = exact(found.for_good_from) * factor + Fraction(1, 10**6)
            assert bills.lead(q) >= -bills.api(q) / 10**9
    elif limit is None:
        late = [bills.lead(k * bills.step * (1 + Fraction(1, 10**7))) for k in (10**6, 10**7)]
        assert min(late) <= 0


def test_the_configurations_are_worth_scanning():
    counts, kinds = set(), set()
    for seed in range(600):
        w, card, s = config(seed)
        found = breakeven(inputs_of(w, card, s), float(step_exact(w, s)) * 12.5)
        counts.add(len(found.crossovers))
        kinds |= {crossover.kind for crossover in found.crossovers}
    assert {0, 1, 2, 3} <= counts
    assert max(counts) >= 5
    assert kinds == {"interior", "step"}
