"""Lines of a grouping of the ledger: a key, a tier, and its sums."""

from collections.abc import Mapping
from dataclasses import dataclass

from console.core.entry import Totals
from console.core.query import Grouping
from console.core.tier import Tier


@dataclass(frozen=True, slots=True)
class Group:
    """The sums of one tier under one key ("" where the rows have none)."""

    key: str
    tier: Tier
    totals: Totals


def groups_of(found: Mapping[str, Mapping[Tier, Totals]], by: Grouping) -> list[Group]:
    """Sums as lines: days newest first, others the dearest first."""
    groups = [
        Group(key.strip(), tier, totals)
        for key, by_tier in found.items()
        for tier, totals in by_tier.items()
        if totals != Totals()
    ]
    if by is Grouping.DAY:
        return sorted(groups, key=lambda group: (group.key, group.tier), reverse=True)
    return sorted(
        groups, key=lambda group: (group.totals.spent_nano, group.totals.requests), reverse=True
    )
