"""The line at the bottom, and the tabs of a narrow terminal, as widgets."""

from collections.abc import Mapping

from console.ui.draw.keybar import key_line, tab_line
from console.ui.keys import Context
from console.ui.widgets.rows import Rows


class KeyBar(Rows):
    """Shows the keys for where the focus is."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._what: tuple[Context | None, bool, Mapping[str, str]] = (None, False, {})

    def tell(self, context: Context | None, typing: bool, keymap: Mapping[str, str]) -> None:
        """Show what changed."""
        self._what = (context, typing, keymap)
        self.show([key_line(context, typing, keymap, self.size.width)])

    def on_resize(self) -> None:
        """Draw for the new width."""
        self.tell(*self._what)


class TabLine(Rows):
    """Shows which of the panes is on screen, where only one fits."""

    _current = 0

    def tell(self, current: int) -> None:
        """Set a pane off."""
        self._current = current
        self.show([tab_line(current, self.size.width)])

    def on_resize(self) -> None:
        """Draw for the new width."""
        self.tell(self._current)
