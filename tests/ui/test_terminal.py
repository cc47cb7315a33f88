"""The console at a real terminal: signals and a hang-up end it cleanly, and idle costs nothing."""

import os
import signal
import sys

import pytest

from tests.patience import PATIENCE_S
from tests.terminal.pty_program import PtyProgram

pytestmark = pytest.mark.real
COMMAND = [sys.executable, "-m", "tests.ui.program"]


@pytest.fixture
def running():
    with PtyProgram([*COMMAND, "0"]) as program:
        program.until("100k         1M")  # the last to be drawn is the what-if's chart
        program.settle(1)
        yield program


def test_the_quit_key_restores_the_terminal(running):
    running.send("\x1bOP")  # F1
    running.until("space pause")
    running.send("q")
    assert running.wait() == 0 and not running.left_on()


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_a_signal_ends_it_as_a_quit_also_while_a_reply_streams(running, number, code):
    running.send("hello\r")
    running.until("Hello.")
    running.signal(number)
    assert running.wait() == code and not running.left_on()
    assert "Traceback" not in running.text


def test_a_terminal_that_goes_away_ends_it():
    with PtyProgram([*COMMAND, "5"]) as program:
        program.until("12:04:30")
        os.close(program._master)
        # There is nowhere left to say goodbye: it only must not stay behind.
        assert program._process.wait(PATIENCE_S) == 129


def test_nothing_is_sent_while_nothing_changes(running):
    before = len(running.raw)
    running.settle(quiet=3.0, timeout=4.0)
    assert len(running.raw) == before
