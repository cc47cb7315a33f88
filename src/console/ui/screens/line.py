"""One line that is asked for over the panes: Enter gives it, Escape gives nothing."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input


class LineScreen(ModalScreen[str | None]):
    """Asks for a line."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss", "Close", priority=True)]
    DEFAULT_CSS = """
    LineScreen {
        align: center bottom;
        background: $background 0%;
        & > Input { height: 3; width: 100%; max-width: 100; border: round $accent; }
        & > Input, & > Input:focus { background: $popup; border-title-color: $accent; }
    }
    """

    def __init__(self, title: str, text: str = "") -> None:
        super().__init__()
        self._heading = title
        self._text = text

    def compose(self) -> ComposeResult:
        """The field."""
        field = Input(self._text)
        field.cursor_blink = False
        field.border_title = Content(self._heading)
        yield field

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Give the line."""
        event.stop()
        self.dismiss(event.value)
