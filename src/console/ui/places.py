"""The four panes: their numbers, names and contexts."""

from typing import NamedTuple

from console.ui.keys import Context


class Place(NamedTuple):
    """A pane's number, which is its key, its name, and the context of its keys."""

    number: int
    name: str
    context: Context


GPU = Place(1, "GPU", Context.GPU)
LEDGER = Place(2, "Ledger", Context.LEDGER)
CHAT = Place(3, "Chat", Context.CHAT)
WHATIF = Place(4, "What-if", Context.WHATIF)

PLACES = {place.number: place for place in (GPU, LEDGER, CHAT, WHATIF)}
"""Every pane, by its number."""


def left(remembered: object) -> Place:
    """The pane that was left, from what the state has of it; else the chat."""
    return PLACES.get(remembered, CHAT) if isinstance(remembered, int) else CHAT


def title(place: Place, *parts: str) -> str:
    """What stands in a pane's border: its number and name, then what there is to say."""
    return " · ".join([f"{place.number} {place.name}", *filter(None, parts)])
