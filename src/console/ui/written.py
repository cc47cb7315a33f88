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
        self._said: list[str] = []
        """What the lines say."""

    @property
    def blocks(self) -> Sequence[Block]:
        """What to show: whole Markdown blocks, then the lines of the one being written."""
        return [*self._body, *self._lines]

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
            self._said.clear()
        lines = growing.lines
        same = 0
        for line, said in zip(lines, self._said, strict=False):
            if line != said:
                break
            same += 1
        del self._lines[same:]
        for line in lines[same:]:
            gap = bool(self._body) and not self._lines
            self._lines.append(Block(((line, ""),), gap=gap))
        self._said = lines
