"""Models that the API no longer serves: priced is not callable."""

from datetime import date

AS_OF = "2026-11-27"
"""The day on which the list below was held against the vendor's."""

_RETIREMENTS = {
    "claude-1.3": "2024-11-06",
    "claude-1.3-100k": "2024-11-06",
    "claude-instant-1.1": "2024-11-06",
    "claude-instant-1.1-100k": "2024-11-06",
    "claude-instant-1.2": "2024-11-06",
    "claude-2.0": "2025-07-21",
    "claude-2.1": "2025-07-21",
    "claude-3-sonnet-20240229": "2025-07-21",
    "claude-3-5-sonnet-20240620": "2025-10-28",
    "claude-3-5-sonnet-20241022": "2025-10-28",
    "claude-3-5-sonnet-latest": "2025-10-28",
    "claude-3-opus-20240229": "2026-01-05",
    "claude-3-opus-latest": "2026-01-05",
    "claude-3-5-haiku-20241022": "2026-02-19",
    "claude-3-5-haiku-latest": "2026-02-19",
    "claude-3-7-sonnet-20250219": "2026-02-19",
    "claude-3-7-sonnet-latest": "2026-02-19",
    "claude-opus-4-0": "2026-06-15",
    "claude-opus-4-20250514": "2026-06-15",
    "claude-sonnet-4-0": "2026-06-15",
    "claude-sonnet-4-20250514": "2026-06-15",
    "claude-mythos-preview": "2026-06-30",
    "claude-sonnet-4-5": "2026-11-30",
    "claude-sonnet-4-5-20250929": "2026-11-30",
    "claude-opus-4-5": "2027-01-22",
    "claude-opus-4-5-20251101": "2027-01-22",
}
"""Models that a price list still has but the API stops serving, by the day it does."""


def retired(model: str, today: date) -> str | None:
    """A sentence when the API no longer serves a model, or has said when it will stop."""
    day = _RETIREMENTS.get(model.lower())
    if day is None:
        return None
    if day <= today.isoformat():
        return f"{model} was retired on {day}; name a current model."
    return f"{model} will be retired on {day}; name its successor before then."


def is_retired(model: str, day: str) -> bool:
    """Whether the API had stopped serving a model on a day (ISO)."""
    return _RETIREMENTS.get(model.lower(), "9999") <= day
