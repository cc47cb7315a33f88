"""A terminal that others have written to, or taken away for a while, is as it was afterwards."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.patience import until
from tests.terminal.pty_program import PtyProgram

pytestmark = pytest.mark.real
CONSOLE = [sys.executable, "-m", "tests.ui.program", "0"]


@pytest.fixture
def console():
    with PtyProgram(CONSOLE, size=(120, 40)) as program:
        program.until("100k         1M")  # the last to be drawn is the what-if's chart
        yield program


def stopped(program):
    """Wait until the kernel has stopped a program."""
    stat = Path(f"/proc/{program.pid}/stat")
    until(lambda: stat.read_text().rpartition(")")[2].split()[0] == "T", "the stop")


def alone(screen):
    """A screen without its clock, whose minute may turn meanwhile."""
    return re.sub(r"\d\d:\d\d", "--:--", screen)


@pytest.mark.parametrize("number", [signal.SIGTSTP, signal.SIGSTOP])
def test_after_a_stop_the_whole_screen_is_there_again_and_every_key_arrives_once(console, number):
    before = console.settle(1)
    console.signal(number)
    stopped(console)
    console.screen.reset()  # what the shell does to it meanwhile
    console.signal(signal.SIGCONT)
    console.until(lambda screen: alone(screen) == alone(before))
    written = "the quick brown fox jumps over the lazy dog"
    console.send(written)
    console.until(written)
    console.send("\x1b[200~pasted \x1b[201~\x1b[H" + "éA")
    console.until(f"éA{written}pasted")
    console.send("\x11")
    assert console.wait() == 0
    assert not console.left_on()


def test_after_a_resize_the_whole_screen_is_there_again(console):
    before = console.settle(1)
    console.resize(90, 30)
    console.until(lambda screen: "╭─ 4 What-if" not in screen and "3 Chat" in screen)
    console.resize(120, 40)
    console.screen.reset()
    console.until(lambda screen: alone(screen) == alone(before))


def test_a_key_draws_what_another_program_has_written_over(console):
    before = console.settle(1)
    garbage = b"\x1b[10;20r\x1b[?6h\x1b[4h\x1b(0\x1b[41mkernel: oom\r\n" * 9
    tty = Path(f"/proc/{console.pid}/fd/0").readlink()
    with tty.open("wb", buffering=0) as terminal:
        terminal.write(garbage)
    subprocess.run(["stty", "-F", tty, "sane"], check=True)
    console.until("oom")
    # The line is cooked now, so that the key waits for the end of it.
    console.send("\x0c\n")
    console.send("\x0c")
    console.until(lambda screen: alone(screen) == alone(before))


def test_the_shell_gets_the_terminal_and_gives_it_back():
    shell = ["bash", "--norc", "--noprofile", "-i"]
    with PtyProgram(shell, size=(120, 40), env=dict(os.environ, PS1="shell: ")) as program:
        program.until("shell:")
        program.send(" ".join(CONSOLE) + "\r")
        program.until("4 What-if")
        before = program.settle(1)
        program.send("\x1b")
        program.until("w to a file")
        program.send("\x1a")
        program.until("Stopped")
        program.send("fg\r")
        program.send("i")
        program.until(lambda screen: alone(screen) == alone(before))
        program.send("\x11")
        program.settle()
        program.send("exit\r")
        assert program.wait() == 0


def test_without_a_shell_it_does_not_go_to_sleep(console):
    console.send("\x1b")
    console.settle(0.5)
    console.send("\x1a")
    console.until("No shell waits behind the console")
    console.send("\x11")
    assert console.wait() == 0
