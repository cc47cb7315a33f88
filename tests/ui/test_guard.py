"""Nothing but printable cells leaves the app, whatever widget drew it and however it is wrapped."""

import os
import re
import sys

import pytest
from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.color import Color

from console.core.text import printable
from console.ui.guard import Guard, safe
from tests.terminal.pty_program import PtyProgram
from tests.ui.hostile import ATTACKS, FORBIDDEN_BYTES, MARKUP

BLACK = Color(0, 0, 0)


@pytest.mark.parametrize("name", ATTACKS)
def test_a_text_keeps_its_width_and_loses_its_commands(name):
    text = ATTACKS[name]
    clean = safe(text)
    assert cell_len(clean) == cell_len(text)
    assert printable(clean) == clean and not {"\n", "\t", "\r"} & set(clean)


def test_what_is_harmless_is_untouched():
    plain = [Segment("api · ● 12.5% ━━╸── ⣀⡠ ╭─╮", Style(bold=True)), Segment("x")]
    assert Guard().apply(plain, BLACK) == plain
    for text in ("漢字 ｆｕｌｌ", "Größe", "👩‍👩‍👧‍👦", "नमस्ते"):
        assert safe(text) == text


def test_a_hyperlink_is_dropped():
    (segment,) = Guard().apply([Segment("here", Style(link="http://a.example/\x1b[2J"))], BLACK)
    assert segment.text == "here" and segment.style.link is None


def test_the_styles_stay():
    (segment,) = Guard().apply([Segment("a\x1b[2Jb", Style(color="red"))], BLACK)
    assert segment.style == Style(color="red") and "\x1b" not in segment.text


@pytest.mark.real
@pytest.mark.parametrize("kind", ["Rows", "Static", "TextArea", "Markdown", "OptionList", "toast"])
def test_no_attack_reaches_a_real_terminal(kind):
    with PtyProgram([sys.executable, "-m", "tests.ui.hostile", kind], size=(120, 60)) as program:
        program.until("drawn")
        program.settle()
        program.send("\x11")
        assert program.wait() == 0
        assert not program.left_on()
    # Textual itself resets the shape of the mouse pointer.
    raw = bytes(program.raw).replace(b"\x1b]22;default\a", b"")
    for attack in FORBIDDEN_BYTES:
        assert attack not in raw, attack
    # What was written stays on the screen as text, so that nothing is hidden either.
    assert b"pwned" in raw and all(text.encode() in raw for text in MARKUP[:1])


@pytest.mark.real
def test_without_colours_wide_characters_are_typed_and_shown():
    command = [sys.executable, "-m", "tests.ui.program", "0"]
    plain = os.environ | {"NO_COLOR": "1", "TERM": "xterm"}
    with PtyProgram(command, size=(80, 24), env=plain) as program:
        program.until("Ask, or / for")
        program.send("漢字 é\r")
        program.until(lambda screen: "Hello." in screen and "漢" in screen)
        program.send("\x11")
        assert program.wait() == 0
    colours = {
        int(n) for sgr in re.findall(rb"\x1b\[([\d;]*)m", program.raw) for n in sgr.split(b";") if n
    }
    assert not colours & {38, 48}
