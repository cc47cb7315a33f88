"""One value of a card in words: with its age when it is old, and why it is missing."""

from collections.abc import Sequence
from typing import NamedTuple

from console.core.gpu import Card
from console.ui.draw.bar import bar
from console.ui.draw.line import Run
from console.ui.draw.number import UNKNOWN, ago

LABEL = 9
"""Columns of the subject before the values."""

_BAR = 12
_ROOM = LABEL + 26 + _BAR
"""Columns from which bars are drawn."""

Part = Sequence[Run]
"""What stays together on a row; parts are set apart by dots."""


class Reader(NamedTuple):
    """A card with the ages and the absences of its values."""

    card: Card
    now_ms: int
    interval_s: float
    width: int

    def bar(self, share: float | None) -> list[Run]:
        """A share as a bar, where there is room for one."""
        return [(" ", ""), *bar(share, _BAR, "accent")] if self.width >= _ROOM else []

    def value(self, name: str, text: str, before: str = "", after: str = "") -> list[Run]:
        """A value with words round it; dimmed with its age when it is old, else why it is missing.

        `name` is the field of Card that decides.
        """
        if getattr(self.card, name) is None:
            word = self.card.missing.get(name)
            why = f" {word}" if word else after
            return [(f"{before}{UNKNOWN}{why}", "dim")]
        age_s = self.card.overdue_s(name, self.now_ms, self.interval_s)
        if age_s is not None:
            return [(f"{before}{text}{after} ", "dim"), (ago(age_s), "warn")]
        return [(before, "dim"), (text, ""), (after, "dim")]

    def lacking(self, *names: str) -> str | None:
        """Why none of some values is known, where it is one reason; None where any is."""
        words = {self.card.missing.get(name, "") for name in names}
        known = any(getattr(self.card, name) is not None for name in names)
        return None if known or len(words) > 1 else f"{UNKNOWN} {words.pop()}".rstrip()
