"""A text that opens over the panes: help, or a ledger row in full."""

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.events import Resize
from textual.screen import ModalScreen

from console.ui.draw.line import Line, text_of
from console.ui.widgets.rows import Rows

Drawn = Callable[[int], Sequence[Line]]
"""The lines of a text for a width in cells."""


class Popup(ModalScreen[None]):
    """Shows lines with a title, scrolled by the usual keys; Escape closes it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,x,question_mark,enter", "dismiss", "Close"),
        Binding("down,j", "scroll(1)", "Down"),
        Binding("up,k", "scroll(-1)", "Up"),
        Binding("ctrl+d,pagedown,space", "scroll_page(1)", "Page down"),
        Binding("ctrl+u,pageup", "scroll_page(-1)", "Page up"),
        Binding("g,home", "ends(False)", "Top"),
        Binding("G,end", "ends(True)", "Bottom"),
        Binding("y", "copy", "Copy"),
    ]

    def __init__(self, title: str, draw: Drawn) -> None:
        super().__init__()
        self._heading = title
        self._drawn = draw

    def compose(self) -> ComposeResult:
        """A box that scrolls."""
        with VerticalScroll(id="popup", can_focus=False):
            yield Rows(id="popup-rows")

    def on_mount(self) -> None:
        """Name the box and say how to leave it."""
        box = self.query_one("#popup")
        box.border_title = Content(self._heading)
        box.border_subtitle = Content("esc close · y copy")

    def on_resize(self, event: Resize) -> None:
        """Draw for the new width."""
        self.call_after_refresh(self._draw)

    def _draw(self) -> None:
        rows, box = self.query_one(Rows), self.query_one("#popup")
        lines = self._drawn(max(10, box.scrollable_content_region.width))
        rows.styles.height = max(1, len(lines))
        rows.show(lines)

    def action_scroll(self, by: int) -> None:
        """Scroll by lines."""
        self.query_one("#popup").scroll_relative(y=by, animate=False)

    def action_scroll_page(self, direction: int) -> None:
        """Scroll by half of what is shown."""
        box = self.query_one("#popup")
        box.scroll_relative(y=direction * max(1, box.size.height // 2), animate=False)

    def action_ends(self, bottom: bool) -> None:
        """Go to the top or to the bottom."""
        box = self.query_one("#popup")
        (box.scroll_end if bottom else box.scroll_home)(animate=False)

    def action_copy(self) -> None:
        """Send the text to the terminal's clipboard."""
        self.app.copy_to_clipboard(text_of(self.query_one(Rows).lines))
        self.notify("Sent to your terminal's clipboard.", markup=False)
