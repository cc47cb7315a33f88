"""No text from elsewhere commands the terminal: the whole console on bytes, and by fuzzing."""

import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.style import Style

from console.core.text import Streamed, one_line, printable
from console.ui.draw.fences import code_in
from console.ui.draw.growing import Growing
from console.ui.draw.line import STYLES, plain
from console.ui.draw.markdown import MarkdownPainter
from console.ui.draw.wrap import wrapped
from console.ui.guard import safe
from console.ui.written import Written
from tests.terminal.pty_program import PtyProgram
from tests.terminal.sequences import OWN, sequences, text
from tests.ui.hostile import ATTACKS, FORBIDDEN_BYTES, MARKUP

HOSTILE = st.text(
    st.sampled_from("\x1b\x9b\x9d\x07\x08\r\n\t\0\x7f[]()#*`>|-~ \\;:?0129mHJabcABC é漢\u202e\u2066"
                    "\u200b\u200d\ufeff\u0301\ufe0f\U000e0041\u2028\ud800👩!<&"),
    max_size=200,
)  # fmt: skip


@pytest.mark.real
def test_nothing_foreign_commands_the_terminal_anywhere_on_the_console():
    command = [sys.executable, "-m", "tests.ui.hostile_console"]
    with PtyProgram(command, size=(200, 60)) as program:
        program.until("Ask, or / for")
        program.send("go\r")
        # A toast may cover all but the first letters of the last line.
        program.until(lambda text: "the end of all attacks" in text or "┃ the▌" in text)
        program.send("\x1b[5~\x1b[5~\x1b[6~")  # read it
        program.send("compare \x1b[200~it\x1b[201~\r")  # the API's failure
        program.settle()
        for keys in ("\x1bOQ", "j", "x", "\x1b", "b", "b", "\x1b", "\x1bOP", "w",
                     "\x1bOP", "j", "\x1b", "\x1bOS", "x",
                     "\x1b", "?", "\x1b", "\x10the", "\x1b", "\x1bOR"):  # fmt: skip
            program.send(keys)
            program.settle(0.2, 3)
        program.send("both\x1b[17~")  # a comparison
        program.settle(1.0, 20)
        program.send("\x1b")
        program.settle(0.3)
        program.send("\x1b")
        program.settle(0.3)
        program.send("\x11")
        assert program.wait() == 0
        assert not program.left_on()
    raw = bytes(program.raw)
    assert sequences(raw) <= OWN, sequences(raw) - OWN
    for attack in FORBIDDEN_BYTES:
        assert attack not in raw.replace(b"\x1b]22;default\x07", b""), attack
    assert "pwned" in text(raw), "shown as text, not hidden"


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_split_anywhere_is_the_same_text(name):
    attack = f"before {ATTACKS[name]} after\r\nnext"
    whole = grown([attack])
    assert all(printable(part) == part for part in whole)
    for at in range(len(attack) + 1):
        assert grown([attack[:at], attack[at:]]) == whole
    assert grown(list(attack)) == whole


def grown(pieces):
    growing = Growing()
    for piece in pieces:
        growing.feed(piece)
        assert all(printable(line) == line for line in growing.lines)
    growing.close()
    return growing.blocks


PAINTER = MarkdownPainter({name: Style() for name in STYLES})


@settings(max_examples=300, deadline=None)
@given(HOSTILE, st.integers(1, 120), st.lists(st.integers(0, 200), max_size=6))
def test_whatever_is_written_is_drawn_without_a_command(reply, width, cuts):
    written, at = Written(), 0
    for cut in [*sorted(cuts), len(reply)]:
        written.feed(reply[at:cut])
        at = max(at, cut)
        written.refresh()
    written.close()
    written.refresh()
    for block in written.blocks:
        if block.markdown is not None:
            rows = PAINTER.rows(block.markdown, width)
            lines = [[s.text for s in row] for row in rows or []]
            assert all(unharmful("".join(line)) for line in lines)
            assert all(unharmful(code.replace("\n", "")) for code in code_in(block.markdown))
        for row in wrapped(block.line, width):
            assert unharmful(plain(row))


@given(HOSTILE)
def test_a_line_and_a_cell_are_harmless_whatever_stands_in_them(foreign):
    assert unharmful(one_line(foreign)) and "\n" not in one_line(foreign)
    assert unharmful(safe(foreign))
    assert printable(printable(foreign)) == printable(foreign)


@given(HOSTILE, st.lists(st.integers(0, 200), max_size=8))
def test_a_text_in_pieces_is_shown_as_if_it_came_whole(text_, cuts):
    streamed, at, shown = Streamed(), 0, ""
    for cut in [*sorted(cuts), len(text_)]:
        shown += streamed(text_[at:cut])
        at = max(at, cut)
    assert shown + streamed.rest == printable(text_)


def unharmful(line):
    return printable(line) == line and not set("\n\t\r") & set(line)


def test_markup_is_text_everywhere():
    for each in MARKUP:
        assert plain(wrapped(((each, ""),), 200)[0]) == each
