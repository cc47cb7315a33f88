"""The lines above the prompt: what travels with the text, where it would go, or why it did not."""

from collections.abc import Callable

from textual.app import ComposeResult
from textual.containers import Vertical

from console.core.text import one_line
from console.services.conversation import Conversation
from console.services.dispatcher import Dispatcher
from console.services.health import Health
from console.ui.commands import hint_line
from console.ui.draw.line import Line
from console.ui.draw.message import chips_line, preview_line
from console.ui.widgets.rows import Rows


class Aim(Vertical):
    """A line of what is attached, when something is, and a line of where the text would go."""

    DEFAULT_CSS = """
    Aim {
        height: auto;
        border-top: solid $dim 40%;
        & > Rows { height: 1; }
        & > .attached { display: none; }
        &.-attached > .attached { display: block; }
    }
    """

    def __init__(self, dispatcher: Dispatcher, health: Health, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._dispatcher = dispatcher
        self._health = health
        self._attached = Rows(classes="attached")
        self._aim = Rows(classes="aim")
        self._shown: tuple[str, Conversation] | None = None
        self._told: tuple[str, Line] | None = None
        self._unsubscribe: Callable[[], None] = lambda: None

    def compose(self) -> ComposeResult:
        """Both lines."""
        yield self._attached
        yield self._aim

    def on_mount(self) -> None:
        """Follow the tiers' health."""
        self._unsubscribe = self._health.subscribe(self._again)

    def on_unmount(self) -> None:
        """Stop following."""
        self._unsubscribe()

    def show(self, text: str, conversation: Conversation) -> None:
        """Show where `text` would go now; a sentence told about the same text stays."""
        self._shown = (text, conversation)
        if self._told and self._told[0] != text:
            self._told = None
        self._aim.show([self._told[1] if self._told else self._line(text, conversation)])
        attachments = conversation.attachments
        self.set_class(bool(attachments), "-attached")
        self._attached.show([chips_line(attachments)] if attachments else [])

    def tell(self, sentence: str, text: str) -> None:
        """Say something instead, until the text in the prompt is another than `text`."""
        self._told = (text, ((one_line(sentence), "warn"),))
        self._aim.show([self._told[1]])

    def _again(self) -> None:
        if self._shown:
            self.show(*self._shown)

    def _line(self, text: str, conversation: Conversation) -> Line:
        if text.startswith("/") and "\n" not in text:
            return hint_line(text)
        decision = self._dispatcher.decide(conversation.request(text))
        standing = self._health.standings[decision.tier] if decision.tier else None
        return preview_line(decision, standing.trouble if standing and not standing.ok else None)
