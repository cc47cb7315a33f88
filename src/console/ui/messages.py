"""What panes tell the screen they stand on."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from textual.message import Message

from console.core.entry import Entry, Totals
from console.core.tier import Tier
from console.services.page import Page
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
class AskLine(Message):
    """A pane wants one line of text; `done` gets it, or None."""

    title: str
    text: str
    done: Callable[[str | None], None]


@dataclass
class KeepText(Message):
    """Text for a file of its own."""

    text: str


@dataclass
class CopyText(Message):
    """Text for the terminal's clipboard."""

    text: str


@dataclass
class ListChats(Message):
    """The operator looks for a conversation, perhaps one that holds these words."""

    words: str = ""


@dataclass
class EditText(Message):
    """The operator wants to write in an editor of theirs.

    `done` is called with the text, or None, and with a sentence when it could not be.
    """

    text: str
    done: Callable[[str | None, str | None], None]
