"""A reply's text as blocks to show, while it is still being written."""

from collections.abc import Sequence

from console.ui.draw.growing import Growing
from console.ui.draw.message import Block


class Written:
    """Takes text in pieces; what says the same stays the same block.

    `feed` only notes the text, so it may be called as often as pieces come; `refresh` brings
    `blocks` up to it.
    """

    def __init__(self) -> None:
        self._growing = Growing()
        self._body: list[Block] = []
        self._lines: list[Block] = []
        self._rest: Block | None = None

    @property
    def blocks(self) -> Sequence[Block]:
        """What to show: whole Markdown blocks, then the lines of the one being written."""
        return [*self._body, *self._lines, *([self._rest] if self._rest else [])]

    def feed(self, text: str) -> None:
        """Take the next piece in."""
        self._growing.feed(text)

    def close(self) -> None:
        """Nothing more will come."""
        self._growing.close()

    def refresh(self) -> None:
        """Bring `blocks` up to what was fed."""
        growing = self._growing
        if len(growing.blocks) > len(self._body):
            for text in growing.blocks[len(self._body) :]:
                self._body.append(Block(markdown=text, gap=bool(self._body)))
            self._lines.clear()
        for line in growing.lines[len(self._lines) :]:
            self._lines.append(self._line(line))
        self._rest = self._line(growing.rest) if growing.rest else None

    def _line(self, text: str) -> Block:
        return Block(((text, ""),), gap=bool(self._body) and not self._lines)
