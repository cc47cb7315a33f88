"""The lines above the prompt: what travels with the text, where it would go, or why it did not."""

from collections.abc import Callable

from textual.app import ComposeResult
from textual.containers import Vertical

from console.core.text import one_line
from console.services.chat import ChatServices
from console.services.conversation import Conversation
from console.services.estimate import Estimate
from console.ui.commands import hint_line, is_typed
from console.ui.draw.aim import chips_line, confirm_line, preview_line, wrong_line
from console.ui.draw.line import Line
from console.ui.draw.wrap import wrapped
from console.ui.widgets.rows import Rows

TELL_S = 10.0
"""How long a sentence stands where the aim is."""

MOST_ROWS = 3
"""Rows that the aim, or a sentence in its place, may take."""


class Aim(Vertical):
    """A line of what is attached, when something is, and a line of where the text would go."""

    DEFAULT_CSS = """
    Aim {
        height: auto;
        border-top: solid $dim 40%;
        & > Rows { height: 1; }
        & > .attached { display: none; }
    }
    """

    def __init__(self, services: ChatServices, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._services = services
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
        self._unsubscribe = self._services.health.subscribe(self._again)

    def on_unmount(self) -> None:
        """Stop following."""
        self._unsubscribe()

    def on_resize(self) -> None:
        """Draw for the new width."""
        self._again()

    def show(self, text: str, conversation: Conversation) -> None:
        """Show where `text` would go now; a sentence told about the same text stays."""
        self._shown = (text, conversation)
        if self._told and self._told[0] != text:
            self._told = None
        self._show_line(self._told[1] if self._told else self._line(text, conversation))
        self.show_attached(conversation)

    def show_attached(self, conversation: Conversation) -> None:
        """Show what travels with the next message; where it goes is not looked at again."""
        attachments = conversation.attachments
        self._attached.display = bool(attachments)
        self._attached.show([chips_line(attachments)] if attachments else [])

    def tell(self, sentence: str, text: str, style: str = "warn") -> None:
        """Say something instead, for a while or until the prompt is another than `text`."""
        line = ((one_line(sentence), style),)
        self._say(line, text)
        self.set_timer(TELL_S, lambda: self._hush(line))

    def confirm(self, estimate: Estimate, text: str) -> None:
        """Say what a request may cost, and which key sends it."""
        self._say(confirm_line(estimate, self._services.confirm_above_nano or 0), text)

    def _say(self, line: Line, text: str) -> None:
        self._told = (text, line)
        self._show_line(line)

    def _show_line(self, line: Line) -> None:
        """Show a line in as many rows as it needs: what is wrong is not to be cut."""
        rows = wrapped(line, self.size.width)[:MOST_ROWS] if self.size.width else [line]
        self._aim.styles.height = len(rows)
        self._aim.show([tuple(row) for row in rows])

    def _hush(self, line: Line) -> None:
        if self._told and self._told[1] is line:
            self._told = None
            self._again()

    def _again(self) -> None:
        if self._shown and self.is_mounted:
            self.show(*self._shown)

    def _line(self, text: str, conversation: Conversation) -> Line:
        if is_typed(text):
            return hint_line(text)
        services, request = self._services, conversation.request(text)
        system = conversation.system.text if conversation.system else None
        decision = services.dispatcher.decide(request, system=system, conversation=conversation.id)
        if decision.tier is None:
            return preview_line(decision)
        standing = services.health.standings[decision.tier]
        trouble = standing.trouble if standing.ok is False else None
        wrong = services.dispatcher.live.trouble
        if not text and not conversation.attachments:
            return preview_line(decision, None, trouble) if wrong is None else wrong_line(wrong)
        if wrong is not None:
            trouble = "the settings file is wrong, so what held before still holds"
        estimate = services.estimator.look(
            request.prompt(system),
            decision.tier,
            conversation.models.get(decision.tier) or decision.model,
            self._again,
        )
        return preview_line(decision, estimate, trouble, self.size.width)
