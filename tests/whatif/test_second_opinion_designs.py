"""Crossovers of the split and the burst against exact fractions, which share no code with them."""

from fractions import Fraction
from itertools import pairwise
from math import ceil
from random import Random

import pytest
from exact import api_exact, config, exact, self_exact, step_exact
from test_second_opinion import inputs_of

from console.core.whatif.breakeven import lines, meet
from console.core.whatif.curve import Side
from console.core.whatif.design import Burst, Hybrid, burst_curve, hybrid_curve

NO_COMMITMENT = {"min_commit_usd_per_month": 0}


class Own:
    """The rig at q requests a day, with the replicas that so many need or with a fixed number."""

    def __init__(self, w, s):
        self.least, self.spare, self.step = s["min_replicas"], s["spare_replicas"], step_exact(w, s)
        self.base = self_exact(w, s, 0, exact(0))
        self.per_replica = self_exact(w, s, 1, exact(0)) - self.base
        self.marginal = self_exact(w, s, 0, exact(1)) - self.base

    def fixed(self, n, q):
        return self.base + n * self.per_replica + self.marginal * q

    def usd(self, q):
        return self.fixed(max(self.least, ceil(q / self.step)) + self.spare, q)


class Paid:
    """The API at q requests a day, before and after its commitment."""

    def __init__(self, w, card):
        self.slope = api_exact(w, {**card, **NO_COMMITMENT}, exact(1))
        self.commit = api_exact(w, card, exact(0))

    def usd(self, q):
        return max(self.commit, self.slope * q)


class Split:
    """The hybrid: routine requests on the rig, complex and escalated ones at the API."""

    def __init__(self, w, card, s, plan):
        routine, complex_ = dict(w), dict(w)
        for mix, prefix in ((routine, "routine"), (complex_, "complex")):
            for name in ("input_tokens", "output_tokens"):
                stated = getattr(plan, f"{prefix}_{name}")
                mix[name] = mix[name] if stated is None else stated
        self.own, self.share = Own(routine, s), exact(plan.share_self)
        self.again = exact(plan.escalation_rate)
        self.routine, self.complex = Paid(routine, card), Paid(complex_, card)
        self.marks = [self.own.step / self.share * k for k in range(1, 40)]

    def usd(self, q):
        paid = self.complex.slope * q * (1 - self.share)
        paid += self.routine.slope * q * self.share * self.again
        return self.own.usd(q * self.share) + max(self.complex.commit, paid)


class Overflow:
    """The burst: a fixed rig hour by hour, the rest of each hour at the API."""

    def __init__(self, w, card, s, plan, hours):
        always = {**s, "hours_on_per_day": 24}
        self.own, self.paid = Own({**w, "peak_to_mean": 1}, always), Paid(w, card)
        self.n, self.cap = plan.replicas, self.own.step * plan.replicas / 24
        self.shares = [exact(hour) / sum(map(exact, hours)) for hour in hours]
        self.marks = [self.cap / share for share in self.shares if share]

    def usd(self, q):
        over = sum(max(Fraction(0), share * q - self.cap) for share in self.shares)
        return self.own.fixed(self.n, q - over) + max(self.paid.commit, self.paid.slope * over)


def check(found, ours, theirs, marks, end):
    """Near both ends of every straight piece and within it, the cheaper side is the one said."""
    edges = sorted({Fraction(0), end, *(mark for mark in marks if 0 < mark < end)})
    for left, right in pairwise(edges):
        for share in (Fraction(1, 10**6), Fraction(1, 7), Fraction(1, 2), Fraction(6, 7), 1):
            q = left + (right - left) * share
            lead, at = theirs(q) - ours(q), float(q)
            if abs(lead) <= max(theirs(q), ours(q), 1) / 10**9 or any(
                abs(each.requests_per_day - at) <= 1e-7 * at + 1e-9 for each in found.crossovers
            ):
                continue
            region = next(x for x in found.regions if x.start < at <= x.end * (1 + 1e-12))
            assert (region.cheaper is Side.SELF) is (lead > 0), at
    for each in found.crossovers:
        if each.kind == "interior":
            q = exact(each.requests_per_day)
            assert abs(theirs(q) - ours(q)) <= max(ours(q), 1) / 10**7


def check_for_good(found, ours, theirs, sizes):
    """From the volume said on it is never dearer, just below it is not cheaper yet."""
    tiny = Fraction(1, 10**7)
    since = found.for_good_from
    # With no request at all a rig may have no replica either; it is no volume to be cheaper at.
    start = 10**7 * max(sizes) if since is None else exact(since) * (1 + tiny) + tiny
    near = [size * (ceil(start / size) + k) for size in sizes for k in range(30)]
    volumes = [start, *near, *(q * (1 + tiny / 10) for q in near), 10**7 * max(sizes)]
    gaps = [(theirs(q) - ours(q)) / max(theirs(q), 1) for q in volumes]
    if since is None:
        assert min(gaps) <= tiny
    else:
        assert min(gaps) >= -tiny, since
    if since:
        before = exact(since) * (1 - tiny)
        assert theirs(before) - ours(before) <= max(theirs(before), 1) * tiny * 10, since


def bends(paid):
    """Where a commitment is used up."""
    return [paid.commit / paid.slope] if paid.slope else []


@pytest.mark.parametrize("block", range(4))
def test_every_crossover_of_a_split_is_found(block):
    for seed in range(block * 60, block * 60 + 60):
        w, card, s = config(seed)
        r = Random(seed)
        plan = Hybrid(
            share_self=r.choice([0.1, 0.5, 0.8, 1.0]),
            escalation_rate=r.choice([0, 0.05, 1]),
            routine_output_tokens=r.choice([None, 50.0]),
            complex_input_tokens=r.choice([None, 6000.0]),
        )
        inputs = inputs_of(w, card, s)
        both = lines(inputs)
        ours = hybrid_curve(inputs, plan, both)
        split, paid, own = Split(w, card, s, plan), Paid(w, card), Own(w, s)
        end = exact(round(float(own.step) * r.choice([0.7, 3.3, 9.5]), 3))
        usd = 10 * split.own.step
        assert ours.at(float(usd)) == pytest.approx(float(split.usd(usd)), rel=1e-9)
        total = split.complex.slope * (1 - split.share)
        total += split.routine.slope * split.share * split.again
        kinks = [split.complex.commit / total] if total else []
        marks = [*split.marks, *kinks, *bends(paid), *(own.step * k for k in range(1, 12))]
        for theirs, usd in ((both.api_curve, paid.usd), (both.own_curve, own.usd)):
            found = meet(ours, theirs, float(end))
            check(found, split.usd, usd, marks, end)
            check_for_good(found, split.usd, usd, [own.step, split.own.step / split.share])


@pytest.mark.parametrize("block", range(4))
def test_every_crossover_of_a_burst_is_found(block):
    for seed in range(block * 60, block * 60 + 60):
        w, card, s = config(seed)
        r = Random(seed)
        hours = [r.choice([0, 0.25, 1, 1, 2.5]) for _ in range(24)]
        hours[r.randrange(24)] = 3
        plan = Burst(replicas=r.choice([1, 2, 5]))
        inputs = inputs_of(w, card, s)
        both = lines(inputs)
        ours = burst_curve(inputs, plan, hours, both)
        over, paid, own = Overflow(w, card, s, plan, hours), Paid(w, card), Own(w, s)
        end = exact(round(float(own.step) * r.choice([0.7, 3.3, 9.5]), 3))
        far = 3 * end
        assert ours.at(float(far)) == pytest.approx(float(over.usd(far)), rel=1e-9)
        marks = [*over.marks, *bends(paid), *(own.step * k for k in range(1, 12))]
        used_up = crossing_of_commitment(over, end)
        marks += [used_up] if used_up else []
        for theirs, usd in ((both.api_curve, paid.usd), (both.own_curve, own.usd)):
            found = meet(ours, theirs, float(end))
            check(found, over.usd, usd, marks, end)
            check_for_good(found, over.usd, usd, [own.step, max(over.marks)])


def crossing_of_commitment(over, end):
    """Where the overflow costs as much as the commitment, by bisection; None below `end`."""

    def above(q):
        spilled = sum(max(Fraction(0), share * q - over.cap) for share in over.shares)
        return over.paid.slope * spilled > over.paid.commit

    if not over.paid.commit or not above(end):
        return None
    low, high = Fraction(0), end
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (low, middle) if above(middle) else (middle, high)
    return high


def test_the_designs_are_worth_scanning():
    seen = {}
    for seed in range(240):
        w, card, s = config(seed)
        inputs = inputs_of(w, card, s)
        both = lines(inputs)
        end = float(step_exact(w, s)) * 9.5
        curves = {
            "hybrid": hybrid_curve(inputs, Hybrid(share_self=0.5), both),
            "burst": burst_curve(inputs, Burst(replicas=2), range(24), both),
        }
        for name, ours in curves.items():
            for against, theirs in (("api", both.api_curve), ("own", both.own_curve)):
                count = len(meet(ours, theirs, end).crossovers)
                seen.setdefault((name, against), set()).add(count)
    assert all(len(counts) >= 2 for counts in seen.values()), seen
    assert max(seen["hybrid", "own"]) >= 3
