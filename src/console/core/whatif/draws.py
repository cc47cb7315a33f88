"""Draws of a case: the uncertain inputs filled anew, checked where a draw could be refused."""

from collections.abc import Callable, Mapping
from random import Random

from console.core.whatif.case import NAMES, Case
from console.core.whatif.check import unchecked
from console.core.whatif.distribution import Distribution
from console.core.whatif.inputs import GROUPS

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


_OUTER = tuple(group for group in NAMES if group not in GROUPS)


def drawer(case: Case, distributions: Mapping[str, Distribution]) -> Callable[[Random], Case]:
    """A function from a random source to the case with each input drawn, one `random()` each.

    What it returns is good until it is called again. Its ValueError means that this draw is
    impossible.
    """
    if not distributions:
        return lambda _: case
    # One copy is filled again and again: a draw is done with before the next one is made.
    inputs = unchecked(
        case.inputs, {group: unchecked(getattr(case.inputs, group), {}) for group in GROUPS}
    )
    others = {group: unchecked(getattr(case, group), {}) for group in _OUTER}
    copy = unchecked(case, {**others, "inputs": inputs})
    groups = {
        group: getattr(inputs if group in GROUPS else copy, group) for group in (*GROUPS, *_OUTER)
    }
    places = [
        (groups[name.partition(".")[0]], name.partition(".")[2], spread.at)
        for name, spread in distributions.items()
    ]
    doubtful = _doubtful(case, distributions)
    checks = [check.__post_init__ for group, check in groups.items() if group in doubtful]

    def draw(random: Random) -> Case:
        for group, own, at in places:
            object.__setattr__(group, own, at(random.random()))
        for check in checks:
            check()
        return copy

    return draw


def _doubtful(case: Case, distributions: Mapping[str, Distribution]) -> set[str]:
    """The groups of which a draw may be refused.

    The others pass: each of their inputs does so alone at both of its ends.
    """
    found = set()
    for name, spread in distributions.items():
        try:
            for share in (2**-54, 1 - 2**-53):
                case.with_values({name: spread.at(share)})
        except ValueError:
            found.add(name.partition(".")[0])
        if name in _TOGETHER:
            found.add(name.partition(".")[0])
    return found
