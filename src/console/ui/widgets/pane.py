"""The frame of a pane: its number and name, and how it takes the focus."""

from typing import ClassVar

from textual.containers import Vertical
from textual.content import Content
from textual.widget import Widget

from console.ui.draw.line import text_of
from console.ui.places import Place, title
from console.ui.widgets.rows import Rows


class Pane(Vertical):
    """One of the four panes: a bordered box whose title is its key and name.

    A pane renders values it is given by its service; it tells its parent by messages.
    """

    ALLOW_MAXIMIZE = True
    place: ClassVar[Place]
    help_: ClassVar[str]
    """What the pane shows and how its figures are made, for `?`."""

    _title: str | None = None

    def on_mount(self) -> None:
        """Put the number and name into the border, where the pane itself has not yet."""
        if self._title is None:
            self.entitle()

    def entitle(self, *parts: str) -> None:
        """Put parts behind the number and name in the border.

        A new title sends the whole pane again, so it holds only what rarely changes.
        """
        now = title(self.place, *parts)
        if self._title != now:
            self._title = now
            self.border_title = Content(now)

    @property
    def number(self) -> int:
        """Its number, which is its key."""
        return self.place.number

    @property
    def target(self) -> Widget:
        """The widget that takes the focus when the pane does."""
        return self

    @property
    def copied(self) -> str:
        """What the copy key sends to the clipboard."""
        return "\n\n".join(text_of(rows.lines) for rows in self.query(Rows))

    def step_back(self) -> bool:
        """Take one step back inside the pane (Escape); false when there was none to take."""
        return False
