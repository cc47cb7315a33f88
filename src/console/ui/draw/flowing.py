"""Lines that flow into one another: in Markdown the end of one within a paragraph is a space."""

import re
from unicodedata import east_asian_width

_OWN = re.compile(
    r"\s*(?:[-*+](?:\s|$)|\d{1,9}[.)](?:\s|$)|#{1,6}(?:\s|$)|[>|]|`{3}|~{3}|[-*_=](?:\s*[-*_=])*\s*$)"
)
"""What begins something else than more of a paragraph, or may yet do so when more of it comes."""

_WHOLE = re.compile(r"\s*(?:#{1,6}\s|[>|]|`{3}|~{3}|[-*_=](?:\s*[-*_=])*\s*$)")
"""What begins a line that nothing goes on after: a heading, a quotation, a table's row, a fence, a
rule."""

_WANTED = ("  ", "\\")
"""Ends of a line whose break is wanted."""

_CELL = " | "
_INDENTED_CODE = "    "
_LONGEST = 10_000
"""Characters from which a line takes no more: what is so long is shown as it came."""


def goes_on(line: str, before: str) -> bool:
    """Whether a line is more of the paragraph or the list item that `before` is.

    Where that is not certain, as of quotations, they stay two: laid out, they are what they are.
    """
    if not before.strip() or not line.strip() or len(before) > _LONGEST:
        return False
    if _OWN.match(line) or _WHOLE.match(before) or before.endswith(_WANTED):
        return False
    code = before.startswith(_INDENTED_CODE) and not _OWN.match(before)
    return not code and _CELL not in line and _CELL not in before


def together(before: str, line: str) -> str:
    """Both as one line."""
    before, line = before.rstrip(), line.lstrip()
    return before + between(before, line) + line


def between(before: str, after: str) -> str:
    """What the end of a line is within a paragraph: a space, none where no words are parted."""
    if before and after and _unparted(before[-1]) and _unparted(after[0]):
        return ""
    return " "


def _unparted(letter: str) -> bool:
    """Whether a letter is of a script that writes no spaces; Korean, as wide, does."""
    return east_asian_width(letter) in "WF" and not "\uac00" <= letter <= "\ud7af"
