"""Between the first frame and the console behind it: keys, signals, a resize, a terminal gone."""

import os
import signal
import sys
from pathlib import Path

import pytest

from tests.patience import PATIENCE_S, until
from tests.processes import children
from tests.terminal.pty_program import PtyProgram

pytestmark = pytest.mark.real

CTRL_C, CTRL_Q = "\x03", "\x11"


@pytest.fixture
def go(tmp_path):
    """The file that the console waits for."""
    return tmp_path / "go"


@pytest.fixture
def opening(go, driver):
    """A console whose first frame is on the terminal, and nothing else of it."""
    driver.order()
    command = [sys.executable, "-m", "tests.end_to_end.held", str(go)]
    with PtyProgram(command, size=(120, 40), env=dict(os.environ)) as program:
        program.until(lambda text: text.count("/450W") == 2 and "no requests yet" in text)
        assert "Ask, or / for commands" in program.text and "^t tier" in program.text
        assert "→ " not in program.text, "the console itself is not there"
        yield program


def test_keys_are_neither_shown_nor_lost(opening, go):
    before = opening.settle(0.3)
    opening.send("cap gpu 1?")
    assert opening.settle(0.3) == before
    go.touch()
    opening.until("cap gpu 1?")
    opening.send(CTRL_Q)
    assert opening.wait() == 0 and not opening.left_on()


def test_keys_act_in_their_order_once_they_are_heard(opening, go):
    opening.send("first\x1b1z")
    go.touch()
    opening.until(lambda text: "3 Chat" in text.splitlines()[1] and "┏━ 1 GPU" in text)
    opening.send("z")
    opening.until(lambda text: "first" in text)


def test_the_quit_key_quits_and_ctrl_c_says_how(opening, go):
    opening.send(CTRL_C)
    go.touch()
    opening.until("quits")
    opening.send(CTRL_Q)
    assert opening.wait() == 0 and not opening.left_on()


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGINT, 130)]
)
def test_a_signal_ends_it_and_the_terminal_is_as_it_was(opening, number, code):
    readers = children(opening.pid)
    assert len(readers) == 1
    opening.send("typed for the console")
    opening.signal(number)
    assert opening.wait() == code and not opening.left_on()
    assert "Traceback" not in opening.text
    until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in readers), "the reader's end")


@pytest.mark.parametrize("size", [(200, 60), (80, 24)], ids=str)
def test_a_resize_draws_all_anew(opening, go, size):
    opening.resize(*size)
    opening.screen.reset()
    go.touch()
    opening.until(
        lambda text: "3 Chat" in text and "→ " in text and _is_whole(text.splitlines(), *size)
    )


def _is_whole(rows, columns, lines):
    """Whether the status line and the key bar span a terminal of this size."""
    return len(rows) == lines and len(rows[0]) > columns - 3 and "^t tier" in rows[-1]


def test_textual_goes_on_from_the_frame_and_empties_nothing(opening, go):
    opening.settle(0.3)
    shown = opening.text
    sent = len(opening.raw)
    go.touch()
    opening.until("→ local")
    more = opening.raw[sent:]
    assert b"\x1b[?1049" not in more and b"\x1b[2J" not in more and b"\x1b[J" not in more
    first = next(row for row in shown.splitlines() if "NVIDIA" in row or "/450W" in row)
    assert more.count(first[:6].encode()) <= 1, "what stands there already is not sent again"


def test_a_terminal_that_goes_away_ends_it(opening):
    os.close(opening._master)
    assert opening._process.wait(PATIENCE_S) == 129
