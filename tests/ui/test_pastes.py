"""Pastes read whole, wherever the terminal's pieces are cut, and keys as before."""

import pytest
from textual._xterm_parser import XTermParser
from textual.events import Key, Paste

from console.ui.pastes import read_pastes_whole

PASTE = "\x1b[200~one\rtwo \x00three\x1b[201~"
STREAM = f"ab\x1b[A{PASTE}c\x1b[20~\x1b[200~x\x1b[201~d"
WHOLE = ["<a>", "<b>", "<up>", "one\rtwo three", "<c>", "<f9>", "x", "<d>"]


def heard(pieces):
    parser = XTermParser(False)
    events = [event for piece in pieces for event in parser.feed(piece)]
    return [event.text if isinstance(event, Paste) else f"<{event.key}>" for event in events
            if isinstance(event, (Key, Paste))]  # fmt: skip


@pytest.fixture(autouse=True)
def whole():
    read_pastes_whole()


def test_a_paste_is_one_event_with_its_text_as_it_is():
    assert heard([STREAM]) == WHOLE
    assert heard(["\x1b[200~a\x1b[31mb\x1b", "[201~c"]) == ["a\x1b[31mb", "<c>"]
    assert heard(["\x1b[200~a\x1b[200~b\x1b[201~c"]) == ["a\x1b[200~b", "<c>"]
    assert heard(["\x1b[200~\x1b[201~c"]) == ["", "<c>"]


def test_wherever_the_stream_is_cut_in_two():
    for at in range(1, len(STREAM)):
        assert heard([STREAM[:at], STREAM[at:]]) == WHOLE, at


@pytest.mark.parametrize("size", [1, 2, 3, 5, 7])
def test_in_pieces_of_any_size(size):
    assert heard(STREAM[at : at + size] for at in range(0, len(STREAM), size)) == WHOLE


def test_escape_alone_is_a_key_at_once_and_keys_after_it_work():
    parser = XTermParser(False)
    assert [event.key for event in parser.feed("x")] == ["x"]
    list(parser.feed("\x1b"))
    parser._timeout_time = 0.0
    assert [event.key for event in parser.tick()] == ["escape"]
    assert [event.key for event in parser.feed("y\x1b[B")] == ["y", "down"]
