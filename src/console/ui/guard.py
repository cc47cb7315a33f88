"""The last stop before the terminal: whatever a widget drew, only printable cells leave."""

import re
from functools import lru_cache

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter

from console.core.text import printable

_CLEAN = re.compile("[\x20-\x7e·–—…─-▟●-◿⠀-⣿]*")
"""What nearly every segment is made of: ASCII, box drawing, blocks, dots, braille."""


class Styled(LineFilter):
    """Gives a style to what has none, which the filter for NO_COLOR of Textual 8.2 trips over."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The segments, each with a style."""
        null = Style.null()
        return [
            Segment(segment.text, null, segment.control) if segment.style is None else segment
            for segment in segments
        ]


class Guard(LineFilter):
    """Replaces what could command the terminal, cell for cell, so that nothing else moves.

    A hyperlink is dropped: its target would be foreign text inside an escape sequence.
    """

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The segments, each safe to write."""
        return [
            segment
            if _CLEAN.fullmatch(segment.text) and not (segment.style and segment.style.link)
            else Segment(safe(segment.text), segment.style and segment.style.update_link(None))
            for segment in segments
        ]


@lru_cache(4096)
def safe(text: str) -> str:
    """`text` with nothing that commands a terminal, as wide as Textual takes it to be."""
    clean = printable("".join(map(_character, text)))
    width = cell_len(text)
    return clean if cell_len(clean) == width else set_cell_size(clean, width)


@lru_cache(4096)
def _character(character: str) -> str:
    if printable(character) == character and character not in "\n\t":
        return character
    return "�" * cell_len(character)
