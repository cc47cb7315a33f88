"""A reply's text as it grows: whole Markdown blocks, and the lines of the one being written."""

import re

from console.core.text import printable
from console.ui.draw.flowing import goes_on, together

_ITEM = re.compile(r"\s*(?:[-*+]|\d{1,9}[.)])\s")
_FENCE = re.compile(r"\s*(?:[-*+]\s+|\d{1,9}[.)]\s+|>\s*)*(`{3,}|~{3,})(.*)")
_FENCE_END = re.compile(r"[\s>]*(`{3,}|~{3,})\s*")
_TAB = 4


class Growing:
    """Cuts text that comes in arbitrary pieces into blocks that will not change any more.

    A block ends at a blank line outside a code fence, or with the fence; a list goes on while
    indented lines follow. How the text was cut into pieces makes no difference. Everything given
    out is printable.
    """

    def __init__(self) -> None:
        self.blocks: list[str] = []
        """Finished Markdown blocks."""
        self._source: list[str] = []
        """The finished lines of the block being written, as they came."""
        self._flow: list[str] = []
        """The same, those of a paragraph as one."""
        self._rest = ""
        self._fence: str | None = None
        self._listing = False
        self._gap = False

    @property
    def lines(self) -> list[str]:
        """The block being written, line by line; a paragraph is one line, however it came.

        A carriage return at the end, which may be half a line's end, is not among it.
        """
        lines = list(self._flow)
        if rest := _shown(self._rest):
            self._add(rest, lines)
        return lines

    def feed(self, text: str) -> None:
        """Take the next piece in."""
        *lines, self._rest = (self._rest + text).split("\n")
        for line in lines:
            self._line(_shown(line))

    def close(self) -> None:
        """The reply has ended: everything left is the last block."""
        if self._rest:
            self._line(_shown(self._rest))
            self._rest = ""
        self._cut()

    def _line(self, line: str) -> None:
        blank = not line.strip()
        if self._fence is not None:
            self._take(line)
            self._in_fence(line)
        elif blank and self._listing:
            self._take(line)
            self._gap = True
        elif blank:
            self._cut()
        else:
            if self._gap and not line[0].isspace():
                self._cut()
            self._take(line)
            self._gap = False
            self._listing = self._listing or _ITEM.match(line) is not None
            match = _FENCE.match(line)
            # Backticks after a fence of backticks make it a piece of inline code.
            if match and (match[1][0] == "~" or "`" not in match[2]):
                self._fence = match[1]

    def _take(self, line: str) -> None:
        self._source.append(line)
        self._add(line, self._flow)

    def _add(self, line: str, lines: list[str]) -> None:
        """Put a line below others, or at the end of the last where that is prose."""
        if self._fence is None and lines and goes_on(line, lines[-1]):
            lines[-1] = together(lines[-1], line)
        else:
            lines.append(line)

    def _in_fence(self, line: str) -> None:
        """End the fence where this line does."""
        match = _FENCE_END.fullmatch(line)
        if self._fence and match and match[1].startswith(self._fence):
            self._fence = None
            if not self._listing:
                self._cut()

    def _cut(self) -> None:
        block = "\n".join(self._source).rstrip()
        if block:
            self.blocks.append(block)
        self._source.clear()
        self._flow.clear()
        self._fence = None
        self._gap = self._listing = False


def _shown(line: str) -> str:
    return printable(line.removesuffix("\r")).expandtabs(_TAB)
