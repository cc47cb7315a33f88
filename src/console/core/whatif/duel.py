"""Which alternatives are held against each other, and every volume at which the cheaper changes."""

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from console.core.whatif.breakeven import Breakeven, Crossover, meet
from console.core.whatif.curve import Curve, Kind, Side

OWN, HYBRID, BURST = "own", "hybrid", "burst"
OURS = {OWN: "the rig", HYBRID: "the hybrid", BURST: "the burst"}
"""What runs on the operator's hardware, at least in part, by key and in words."""


class Duel(NamedTuple):
    """One design against another way to serve: every volume at which the cheaper one changes.

    `key` names the duel, `one` and `against` the two alternatives, `name` the other in words;
    `ours` and `theirs` are their bills.
    """

    key: str
    one: str
    against: str
    name: str
    ours: Curve
    theirs: Curve
    breakeven: Breakeven

    @property
    def who(self) -> str:
        """The design in words."""
        return OURS[self.one]

    def reason(self, crossover: Crossover) -> str:
        """Why the cheaper side changes there, in words."""
        own = crossover.cheaper_above is Side.SELF
        if crossover.kind is Kind.INFEASIBLE:
            return f"{self.name if own else self.who} has its most replicas and carries no more"
        if crossover.kind is Kind.STEP:
            grows, dearer = (self.theirs, self.name) if own else (self.ours, self.who)
            cheaper = self.who if own else self.name
            if grows.stairs is not None:
                count = grows.stairs.replicas(crossover.requests_per_day * (1 + 1e-6))
                return f"replica {count:,.0f} of {dearer} is added, so {cheaper} is cheaper"
        if own:
            return f"{self.who} becomes cheaper than {self.name}"
        return f"{self.name} becomes cheaper than {self.who}"

    @property
    def leader(self) -> str:
        """Who is cheaper at the lowest volumes; everywhere, where nothing crosses."""
        return self.who if self.breakeven.regions[0].cheaper is Side.SELF else self.name

    @property
    def verdict(self) -> str:
        """How it ends: from where on the design is cheaper for good, or that it never is."""
        if self.breakeven.for_good_from is not None:
            return f"for good from {self.breakeven.for_good_from:,.0f}"
        if not self.breakeven.crossovers and self.breakeven.regions[0].cheaper is Side.API:
            return f"never up to {self.breakeven.q_max:,.0f}"
        return "not for good"


def pairs(apis: Sequence[str], designs: Collection[str]) -> tuple[tuple[str, str, str], ...]:
    """What is held against what: (key of the duel, design, other), the rig against the APIs first.

    A split and a burst are held against the first API, which part of them goes to, and the rig.
    """
    found = [(api, OWN, api) for api in apis]
    for design in designs:
        found += [(design, design, apis[0]), (f"{design}.{OWN}", design, OWN)]
    return tuple(found)


def duels(
    apis: Sequence[str],
    designs: Collection[str],
    curves: Mapping[str, Curve],
    names: Mapping[str, str],
    q_max: float,
) -> tuple[Duel, ...]:
    """All duels between the curves, up to `q_max` requests a day; `names` are the APIs'."""
    return tuple(
        Duel(
            key=key,
            one=one,
            against=against,
            name=OURS.get(against) or names[against],
            ours=curves[one],
            theirs=curves[against],
            breakeven=meet(curves[one], curves[against], q_max),
        )
        for key, one, against in pairs(apis, designs)
    )
