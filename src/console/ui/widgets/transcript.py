"""The scrolling text of a conversation: rows drawn once, of which only changed ones are sent."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Protocol

from rich.segment import Segment
from rich.style import Style
from textual.events import Resize
from textual.geometry import Size
from textual.message import Message as UiMessage
from textual.scroll_view import ScrollView
from textual.strip import Strip

from console.ui.draw.line import STYLES, Line
from console.ui.draw.message import Block
from console.ui.draw.wrap import wrapped

if TYPE_CHECKING:
    from console.ui.draw.markdown import MarkdownPainter


class Message(Protocol):
    """Something said, as blocks; a block that has not changed is the same object again."""

    @property
    def blocks(self) -> Sequence[Block]:
        """What to show now."""


@dataclass(slots=True)
class _Cell:
    """A block and the rows it has at a width."""

    block: Block
    width: int
    rows: list[Strip]


class Transcript(ScrollView):
    """Shows messages, follows the end while the reader is there, and stays put when not."""

    can_focus = True
    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {f"transcript--{style}" for style in STYLES if style}
    DEFAULT_CSS = """
    Transcript {
        height: 1fr;
        overflow-x: hidden;
        overflow-y: scroll;
        scrollbar-size: 0 0;
        & > .transcript--dim { color: $dim; }
        & > .transcript--strong { text-style: bold; }
        & > .transcript--local { color: $local; }
        & > .transcript--api { color: $api; }
        & > .transcript--good { color: $good; }
        & > .transcript--warn { color: $warn; text-style: bold; }
        & > .transcript--bad { color: $bad; text-style: bold; }
        & > .transcript--accent { color: $accent; }
        & > .transcript--cursor { color: $cursor-text; background: $cursor; }
    }
    """
    REFLOW_ROWS = 400
    """Rows laid out again in one go after a change of width; the rest follow when idle."""

    class Moved(UiMessage):
        """The number of rows below what is shown has changed."""

        def __init__(self, below: int) -> None:
            super().__init__()
            self.below = below

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._cells: dict[Message, list[_Cell]] = {}
        self._rows: list[Strip] = []
        self._palette: dict[str, Style] = {}
        self._painter: MarkdownPainter | None = None
        self._below = 0

    @property
    def below(self) -> int:
        """Rows below what is shown."""
        return self._below

    @property
    def following(self) -> bool:
        """Whether the end is in view."""
        return self.scroll_offset.y >= self.max_scroll_y

    def show(self, messages: Iterable[Message]) -> None:
        """Show these messages instead, from their end."""
        self._cells = {message: [] for message in messages}
        self._splice(0, len(self._rows), [], end=True)
        if self._width:
            for message in self._cells:
                self.redraw(message)
            self._to_end()

    def add(self, message: Message) -> None:
        """Show one more message, and go to the end."""
        self._cells[message] = []
        self._to_end()
        self.redraw(message)
        self._to_end()

    def redraw(self, message: Message) -> None:
        """Bring a message that is shown up to date; blocks it had before are not drawn again."""
        if not self._width or message not in self._cells:
            return
        cells, blocks = self._cells[message], message.blocks
        same = 0
        for cell, block in zip(cells, blocks, strict=False):
            if cell.block is not block:
                break
            same += 1
        if same == len(cells) == len(blocks):
            return
        start = self._start(message) + sum(len(cell.rows) for cell in cells[:same])
        old = sum(len(cell.rows) for cell in cells[same:])
        cells[same:] = [self._draw(block) for block in blocks[same:]]
        self._splice(start, old, [row for cell in cells[same:] for row in cell.rows])

    def render_line(self, y: int) -> Strip:
        """One row, cut or filled to the widget's width."""
        y += self.scroll_offset.y
        if y >= len(self._rows):
            return Strip.blank(self.size.width, self.rich_style)
        return self._rows[y].adjust_cell_length(self.size.width, self.rich_style)

    def on_resize(self, event: Resize) -> None:
        """Lay everything out for the new width, what is in view first."""
        if self._below == 0:
            self._to_end()
        self._reflow()

    def notify_style_update(self) -> None:
        """Draw everything again in the theme's new colours."""
        super().notify_style_update()
        if self._palette and self._palette != self._styles():
            self._palette, self._painter = {}, None
            for cell in self._every_cell():
                cell.width = 0
            self._reflow()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Tell how much is out of view below."""
        super().watch_scroll_y(old_value, new_value)
        self._tell_below()

    @property
    def _width(self) -> int:
        return self.size.width

    def _start(self, message: Message) -> int:
        """The first row of a message; quick for the last ones, which change."""
        start = len(self._rows)
        for other in reversed(self._cells):
            start -= sum(len(cell.rows) for cell in self._cells[other])
            if other is message:
                break
        return start

    def _every_cell(self) -> Iterator[_Cell]:
        """All cells, the newest first."""
        for cells in reversed(self._cells.values()):
            yield from reversed(cells)

    def _splice(self, start: int, old: int, rows: list[Strip], *, end: bool = False) -> None:
        """Put rows in the place of `old` ones without moving what the reader looks at."""
        follow, top = end or self.following, self.scroll_offset.y
        self._rows[start : start + old] = rows
        grown = len(rows) - old
        if grown:
            self.virtual_size = Size(self._width, len(self._rows))
        if follow:
            self._to_end()
        elif grown and start + old <= top:
            self.scroll_to(y=top + grown, animate=False)
        # When the view moves, all of it is sent again anyway.
        if self.scroll_offset.y == top:
            self.refresh_lines(start, max(old, len(rows)))
        self._tell_below()

    def _to_end(self) -> None:
        self.scroll_to(y=self.max_scroll_y, animate=False)

    def _tell_below(self) -> None:
        below = max(0, len(self._rows) - self.scroll_offset.y - self.size.height)
        if below != self._below:
            self._below = below
            self.post_message(self.Moved(below))

    def _reflow(self) -> None:
        """Lay out cells of another width, some hundred rows at a time, from the end up."""
        if not self._width:
            return
        for message, cells in self._cells.items():
            if not cells:
                self.redraw(message)
        done, row = 0, len(self._rows)
        for cell in self._every_cell():
            row -= len(cell.rows)
            if cell.width == self._width:
                continue
            if done > self.REFLOW_ROWS and row < self.scroll_offset.y:
                self.call_later(self._reflow)
                return
            old = len(cell.rows)
            drawn = self._draw(cell.block)
            cell.width, cell.rows = drawn.width, drawn.rows
            self._splice(row, old, cell.rows)
            done += len(cell.rows)

    def _draw(self, block: Block) -> _Cell:
        rows = self._block_rows(block)
        return _Cell(block, self._width, [Strip.blank(0), *rows] if block.gap else rows)

    def _block_rows(self, block: Block) -> list[Strip]:
        if block.markdown is None:
            return self._line_rows(block.line)
        rows = self._markdown().rows(block.markdown, self._width)
        if rows is None:
            lines = block.markdown.split("\n")
            return [row for line in lines for row in self._line_rows(((line, ""),))]
        return [Strip(row).apply_style(self.rich_style) for row in rows]

    def _line_rows(self, line: Line) -> list[Strip]:
        palette = self._styled()
        return [
            Strip([Segment(text, palette[style]) for text, style in row])
            for row in wrapped(line, self._width)
        ]

    def _markdown(self) -> "MarkdownPainter":
        if self._painter is None:
            # Markdown and syntax highlighting take 0.15 s to import: not before the first frame.
            from console.ui.draw.markdown import MarkdownPainter

            self._painter = MarkdownPainter(self._styled())
        return self._painter

    def _styled(self) -> dict[str, Style]:
        if not self._palette:
            self._palette = self._styles()
        return self._palette

    def _styles(self) -> dict[str, Style]:
        named = {
            name: self.get_component_rich_style(f"transcript--{name}") for name in STYLES if name
        }
        return {"": self.rich_style, **named}
