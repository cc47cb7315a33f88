"""Keys that come in one burst do what they do when they are typed one by one."""

import sys

import pytest

from tests.terminal.pty_program import PtyProgram

pytestmark = pytest.mark.real
NEW, LIST, ESCAPE = "\x0e", "\x1b[19~", "\x1b[27u"


@pytest.fixture
def console():
    with PtyProgram([sys.executable, "-m", "tests.ui.program", "0"], size=(120, 40)) as program:
        program.until(lambda text: "4 What-if" in text and "3 Chat" in text)
        yield program


def test_letters_stay_before_the_command_that_follows_them(console):
    console.send(f"left behind{NEW}and new")
    console.until(lambda screen: "and new" in screen and "left behind" not in screen)
    console.send("\x15/back\r")
    console.until(lambda screen: "left behind" in screen and "and new" not in screen)


def test_letters_go_to_what_the_key_before_them_opens(console):
    console.send("alpha\r")
    console.until("Hello.")
    console.send(f"{NEW}{LIST}alp\rbeta")
    console.until(
        lambda screen: "Hello." in screen and "beta" in screen and "Conversations" not in screen
    )


def test_a_key_for_what_is_opened_does_not_reach_what_is_below(console):
    # The q closes the help; below it would quit.
    console.send(f"{ESCAPE}?qityped")
    console.until(lambda screen: "typed" in screen and "Help" not in screen)
