"""The line at the top, as a widget."""

from console.ui.draw.status import Glance, status_line
from console.ui.widgets.rows import Rows


class StatusLine(Rows):
    """Shows a glance in one line."""

    glance: Glance | None = None

    def look(self, glance: Glance) -> None:
        """Show what changed."""
        self.glance = glance
        if self.size.width:
            self.show([status_line(glance, self.size.width)])

    def on_resize(self) -> None:
        """Draw for the new width."""
        if self.glance is not None:
            self.look(self.glance)
