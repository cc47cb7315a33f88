"""One [[prices]] table as a price card or as terms, and one [[tariff.periods]] table."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, cast

from console.core.pricing import Multiplier, PriceCard, Terms
from console.core.tariff import TimeOfUse
from console.sources.settings_schema import CIRCUMSTANCES


def price_of(found: Mapping[str, object]) -> PriceCard | Terms:
    """The price that accepted values make; raises ValueError with what is missing."""
    values = cast(dict[str, Any], dict(found))
    factors = []
    discount, batch = values.pop("discount", None), values.pop("batch", None)
    for name in CIRCUMSTANCES:
        if (factor := values.pop(name, None)) is not None:
            factors.append(Multiplier(name, factor, name))
    if discount is not None:
        factors.append(Multiplier("discount", Decimal(1) - discount))
    multipliers = tuple(factors)
    rated = any(name in values for name in ("input", "output", *_CACHES))
    agreed = bool(factors) or batch is not None or "web_search" in values
    needed = ("model", "input", "output") if rated or not agreed else ("model",)
    if missing := [name for name in needed if name not in values]:
        raise ValueError(f"this price lacks {' and '.join(missing)}")
    if not rated:
        return Terms(multipliers=multipliers, batch=batch, **values)
    card = PriceCard(multipliers=multipliers, **values)
    return card if batch is None else card.with_batch(batch)


def period_of(found: Mapping[str, object]) -> TimeOfUse:
    """The time of use that accepted values make; raises ValueError with what is missing."""
    if "usd_per_kwh" not in found:
        raise ValueError("this period lacks usd_per_kwh")
    names = {"from": "start", "to": "end"}
    values = {names.get(name, name): value for name, value in found.items()}
    return TimeOfUse(**cast(dict[str, Any], values))


_CACHES = ("cache_read", "cache_write_5m", "cache_write_1h")
