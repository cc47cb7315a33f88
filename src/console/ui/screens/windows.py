"""What opens over the panes; the screen imports this, and all it brings, for the first of them."""

from collections.abc import Mapping

from console.services.console import Console
from console.ui.draw.entry import entry_lines, sum_lines
from console.ui.draw.help import help_lines
from console.ui.keys import Context
from console.ui.messages import Answer, AskLine, Explain, ExplainSum
from console.ui.panes.chat import ChatPane
from console.ui.screens.chats import ChatsScreen
from console.ui.screens.compare import CompareScreen
from console.ui.screens.line import LineScreen
from console.ui.screens.popup import Popup
from console.ui.widgets.pane import Pane


def row(message: Explain, zone: str) -> Popup:
    """A ledger row in full."""
    entry, family = message.entry, message.family
    return Popup(f"Request {entry.id}", lambda width: entry_lines(entry, family, zone, width))


def total(message: ExplainSum) -> Popup:
    """What a sum is made of and what it leaves out."""
    tier, totals = message.tier, message.totals
    title = f"{message.name or '-'}, {tier}"
    return Popup(title, lambda width: sum_lines(totals, tier, width))


def answer(message: Answer) -> Popup:
    """Lines that a pane has drawn."""
    return Popup(message.title, message.drawn)


def pane_help(pane: Pane, context: Context, keymap: Mapping[str, str]) -> Popup:
    """What a pane is, and its keys."""
    text = pane.help_
    return Popup(f"Help: {pane.place.name}", lambda width: help_lines(text, context, keymap, width))


def line(message: AskLine) -> LineScreen:
    """A line to be typed."""
    return LineScreen(message.title, message.text)


def comparison(message: ChatPane.Compare, console: Console) -> CompareScreen:
    """Both tiers' replies and nothing else until a verdict."""
    conversation = message.chat.conversation
    system = conversation.system
    return CompareScreen(
        console.comparer,
        console.clock,
        message.blind,
        conversation=conversation.id,
        system=system.text if system else None,
        system_name=system.name if system else None,
        models=conversation.models,
        demo=console.demo,
    )


def chats(pane: ChatPane, words: str, console: Console) -> ChatsScreen:
    """The conversations that hold these words."""
    return ChatsScreen(console.archive, pane.kept, console.clock, words)
