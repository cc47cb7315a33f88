"""Conversations as they are kept and found again."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from console.core.chat import SystemPrompt
from console.core.exchange import Exchange
from console.core.tier import Tier


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A conversation with all that was said in it, oldest first; times are UTC milliseconds.

    `pinned` says why nothing of it may leave the box, `waived` for what it was let go. `models`
    are those chosen in the place of a tier's own.
    """

    id: str
    title: str = ""
    created_ms: int = 0
    updated_ms: int = 0
    pinned: str | None = None
    waived: frozenset[str] = frozenset()
    system: SystemPrompt | None = None
    models: Mapping[Tier, str] = field(default_factory=dict)
    exchanges: tuple[Exchange, ...] = ()


class Listed(NamedTuple):
    """One conversation of a list; `messages` counts what the operator sent.

    `found` is a piece of what a search found in it, with `…` where the text goes on.
    """

    id: str
    title: str
    updated_ms: int
    messages: int
    pinned: str | None = None
    found: str = ""
