"""The meter's joules divided among the requests that ran."""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

RULE = "each stretch of time is divided equally among the requests that ran in it"


class Mark(NamedTuple):
    """The meter's joules when the set of running requests changed, and who runs from there on."""

    joules: float
    running: frozenset[str]


class Shares(NamedTuple):
    """Joules by request, and of the stretches in which none ran."""

    by_request: dict[str, float]
    idle: float


def apportion(marks: Sequence[Mark]) -> Shares:
    """Divide what the meter gained from the first mark to the last, by RULE.

    The shares and the idle stretches add up to exactly that.
    """
    by_request: dict[str, float] = {}
    idle = 0.0
    for mark, after in pairwise(marks):
        gained = after.joules - mark.joules
        if not mark.running:
            idle += gained
        for id in mark.running:
            by_request[id] = by_request.get(id, 0.0) + gained / len(mark.running)
    return Shares(by_request, idle)
