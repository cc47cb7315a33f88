"""The widget under every live pane: lines of text, of which only changed cells are sent again."""

from collections.abc import Sequence
from itertools import zip_longest
from typing import ClassVar

from rich.segment import Segment
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from console.ui.draw.cells import cells_of, spans
from console.ui.draw.line import STYLES, Line

_GAP = 8
"""Unchanged cells between two changes that are cheaper to draw again than to skip."""


class Rows(Widget):
    """Shows lines of runs; `show` repaints the spans that differ from what is there."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {f"rows--{style}" for style in STYLES if style}
    DEFAULT_CSS = """
    Rows {
        height: 1fr;
        & > .rows--dim { color: $dim; }
        & > .rows--faint { color: $faint; }
        & > .rows--strong { text-style: bold; }
        & > .rows--local { color: $local; }
        & > .rows--api { color: $api; }
        & > .rows--good { color: $good; }
        & > .rows--warn { color: $warn; text-style: bold; }
        & > .rows--bad { color: $bad; text-style: bold; }
        & > .rows--accent { color: $accent; }
        & > .rows--cursor { color: $cursor-text; background: $cursor; }
        & > .rows--mark { color: $background; background: $warn; text-style: bold; }
    }
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._lines: Sequence[Line] = ()

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

    def render_line(self, y: int) -> Strip:
        """One line, cut or filled to the widget's width."""
        width, base = self.size.width, self.rich_style
        if y >= len(self._lines):
            return Strip.blank(width, base)
        segments = [
            Segment(text, self.get_component_rich_style(f"rows--{style}") if style else base)
            for text, style in self._lines[y]
        ]
        return Strip(segments).adjust_cell_length(width, base)
