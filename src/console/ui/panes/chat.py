"""The chat pane: each request goes where the router sends it."""

from textual.app import ComposeResult

from console.services.console import Console
from console.ui.keys import Context, bindings
from console.ui.widgets.pane import Pane
from console.ui.widgets.rows import Rows


class ChatPane(Pane):
    """A conversation whose every reply names its tier and the reason."""

    can_focus = True
    BINDINGS = bindings(Context.CHAT)
    number = 3
    name_ = "Chat"
    help_ = "Type a task; Enter sends it to the tier the router chooses."

    def __init__(self, console: Console, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._services = console

    def compose(self) -> ComposeResult:
        """One block of lines."""
        yield Rows(id="chat-rows")

    def action_tier(self) -> None:
        """Who serves the next request."""

    def action_pin(self) -> None:
        """Keep the conversation on the box."""

    def action_attach(self) -> None:
        """Send a file along."""

    def action_new(self) -> None:
        """Start over."""
