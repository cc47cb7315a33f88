"""Lines of a grouping of the ledger: a key, a tier, and its sums."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from console.core.entry import EnergySource, Entry, Totals
from console.core.query import Grouping
from console.core.tier import Tier
from console.core.usage import UsageSource


class Group(NamedTuple):
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


def sums_of(rows: Iterable[Entry]) -> dict[Tier, Totals]:
    """Rows in sum by tier, added up one by one."""
    sums = {tier: Totals() for tier in Tier}
    for row in rows:
        sums[row.tier] += _of_row(row)
    return sums


def _of_row(row: Entry) -> Totals:
    """What one row adds to a sum."""
    ended, usage, paid = row.ending is not None, row.usage, not row.plan
    local = ended and row.tier is Tier.LOCAL
    spent = row.spent_nano if paid or row.tier is Tier.LOCAL else None
    return Totals(
        requests=row.calls,
        in_flight=int(not ended),
        prompt_tokens=usage.prompt or 0,
        cached_tokens=usage.cached or 0,
        output_tokens=usage.output or 0,
        spent_nano=spent or 0,
        loaded_nano=row.loaded_nano or 0,
        shadow_nano=row.forgone_nano or 0,
        saved_nano=row.saved_nano or 0,
        saved_loaded_nano=row.saved_loaded_nano or 0,
        plan_calls=row.plan * row.calls,
        plan_nano=row.plan * (row.cost_nano or 0),
        unpriced=int(ended and paid and spent is None),
        unpriced_plan=int(ended and row.plan and row.cost_nano is None),
        uncounted=int(ended and usage.total is None),
        unloaded=int(local and row.loaded_nano is None),
        unsaved=int(local and row.saved_nano is None),
        unsaved_loaded=int(local and row.saved_loaded_nano is None),
        estimated=int(ended and row.usage_source is UsageSource.ESTIMATED),
        energy_estimated=int(row.energy_source is EnergySource.ESTIMATED),
        energy_allocated=int(row.energy_source is EnergySource.ALLOCATED),
        energy_error_nano=row.energy_error_nano or 0,
        follow_ups=int(row.parent is not None),
        api_too=int(row.api_too),
    )
