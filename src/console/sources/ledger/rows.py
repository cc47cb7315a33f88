"""An entry as the columns of its row, and back."""

from collections.abc import Mapping
from operator import attrgetter
from typing import Any

from console.core.entry import Ending, EnergySource, Entry, Price
from console.core.period import local_day
from console.core.tier import Tier
from console.core.usage import Usage, UsageSource

TOKENS = {
    "uncached_tokens": "uncached",
    "cache_read_tokens": "cache_read",
    "cache_write_5m_tokens": "cache_write_5m",
    "cache_write_1h_tokens": "cache_write_1h",
    "output_tokens": "output",
    "reasoning_tokens": "reasoning",
    "web_searches": "web_searches",
}
"""Token columns by the bucket each holds."""

_OPENED = (
    "id", "started_ms", "zone", "tier", "provider", "model", "policy", "reason", "decision",
    "conversation", "parent", "tag", "system_name", "system_hash", "prompt_chars", "prompt_bytes",
    "calls", "origin",
)  # fmt: skip
_SAME = (
    *_OPENED, "ended_ms", "ending", "error", "ttft_ms", "model_reported", "model_digest",
    "response_id", "usage_source", "usage_raw", "reply_chars", "reply_bytes", "energy_source",
    "tariff_usd_per_kwh", "hardware_rule",
)  # fmt: skip
_RENAMED = {
    "cost_nano_usd": "cost_nano",
    "energy_joules": "energy_j",
    "energy_error_joules": "energy_error_j",
    "energy_nano_usd": "energy_nano",
    "shadow_nano_usd": "shadow_nano",
    "hardware_nano_usd": "hardware_nano",
}
_PRICE = ("source", "effective", "rates", "multipliers")

COLUMNS = (
    *_OPENED, "day", "plan", *_SAME[len(_OPENED) :], *_RENAMED, *TOKENS,
    *(f"price_{part}" for part in _PRICE), *(f"shadow_price_{part}" for part in _PRICE),
)  # fmt: skip
"""What `values` tells of an entry: all columns but the owner's, and `api_too`, which triggers keep.

The first `KNOWN_AT_OPENING` are known before the request's first byte leaves.
"""

KNOWN_AT_OPENING = len(_OPENED) + 2

_at_opening = attrgetter(*_OPENED)
_at_end = attrgetter(
    *_SAME[len(_OPENED) :], *_RENAMED.values(), *(f"usage.{name}" for name in TOKENS.values())
)
_of_price = attrgetter(*_PRICE)
_NO_PRICE = (None,) * len(_PRICE)


def values(entry: Entry) -> tuple[Any, ...]:
    """The columns of an entry in the order of `COLUMNS`."""
    price, shadow = entry.price, entry.shadow_price
    return (
        *_at_opening(entry),
        local_day(entry.started_ms, entry.zone),
        int(entry.plan),
        *_at_end(entry),
        *(_NO_PRICE if price is None else _of_price(price)),
        *(_NO_PRICE if shadow is None else _of_price(shadow)),
    )


def to_row(entry: Entry) -> dict[str, Any]:
    """The columns of an entry by name."""
    return dict(zip(COLUMNS, values(entry), strict=True))


def to_entry(row: Mapping[str, Any]) -> Entry:
    """The entry of a row."""
    fields: dict[str, Any] = {name: row[name] for name in _SAME}
    fields |= {name: row[column] for column, name in _RENAMED.items()}
    fields["tier"] = Tier(row["tier"])
    fields["ending"] = None if row["ending"] is None else Ending(row["ending"])
    fields["usage_source"] = UsageSource(row["usage_source"])
    source = row["energy_source"]
    fields["energy_source"] = None if source is None else EnergySource(source)
    fields["usage"] = Usage(**{bucket: row[column] for column, bucket in TOKENS.items()})
    for prefix in ("price", "shadow_price"):
        if row[f"{prefix}_source"] is not None:
            fields[prefix] = Price(
                row[f"{prefix}_source"],
                row[f"{prefix}_effective"],
                row[f"{prefix}_rates"],
                row[f"{prefix}_multipliers"],
            )
    fields["plan"] = bool(row["plan"])
    fields["api_too"] = bool(row["api_too"])
    return Entry(**fields)
