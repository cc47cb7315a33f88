"""Foreign text made safe to show: a character that could command the terminal becomes visible."""

import re

# C0 but tab and newline, DEL, C1; soft hyphen; bidi marks, embeddings, overrides and isolates;
# zero-width space, invisible operators, byte order mark; line and paragraph separators;
# surrogates; interlinear marks; tag characters. Joiners (U+200C, U+200D) stay: scripts need them.
_COMMANDS = (
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e"
    "\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
)
_MARKS = (
    "\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u200c\u200d\u20d0-\u20ff"
    "\ufe00-\ufe0f\ufe20-\ufe2f\U000e0100-\U000e01ef"
)
# More marks on one character than any script stacks: the rest is a flood.
_MOST_MARKS = 8
_FLOOD = f"([{_MARKS}]{{{_MOST_MARKS}}})[{_MARKS}]+"
_LEADING = f"[{_MARKS}]*"
# As text, not compiled: most of what is shown is printable ASCII, and needs no pattern.


_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def printable(text: str) -> str:
    """`text` with control, bidi and invisible characters shown as visible marks.

    Newlines and tabs stay, CRLF becomes a newline, floods of combining marks are cut short.
    Applying it twice changes nothing more.
    """
    if text.isascii() and text.isprintable():
        return text
    text = text.replace("\r\n", "\n")
    return re.sub(_FLOOD, r"\1…", re.sub(_COMMANDS, _mark, text))


class Streamed:
    """`printable()` for a text that comes in pieces: what it gives is that of the whole text.

    A carriage return at the end of a piece is held back, since a newline may follow; `rest` gives
    it out at the end.
    """

    def __init__(self) -> None:
        self._held = ""
        self._marks = 0

    def __call__(self, piece: str) -> str:
        """What can be shown now."""
        text = self._held + piece
        self._held = "\r" if text.endswith("\r") else ""
        text = text.removesuffix("\r")
        run, text = _leading_marks(text)
        room = max(0, _MOST_MARKS - self._marks)
        flood = "…" if len(run) > room and self._marks <= _MOST_MARKS else ""
        self._marks += len(run)
        if text:
            self._marks = len(_leading_marks(text[::-1])[0])
        return run[:room] + flood + printable(text)

    @property
    def rest(self) -> str:
        """What was held back."""
        return printable(self._held)


def _leading_marks(text: str) -> tuple[str, str]:
    """The combining marks that a text begins with, and the rest."""
    found = re.match(_LEADING, text)
    end = found.end() if found else 0
    return text[:end], text[end:]


def one_line(text: str) -> str:
    """`printable()` text on one line: newlines and tabs become spaces."""
    return " ".join(printable(text).split())


def spreadsheet_safe(text: str) -> str:
    """`text` for a cell of a CSV file: what a spreadsheet would take for a formula is quoted."""
    if not text.startswith(_FORMULA):
        return text
    try:
        float(text)
    except ValueError:
        return f"'{text}"
    return text


def _mark(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "␡"
    return f"‹{code:04X}›"
