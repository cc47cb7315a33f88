"""The lines above the prompt: what travels with the text, where it would go, or why it did not."""

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import Vertical

from console.core.chat import Attachment
from console.core.text import one_line
from console.ui.draw.line import Line
from console.ui.draw.message import chips_line
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

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._attached = Rows(classes="attached")
        self._aim = Rows(classes="aim")
        self._told: tuple[str, Line] | None = None

    def compose(self) -> ComposeResult:
        """Both lines."""
        yield self._attached
        yield self._aim

    def show(self, text: str, aim: Line, attachments: Sequence[Attachment]) -> None:
        """Show where `text` would go; a sentence told about the same text stays."""
        if self._told and self._told[0] != text:
            self._told = None
        self._aim.show([self._told[1] if self._told else aim])
        self.set_class(bool(attachments), "-attached")
        self._attached.show([chips_line(attachments)] if attachments else [])

    def tell(self, sentence: str, text: str) -> None:
        """Say something instead, until the text in the prompt is another than `text`."""
        self._told = (text, ((one_line(sentence), "warn"),))
        self._aim.show([self._told[1]])
