"""Draws of a case: the uncertain inputs filled anew, checked only where a draw could be refused."""

from collections.abc import Callable, Mapping
from random import Random
from typing import Any

from console.core.whatif.case import Case
from console.core.whatif.check import unchecked
from console.core.whatif.inputs import GROUPS
from console.core.whatif.montecarlo import Distribution, Lognormal

_TOGETHER = frozenset(
    {
        "workload.cache_read_share",
        "workload.cache_write_share",
        "workload.cache_write_1h_share",
        "self_host.idle_w",
        "self_host.busy_w",
    }
)
"""Inputs whose check involves another input."""


def drawer(case: Case, distributions: Mapping[str, Distribution]) -> Callable[[Random], Case]:
    """A function from a random source to the case with each input drawn, one `random()` each.

    Its ValueError means that this draw is impossible.
    """
    if not distributions:
        return lambda _: case
    if not _always_possible(case, distributions):
        return lambda random: case.with_values(
            {name: spread.at(random.random()) for name, spread in distributions.items()}
        )
    split = [
        (name.partition(".")[0], name.partition(".")[2], spread)
        for name, spread in distributions.items()
    ]

    def draw(random: Random) -> Case:
        changes: dict[str, dict[str, float]] = {}
        for group, own, spread in split:
            changes.setdefault(group, {})[own] = spread.at(random.random())
        inner = {
            group: unchecked(getattr(case.inputs, group), values)
            for group, values in changes.items()
            if group in GROUPS
        }
        outer: dict[str, Any] = {
            group: unchecked(getattr(case, group), values)
            for group, values in changes.items()
            if group not in GROUPS
        }
        return unchecked(case, outer | {"inputs": unchecked(case.inputs, inner)})

    return draw


def _always_possible(case: Case, distributions: Mapping[str, Distribution]) -> bool:
    """Whether every draw passes the checks: each input alone does at both of its ends."""
    for name, spread in distributions.items():
        if name in _TOGETHER or isinstance(spread, Lognormal):
            return False
        try:
            case.with_values({name: spread.low})
            case.with_values({name: spread.high})
        except ValueError:
            return False
    return True
