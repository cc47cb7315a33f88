"""Totals of rows, added up one by one: what every faster way must come to."""

from console.core.entry import EnergySource, Totals
from console.core.tier import Tier
from console.core.usage import UsageSource


def scan(rows):
    return {tier: added([row for row in rows if row.tier is tier]) for tier in Tier}


def added(rows):
    ended = [row for row in rows if row.ending is not None]
    local = [row for row in ended if row.tier is Tier.LOCAL]
    paid = [row for row in rows if not (row.plan and row.tier is Tier.API)]
    return Totals(
        requests=sum(row.calls for row in rows),
        in_flight=len(rows) - len(ended),
        prompt_tokens=sum(row.usage.prompt or 0 for row in rows),
        cached_tokens=sum(row.usage.cache_read or 0 for row in rows),
        output_tokens=sum(row.usage.output or 0 for row in rows),
        spent_nano=sum(row.spent_nano or 0 for row in paid),
        loaded_nano=sum(row.loaded_nano or 0 for row in rows),
        shadow_nano=sum(row.forgone_nano or 0 for row in rows),
        saved_nano=sum(row.saved_nano or 0 for row in rows),
        saved_loaded_nano=sum(row.saved_loaded_nano or 0 for row in rows),
        plan_calls=sum(row.calls for row in rows if row.plan),
        plan_nano=sum(row.cost_nano or 0 for row in rows if row.plan),
        unpriced=sum(row.spent_nano is None for row in ended if not row.plan),
        unpriced_plan=sum(row.cost_nano is None for row in ended if row.plan),
        uncounted=sum(row.usage.total is None for row in ended),
        unloaded=sum(row.loaded_nano is None for row in local),
        unsaved=sum(row.saved_nano is None for row in local),
        unsaved_loaded=sum(row.saved_loaded_nano is None for row in local),
        estimated=sum(row.usage_source is UsageSource.ESTIMATED for row in ended),
        energy_estimated=sum(row.energy_source is EnergySource.ESTIMATED for row in rows),
        energy_allocated=sum(row.energy_source is EnergySource.ALLOCATED for row in rows),
        energy_error_nano=sum(row.energy_error_nano or 0 for row in rows),
        follow_ups=sum(row.parent is not None for row in rows),
        api_too=sum(row.api_too for row in rows),
    )
