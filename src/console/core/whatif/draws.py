"""Draws of a case: the uncertain inputs filled anew, checked where a draw could be refused."""

from collections.abc import Callable, Mapping
from random import Random

from console.core.whatif.case import NAMES, Case
from console.core.whatif.check import unchecked
from console.core.whatif.distribution import Distribution, Lognormal
from console.core.whatif.inputs import GROUPS

_WORST = {
    "workload.cache_read_share": 1,
    "workload.cache_write_share": 1,
    "workload.cache_write_1h_share": 1,
    "self_host.idle_w": 1,
    "self_host.busy_w": 0,
}
"""Inputs whose check involves another input, and the end of their range that may fail it."""

_ENDS = (2**-54, 1 - 2**-53)
"""The smallest and the largest share of a distribution that a draw can take."""

_OUTER = tuple(group for group in NAMES if group not in GROUPS)


def drawer(case: Case, distributions: Mapping[str, Distribution]) -> Callable[[Random], Case]:
    """A function from a random source to the case with each input drawn, one `random()` each.

    Measured mixes of a split are scaled to the drawn workload's mean, which they make up.
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

    kinds = ("input_tokens", "output_tokens")
    holds = [hold for kind in kinds if (hold := _held(case, copy, kind, distributions)) is not None]

    def draw(random: Random) -> Case:
        for group, own, at in places:
            object.__setattr__(group, own, at(random.random()))
        for hold in holds:
            hold()
        for check in checks:
            check()
        return copy

    return draw


def _held(
    case: Case, copy: Case, kind: str, distributions: Mapping[str, Distribution]
) -> Callable[[], None] | None:
    """What keeps a drawn split the same traffic as the drawn workload; None where nothing need.

    The workload's mean is that of the routine and the complex requests together. Drawn apart they
    would differ, and the split be held against an API that serves other requests.
    """
    routine, complex_ = f"routine_{kind}", f"complex_{kind}"
    names = (f"workload.{kind}", f"hybrid.{routine}", f"hybrid.{complex_}")
    if not all(isinstance(distributions.get(name), Lognormal) for name in names):
        return None

    def mean(of: Case) -> float:
        plan, share = of.hybrid, of.hybrid.share_self
        return float(getattr(plan, routine) * share + getattr(plan, complex_) * (1 - share))

    apart = mean(case) / getattr(case.inputs.workload, kind)

    def hold() -> None:
        factor = getattr(copy.inputs.workload, kind) * apart / mean(copy)
        for name in (routine, complex_):
            object.__setattr__(copy.hybrid, name, getattr(copy.hybrid, name) * factor)

    return hold


def _doubtful(case: Case, distributions: Mapping[str, Distribution]) -> set[str]:
    """The groups of which a draw may be refused.

    The others pass: each of their inputs does so alone at both of its ends, and those that are
    checked together do so at their worst.
    """
    found = set()
    together: dict[str, dict[str, float]] = {}
    for name, spread in distributions.items():
        group = name.partition(".")[0]
        tries = [{name: spread.at(share)} for share in _ENDS]
        if name in _WORST:
            worst = together.setdefault(group, {})
            worst[name] = spread.at(_ENDS[_WORST[name]])
            tries.append(dict(worst))
        try:
            for values in tries:
                case.with_values(values)
        except ValueError:
            found.add(group)
    return found
