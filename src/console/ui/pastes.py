"""Pastes read whole: Textual reads them a character at a time, 0.2 s of work for 100 kB."""

from collections.abc import Generator, Iterable

from textual._xterm_parser import XTermParser
from textual.events import Paste
from textual.message import Message

_START, _END = "\x1b[200~", "\x1b[201~"
_SHORT = len(_START) - 1

_textuals_feed = XTermParser.feed


def read_pastes_whole() -> None:
    """Have what stands between the marks of a bracketed paste taken as it is."""
    XTermParser.feed = _feed  # type: ignore[method-assign, assignment]


class _Pasting:
    """Where a parser is: among keys, in a paste, or in one whose first mark came in two parts.

    Nothing is held back among keys, since Escape alone is one; so that mark is Textual's to read,
    and its paste too.
    """

    def __init__(self) -> None:
        self.pieces: list[str] | None = None
        self.textuals = False
        self.tail = ""
        """What Textual has had of a mark that may be cut, or what is held back of the last one."""


def _feed(parser: XTermParser, data: str) -> Iterable[Message]:
    state = parser.__dict__.setdefault("_pasting", _Pasting())
    if not data:
        yield from _textuals_feed(parser, data)
    while data:
        if state.pieces is not None:
            data = yield from _in_paste(state, data)
        elif state.textuals:
            data = yield from _in_textuals_paste(parser, state, data)
        else:
            data = yield from _among_keys(parser, state, data)


def _among_keys(parser: XTermParser, state: _Pasting, data: str) -> Generator[Message, None, str]:
    """Read keys up to the start of a paste; returns what follows."""
    seen = state.tail + data
    start = seen.find(_START)
    if start < 0:
        state.tail = seen[-_SHORT:]
        yield from _textuals_feed(parser, data)
        return ""
    after = start + len(_START) - len(state.tail)
    keys = start - len(state.tail)
    state.tail = ""
    if keys < 0:
        state.textuals = True
        yield from _textuals_feed(parser, data[:after])
    else:
        state.pieces = []
        if keys:
            yield from _textuals_feed(parser, data[:keys])
    return data[after:]


def _in_textuals_paste(
    parser: XTermParser, state: _Pasting, data: str
) -> Generator[Message, None, str]:
    """Let Textual read a paste to its end; returns what follows."""
    seen = state.tail + data
    end = seen.find(_END)
    after = len(data) if end < 0 else end + len(_END) - len(state.tail)
    state.textuals = end < 0
    state.tail = seen[-_SHORT:] if end < 0 else ""
    yield from _textuals_feed(parser, data[:after])
    return data[after:]


def _in_paste(state: _Pasting, data: str) -> Generator[Message, None, str]:
    """Take a part of a paste; returns what follows the paste."""
    assert state.pieces is not None
    seen = state.tail + data
    end = seen.find(_END)
    if end < 0:
        cut = max(0, len(seen) - _SHORT)
        state.pieces.append(seen[:cut])
        state.tail = seen[cut:]
        return ""
    text = "".join([*state.pieces, seen[:end]])
    state.pieces, state.tail = None, ""
    yield Paste(text.replace("\x00", ""))
    return seen[end + len(_END) :]
