"""Blocks of a conversation as rows of styled cells, each drawn once for a width."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from console.core.lasting import loading
from console.ui.draw.line import STYLES, Line
from console.ui.draw.message import Block
from console.ui.draw.wrap import wrapped

if TYPE_CHECKING:
    from console.ui.draw.markdown import MarkdownPainter


class BlockPainter:
    """Draws lines and Markdown with the styles of `palette`, by the names of `line.STYLES`."""

    def __init__(self, palette: Mapping[str, Style]) -> None:
        self.palette = palette
        self._markdown: MarkdownPainter | None = None

    def rows(self, block: Block, width: int) -> list[Strip]:
        """The rows of a block; Markdown that has no layout at this width is shown as it came."""
        if block.markdown is None:
            return self._line(block.line, width)
        if self._markdown is None:
            # Not imported before the first frame: see warm_up.
            from console.ui.draw.markdown import MarkdownPainter

            self._markdown = MarkdownPainter(self.palette)
        rows = self._markdown.rows(block.markdown, width)
        if rows is None:
            lines = block.markdown.split("\n")
            return [row for line in lines for row in self._line(((line, ""),), width)]
        return [Strip(row).apply_style(self.palette[""]) for row in rows]

    def _line(self, line: Line, width: int) -> list[Strip]:
        palette = self.palette
        return [
            Strip([Segment(text, palette[style]) for text, style in row])
            for row in wrapped(line, width)
        ]


def warm_up() -> None:
    """Import what draws Markdown, which takes 0.2 s; called in a thread, ahead of need."""
    with loading():
        from console.ui.draw.markdown import MarkdownPainter

        MarkdownPainter({name: Style() for name in STYLES}).rows("`a`\n```python\nb\n```", 80)
