"""What panes tell the screen they stand on."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from textual.message import Message

from console.core.entry import Entry, Totals
from console.core.tier import Tier
from console.services.books import Page
from console.ui.draw.line import Line


@dataclass
class BooksRead(Message):
    """The ledger was read: here are its newest rows and its totals."""

    page: Page

    def can_replace(self, message: Message) -> bool:
        """The newest reading stands for all before it."""
        return isinstance(message, BooksRead)


@dataclass
class Say(Message):
    """A sentence for the operator, as a toast."""

    text: str
    trouble: bool = False


@dataclass
class ExplainSum(Message):
    """The operator wants to see what a sum is made of."""

    name: str
    tier: Tier
    totals: Totals


@dataclass
class Explain(Message):
    """The operator wants to see a ledger row in full, with those that belong together with it."""

    entry: Entry
    family: Sequence[Entry] = ()


@dataclass
class Answer(Message):
    """Lines to open over the panes, drawn for whatever width there is."""

    title: str
    drawn: Callable[[int], Sequence[Line]]


@dataclass
class CopyText(Message):
    """Text for the terminal's clipboard."""

    text: str
