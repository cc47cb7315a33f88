"""Who leads, against a scan of every tooth and every piece that knows no bounds."""

from itertools import pairwise
from math import isclose
from random import Random

import pytest

from console.core.whatif.breakeven import meet
from console.core.whatif.curve import Curve, Side, Stairs
from console.core.whatif.lead import leads

Q_MAX = 50_000.0


def scan(one, other, q_max):
    """Every change of the cheaper bill: each span between two marks is looked at, none skipped."""
    end = min(q_max, one.feasible_to, other.feasible_to)
    marks = {0.0, end} | {piece[0] for curve in (one, other) for piece in curve.pieces}
    for curve in (one, other):
        if curve.stairs is not None:
            size = curve.stairs.size
            marks |= {n * size for n in range(1, int(end / size) + 2)}
    found = []
    for left, right in pairwise(sorted(mark for mark in marks if mark <= end)):
        width = right - left
        if width <= 1e-9 * right:
            continue
        near = [left + width * 1e-6, right - width * 1e-6]
        gaps = [other.at(q) - one.at(q) for q in near]
        sides = [0 if abs(gap) <= 1e-9 * one.at(q) else 1 if gap > 0 else -1
                 for gap, q in zip(gaps, near, strict=True)]  # fmt: skip
        root = near[0] + gaps[0] * (near[1] - near[0]) / ((gaps[0] - gaps[1]) or 1.0)
        for at, side in zip((left, root), sides, strict=True):
            if side and (not found or found[-1][1] != side):
                found.append((at, side))
    return found


def bent(r, *, convex):
    """A bill of straight pieces that go on where the one before ended."""
    starts = sorted(r.uniform(0, 1.5 * Q_MAX) for _ in range(r.randint(0, 24)))
    slopes = [r.uniform(0, 0.02) for _ in range(len(starts) + 1)]
    if convex:
        slopes.sort()
    pieces = [(0.0, r.uniform(0, 300), slopes[0])]
    for start, slope in zip(starts, slopes[1:], strict=True):
        before = pieces[-1]
        pieces.append((start, before[1] + (before[2] - slope) * start, slope))
    return Curve(tuple(pieces), convex=convex)


def stairs(r):
    return Stairs(
        step=r.choice([0.0, r.uniform(1, 100)]),
        size=r.choice([1.0, 0.2]) * r.uniform(2_000, 40_000),
        least=r.choice([0, 1, 1, 3]),
        spare=r.choice([0, 0, 1]),
    )


def pair(r):
    one = bent(r, convex=r.random() < 0.7)
    if r.random() < 0.3:
        one = one._replace(stairs=stairs(r))
    other = bent(r, convex=True) if r.random() < 0.3 else Curve(
        ((0.0, r.choice([0.0, r.uniform(0, 400)]), r.uniform(0, 0.03)),)
    )  # fmt: skip
    if r.random() < 0.6:
        other = other._replace(stairs=r.choice([stairs(r), one.stairs]))
    if r.random() < 0.2:
        one = one._replace(feasible_to=r.uniform(0.2, 1.2) * Q_MAX)
    return one, other


@pytest.mark.parametrize("block", range(4))
def test_bounds_and_halving_find_what_a_scan_of_every_tooth_finds(block):
    counts = set()
    for seed in range(block * 500, block * 500 + 500):
        one, other = pair(Random(seed))
        found, wanted = leads(one, other, Q_MAX, 10_000), scan(one, other, Q_MAX)
        if min(one.feasible_to, Q_MAX) < Q_MAX and wanted[-1][1] > 0:
            wanted.append((one.feasible_to, -1))
        assert [side for _, side in found] == [side for _, side in wanted], seed
        for (at, _), (near, _) in zip(found, wanted, strict=True):
            assert isclose(at, near, rel_tol=1e-6, abs_tol=Q_MAX * 1e-6), seed
        counts.add(min(len(found), 6))
    assert counts >= {1, 2, 3, 4, 6}


def test_halving_the_pieces_changes_nothing():
    for seed in range(1_000):
        one, other = pair(Random(seed))
        if one.convex:
            plain = one._replace(convex=False)
            assert leads(one, other, Q_MAX, 99) == leads(plain, other, Q_MAX, 99), seed


def test_pieces_that_meet_but_for_their_last_bits_end():
    line = Curve(((0.0, 0.0, 1.0),))
    falls_back = Curve(((0.0, -1e-9, 1.0), (10.0, 1e-9, 1.0), (20.0, 1e-9, 1.0)), convex=True)
    assert leads(falls_back, line, 15.0, 9) == [(0.0, 1), (10.0, -1)]
    catches_up = Curve(((0.0, 10 + 1e-9, 0.0), (10.0, 5 - 1e-9, 0.5)), convex=True)
    assert leads(catches_up, line, 15.0, 9) == [(0.0, -1), (10.0, 1)]


def test_two_staircases_alike_take_no_walk():
    own = Curve(((0.0, 10.0, 0.001),), Stairs(step=50.0, size=0.001))
    dearer = own._replace(pieces=((0.0, 0.0, 0.002),))
    found = meet(own, dearer, 1e9)
    assert [each.requests_per_day for each in found.crossovers] == [pytest.approx(10_000)]
    assert meet(own, own, 1e9).regions[0].cheaper is Side.API


def test_stairs_that_cost_nothing_are_no_stairs():
    own = Curve(((0.0, 10.0, 0.001),), Stairs(step=0.0, size=0.001))
    assert leads(own, Curve(((0.0, 0.0, 0.001),)), 1e9, 9) == [(0.0, -1)]
    assert leads(own, Curve(((0.0, 0.0, 0.002),)), 1e9, 9) == [
        (0.0, -1),
        (pytest.approx(10_000), 1),
    ]
