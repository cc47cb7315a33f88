"""The frame of a pane: its number and name, and how it takes the focus."""

from typing import ClassVar

from textual.containers import Vertical
from textual.widget import Widget


class Pane(Vertical):
    """One of the four panes: a bordered box whose title is its key and name.

    A pane renders values it is given by its service; it tells its parent by messages.
    """

    ALLOW_MAXIMIZE = True
    number: ClassVar[int]
    name_: ClassVar[str]
    help_: ClassVar[str]
    """What the pane shows and how its figures are made, for `?`."""

    def on_mount(self) -> None:
        """Put the number and name into the border."""
        self.border_title = f"{self.number} {self.name_}"

    @property
    def target(self) -> Widget:
        """The widget that takes the focus when the pane does."""
        return self
