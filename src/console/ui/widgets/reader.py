"""The conversation as it is read: moved through, its messages and code marked, copied, unfolded."""

from rich.segment import Segment
from textual.strip import Strip

from console.core.text import printable
from console.ui import picks
from console.ui.keys import Context, bindings
from console.ui.messages import AskLine, KeepText, Say
from console.ui.picks import Pick
from console.ui.widgets.transcript import Transcript

_KINDS = {"message": picks.messages, "code": picks.codes}


class Reader(Transcript):
    """A transcript with a mark on one message or piece of code, for keys to act on."""

    BINDINGS = bindings(Context.CONVERSATION)

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._mark: Pick | None = None
        self._marked: range | None = None
        self._words = ""
        self._found: int | None = None

    @property
    def marked(self) -> Pick | None:
        """What is marked now."""
        return self._mark

    @property
    def picked(self) -> str:
        """The text that is marked, else the last message's, safe to paste."""
        pick = self._mark or picks.step(picks.messages(self.messages), None, -1)
        return printable(pick.text) if pick else ""

    def unmark(self) -> bool:
        """Take the mark away; false when there was none."""
        had = bool(self._marked_rows())
        self._mark_it(None)
        self._found = None
        return had

    def render_line(self, y: int) -> Strip:
        """One row; those of what is marked stand out."""
        strip = super().render_line(y)
        if y + self.scroll_offset.y not in self._marked_rows():
            return strip
        ground = self.get_component_rich_style("transcript--mark").background_style
        return Strip(list(Segment.apply_style(strip, post_style=ground)), strip.cell_length)

    def action_mark(self, kind: str, by: int) -> None:
        """Mark the message or the code before or after what is marked."""
        pick = picks.step(_KINDS[kind](self.messages), self._mark, by)
        if pick is None:
            self.post_message(Say(f"There is no {kind} here yet."))
        self._mark_it(pick)

    def action_keep_marked(self) -> None:
        """Write what is marked into a file; without a mark, the last message."""
        if text := self.picked:
            self.post_message(KeepText(text))
        else:
            self.post_message(Say("There is nothing to write here yet."))

    def action_fold(self) -> None:
        """Show what the models thought, or hide it again."""
        thoughtful = [message for message in self.messages if message.thoughts]
        if not thoughtful:
            self.post_message(Say("No reply here came with its thinking."))
        folded = not any(message.unfolded for message in thoughtful)
        for message in thoughtful:
            message.unfolded = folded
            self.redraw(message)

    def action_find(self) -> None:
        """Ask what to find."""
        self.post_message(AskLine("find in this conversation", self._words, self._find))

    def action_found(self, by: int) -> None:
        """Go to the next (1) or the last (-1) row with what was asked for."""
        words = self._words.casefold()
        hits = [y for y, row in enumerate(self._rows) if words and words in row.text.casefold()]
        if not hits:
            said = f"Not here: {self._words}" if words else "Nothing was looked for yet: / asks."
            self.post_message(Say(said))
            return
        here = self._found if self._found is not None else self.scroll_offset.y - 1
        ahead = [y for y in hits if (y > here if by > 0 else y < here)]
        self._found = (ahead[0] if by > 0 else ahead[-1]) if ahead else hits[0 if by > 0 else -1]
        self._mark_it(None)
        self._marked = range(self._found, self._found + 1)
        if not self.scroll_offset.y <= self._found < self.scroll_offset.y + self.size.height:
            self.scroll_to(y=max(0, self._found - self.size.height // 3), animate=False)
        self.refresh_lines(self._found)

    def action_move(self, rows: int) -> None:
        """Scroll by rows."""
        self.scroll_relative(y=rows, animate=False)

    def action_half_page(self, pages: int) -> None:
        """Scroll by half of what is in view."""
        self.scroll_relative(y=pages * max(1, self.size.height // 2), animate=False)

    def action_whole_page(self, pages: int) -> None:
        """Scroll by what is in view."""
        self.page(pages)

    def action_ends(self, bottom: bool) -> None:
        """Go to the first or to the last row."""
        (self.scroll_end if bottom else self.scroll_home)(animate=False)

    def _find(self, words: str | None) -> None:
        if words:
            self._words, self._found = words, None
            self.action_found(1)

    def _mark_it(self, pick: Pick | None) -> None:
        old = self._marked_rows()
        self._mark, self._marked = pick, None
        rows = self._marked_rows()
        for each in (old, rows):
            if each:
                self.refresh_lines(each.start, len(each))
        top, height = self.scroll_offset.y, self.size.height
        if rows and not (top <= rows.start and rows.stop <= top + height):
            self.scroll_to(y=max(0, rows.start - 1), animate=False)

    def _marked_rows(self) -> range:
        if self._marked is None:
            if self._mark is None:
                return range(0)
            self._marked = self.rows_of(self._mark.message, self._mark.first, self._mark.end)
        return self._marked

    def _splice(self, start: int, old: int, rows: list[Strip], *, end: bool = False) -> None:
        super()._splice(start, old, rows, end=end)
        self._marked = None
