"""The widget under every live pane: lines of text, of which only changed cells are sent again."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import zip_longest

from rich.color import Color as RichColor
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from console.ui.draw.cells import cells_of, spans
from console.ui.draw.ink import ink
from console.ui.draw.line import Line

_GAP = 8
"""Unchanged cells between two changes that are cheaper to draw again than to skip."""


class Rows(Widget):
    """Shows lines of runs; `show` repaints the spans that differ from what is there."""

    ALLOW_SELECT = False
    DEFAULT_CSS = "Rows { height: 1fr; }"

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._lines: Sequence[Line] = ()
        self._inks: dict[str, Style] = {}
        self._base: Style | None = None

    @property
    def lines(self) -> Sequence[Line]:
        """The lines shown now."""
        return self._lines

    def show(self, lines: Sequence[Line]) -> None:
        """Replace the lines."""
        dirty = [
            Region(start, y, end - start, 1)
            for y, (old, new) in enumerate(zip_longest(self._lines, lines, fillvalue=()))
            if old != new
            for start, end in spans(cells_of(old), cells_of(new), _GAP)
        ]
        self._lines = lines
        if dirty:
            self.refresh(*dirty)

    def notify_style_update(self) -> None:
        """Look colours up again: the theme may have changed."""
        super().notify_style_update()
        self._inks, self._base = {}, None

    def render_line(self, y: int) -> Strip:
        """One line, cut or filled to the widget's width."""
        if self._base is None:
            # Textual works it out from all ancestors each time: a tenth of a console at rest.
            self._base = self.rich_style
        width, base = self.size.width, self._base
        if y >= len(self._lines):
            return Strip.blank(width, base)
        segments = [Segment(text, self._ink(style, base)) for text, style in self._lines[y]]
        return Strip(segments).adjust_cell_length(width, base)

    def _ink(self, name: str, base: Style) -> Style:
        """How the theme draws a named style on this widget's background."""
        ink = self._inks.get(name)
        if ink is None:
            ink = self._inks[name] = base + inked(name, self.app.theme_variables)
        return ink


def inked(name: str, colours: Mapping[str, str]) -> Style:
    """A named style in a theme's colours.

    Style sheets could say the same, but a rule per style and widget is most of what they take at
    the start.
    """
    colour, ground, bold = ink(name)
    return Style(
        color=None if colour is None else _colour(colours[colour]),
        bgcolor=None if ground is None else _colour(colours[ground]),
        bold=bold or None,
    )


@lru_cache(256)
def _colour(name: str) -> RichColor:
    return Color.parse(name).rich_color
