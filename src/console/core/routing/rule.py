"""The operator's own rule for the router, as it was written down."""

from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from console.core.tier import Tier

if TYPE_CHECKING:
    from console.core.routing.pattern import Pattern

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
KINDS = ("image", "code", "table", "text", "any")
"""Kinds of attachment."""


class Rule(NamedTuple):
    """A name, conditions that must all hold, and the tier (and model) that then serves.

    An empty condition holds always; a list holds when one of its members does. Lengths are
    characters of all that is sent, `between` minutes of the local day (past midnight when the
    second is the smaller), `path` and `tag` shell patterns.
    """

    name: str
    tier: Tier
    model: str | None = None
    longer_than: int | None = None
    shorter_than: int | None = None
    words: tuple[str, ...] = ()
    regex: "Pattern | None" = None
    attachment: tuple[str, ...] = ()
    path: tuple[str, ...] = ()
    language: tuple[str, ...] = ()
    tag: tuple[str, ...] = ()
    between: tuple[int, int] | None = None
    days: tuple[str, ...] = ()
    month_usd_over: Decimal | None = None
    gpu_over: Decimal | None = None
    queue_over: int | None = None

    @property
    def conditions(self) -> tuple[str, ...]:
        """The names of the conditions that are set."""
        return tuple(name for name in CONDITIONS if getattr(self, name) not in (None, ()))


CONDITIONS = Rule._fields[3:]
"""The conditions by name, in the order they are looked at: the cheap first, by and large."""
