"""The scrolling text of a conversation: rows drawn once, of which only changed ones are sent."""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Protocol

from rich.style import Style
from textual import work
from textual.events import Resize
from textual.geometry import Size
from textual.message import Message as UiMessage
from textual.scroll_view import ScrollView
from textual.strip import Strip

from console.ui.draw.line import STYLES
from console.ui.draw.message import Block
from console.ui.widgets.painter import BlockPainter, warm_up


class Message(Protocol):
    """Something said, as blocks; a block that has not changed is the same object again."""

    unfolded: bool
    """Whether `thoughts` are shown."""

    @property
    def blocks(self) -> Sequence[Block]:
        """What to show now."""

    @property
    def text(self) -> str:
        """What copying it gives."""

    @property
    def thoughts(self) -> str:
        """What the model thought, apart from the reply."""


@dataclass(slots=True)
class _Cell:
    """A block and the rows it has at a width; none yet at width 0."""

    block: Block
    width: int = 0
    rows: list[Strip] = field(default_factory=list)


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
        & > .transcript--mark { background: $popup; }
    }
    """
    ROOM = 2 / 3
    """Share of the view that is at most kept empty below text that grows past its end: what comes
    fills rows that stay where they are, and only now and then is all of the view sent again. The
    first time it is a few rows, twice as many each time after that."""
    FIRST_ROOM = 3
    AT_ONCE = 8
    """Blocks out of view that are drawn in one go; the others follow, the newest first."""

    class Moved(UiMessage):
        """The number of rows below what is shown has changed."""

        def __init__(self, below: int) -> None:
            super().__init__()
            self.below = below

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._cells: dict[Message, list[_Cell]] = {}
        self._rows: list[Strip] = []
        self._painter: BlockPainter | None = None
        self._below = 0
        self._room = 0
        """Empty rows below the last one."""
        self._next_room = self.FIRST_ROOM
        self._warm = False

    def warm_up(self) -> None:
        """Import what draws Markdown, which takes 0.2 s, off the event loop and ahead of need."""
        if not self._warm:
            self._warm = True
            self.run_worker(warm_up, thread=True, group="warm-up", exit_on_error=False)

    @property
    def messages(self) -> Sequence[Message]:
        """The messages that are shown."""
        return tuple(self._cells)

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
        self._room = 0
        self._cells = {message: [_Cell(block) for block in message.blocks] for message in messages}
        self._splice(0, len(self._rows), [], end=True)
        self._reflow()

    def add(self, message: Message) -> None:
        """Show one more message, and go to the end."""
        self._cells[message] = []
        self._make_room(0)
        self._next_room = self.FIRST_ROOM
        self._to_end()
        self.redraw(message)

    def redraw(self, message: Message) -> None:
        """Bring a message that is shown up to date; blocks it had before are not drawn again."""
        if message not in self._cells:
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
        cells[same:] = [_Cell(block) for block in blocks[same:]]
        if len(cells) - same <= self.AT_ONCE:
            for cell in cells[same:]:
                self._draw(cell)
        self._splice(start, old, [row for cell in cells[same:] for row in cell.rows])
        if len(cells) - same > self.AT_ONCE:
            self._reflow()

    def rows_of(self, message: Message, first: int, end: int) -> range:
        """The rows of some blocks of a message, as far as they are drawn."""
        cells = self._cells.get(message, [])
        start = self._start(message) + sum(len(cell.rows) for cell in cells[:first])
        if first < len(cells) and cells[first].block.gap and cells[first].rows:
            start += 1
        stop = self._start(message) + sum(len(cell.rows) for cell in cells[:end])
        return range(start, stop)

    def page(self, pages: int) -> None:
        """Move by pages; one row of the old stays in view."""
        self.scroll_relative(y=pages * max(1, self.size.height - 1), animate=False)

    def render_line(self, y: int) -> Strip:
        """One row, cut or filled to the widget's width."""
        y += self.scroll_offset.y
        if y >= len(self._rows):
            return Strip.blank(self.size.width, self.rich_style)
        return self._rows[y].adjust_cell_length(self.size.width, self.rich_style)

    def on_resize(self, event: Resize) -> None:
        """Lay everything out for the new width, what is in view first."""
        if self._below == 0:
            self._make_room(0)
            self._to_end()
        self._reflow()

    def notify_style_update(self) -> None:
        """Draw everything again in the theme's new colours."""
        super().notify_style_update()
        if self._painter is not None:
            # The styles of the parts follow the widget's own.
            self.call_later(self._restyle)

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
            self._make_room(self._room - grown if follow and not end else self._room)
        if follow:
            self._to_end()
        elif grown and start + old <= top:
            self.scroll_to(y=top + grown, animate=False)
        # When the view moves, all of it is sent again anyway.
        if self.scroll_offset.y == top:
            self.refresh_lines(start, max(old, len(rows)))
        self._tell_below()

    def _make_room(self, rows: int) -> None:
        """Have empty rows below the last one; where they would be fewer than none, many."""
        if rows < 0 and len(self._rows) > self.size.height:
            most = int(self.size.height * self.ROOM)
            rows = min(self._next_room, most)
            self._next_room = min(2 * self._next_room, max(most, 1))
        rows = max(rows, 0)
        self._room = rows
        self.virtual_size = Size(self._width, len(self._rows) + rows)

    def _to_end(self) -> None:
        self.scroll_to(y=self.max_scroll_y, animate=False)

    def _tell_below(self) -> None:
        below = max(0, len(self._rows) - self.scroll_offset.y - self.size.height)
        if below != self._below:
            self._below = below
            self.post_message(self.Moved(below))

    def _restyle(self) -> None:
        if self._painter is not None and self._painter.palette != self._styles():
            self._painter = None
            for cell in self._every_cell():
                cell.width = 0
            self._reflow()

    def _reflow(self) -> None:
        """Draw what is in view now, and the rest while nothing else is to do."""
        if self._draw_some():
            self._draw_rest()

    @work(exclusive=True, group="reflow", exit_on_error=False)
    async def _draw_rest(self) -> None:
        for _ in iter(self._draw_some, False):
            await asyncio.sleep(0)

    def _draw_some(self) -> bool:
        """Draw blocks that have no rows of this width, from the end up; true if some are left.

        All that is in view is drawn, so it is right at once, and stays where it is after that.
        """
        if not self._width:
            return False
        drawn, row = 0, len(self._rows)
        for cell in self._every_cell():
            old = len(cell.rows)
            row -= old
            if cell.width == self._width:
                continue
            if drawn >= self.AT_ONCE and row < self.scroll_offset.y:
                return True
            self._draw(cell)
            self._splice(row, old, cell.rows)
            drawn += 1
        return False

    def _draw(self, cell: _Cell) -> None:
        """Give a cell its rows."""
        rows = self._blocks_painter().rows(cell.block, self._width)
        cell.rows = [Strip.blank(0), *rows] if cell.block.gap else rows
        cell.width = self._width

    def _blocks_painter(self) -> BlockPainter:
        if self._painter is None:
            self._painter = BlockPainter(self._styles())
        return self._painter

    def _styles(self) -> dict[str, Style]:
        named = {
            name: self.get_component_rich_style(f"transcript--{name}") for name in STYLES if name
        }
        return {"": self.rich_style, **named}
