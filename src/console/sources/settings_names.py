"""The names that settings have, and which of them was meant by one that is none."""

from collections.abc import Iterable
from difflib import get_close_matches

from console.sources.settings_schema import SETTINGS

BY_NAME = {setting.name: setting for setting in SETTINGS}
SECTIONS = {
    ".".join(parts[:length])
    for parts in (setting.section.split(".") for setting in SETTINGS if setting.section)
    for length in range(1, len(parts) + 1)
}
"""The tables that settings stand in."""


def names_in(section: str) -> list[str]:
    """What may stand directly in a table; "" is the top."""
    names = (*BY_NAME, *sorted(SECTIONS), "prices", "tariff.periods", "router.rules", "keys")
    return [key for above, _, key in (name.rpartition(".") for name in names) if above == section]


def elsewhere(key: str, cutoff: float = 0.6) -> str | None:
    """The full name of a setting whose last part is like `key`."""
    near = nearest(key, {setting.key for setting in SETTINGS}, cutoff)
    return next((setting.name for setting in SETTINGS if setting.key == near), None)


def nearest(typed: str, known: Iterable[str], cutoff: float = 0.6) -> str | None:
    """The known name most like what was typed, in its own case; None when none is like it."""
    by_lower = {name.lower(): name for name in known}
    near = get_close_matches(typed.lower(), by_lower, 1, cutoff)
    return by_lower[near[0]] if near else None


def ended(sentence: str, near: str | None) -> str:
    """A sentence to its end, with what was meant if that is known."""
    return f'{sentence}; did you mean "{near}"?' if near else f"{sentence}."
