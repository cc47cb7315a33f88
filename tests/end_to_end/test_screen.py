"""The demo at a real terminal: four panes, every key, every size, and a clean way out."""

import os
import signal

import pytest

from tests.end_to_end.programs import CONSOLE, ask
from tests.terminal.pty_program import PtyProgram

pytestmark = pytest.mark.real

PANES = ("1 GPU", "2 Ledger", "3 Chat", "4 What-if")
UP, ESCAPE, ENTER = "\x1b[A", "\x1b", "\r"


@pytest.fixture
def demo(tmp_path):
    """Starts the demo at a size; killed when the test ends."""
    running = []

    def start(size=(120, 40), *arguments, env=None):
        program = PtyProgram(
            [*CONSOLE, *arguments, "demo"],
            size=size,
            # Its folder stays behind when it is killed.
            env={**os.environ, "TMPDIR": str(tmp_path), **(env or {})},
        )
        running.append(program)
        program.until("3 Chat")
        program.until("local ok")
        return program

    yield start
    for program in running:
        program.__exit__()


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)])
def test_four_panes_and_demo_all_the_time(demo, size):
    program = demo(size)
    for key, name in zip(("\x1bOP", "\x1bOQ", "\x1bOR", "\x1bOS"), PANES, strict=True):
        program.send(key)
        program.until(lambda text, name=name: f"━ {name}" in text)
        assert "DEMO" in program.text
    program.send("\x11")
    assert program.wait() == 0
    assert program.left_on() == set()


def test_every_way_to_a_pane_zoom_help_palette_and_themes(demo):
    program = demo()
    for number, name in ((2, "2 Ledger"), (4, "4 What-if"), (3, "3 Chat"), (1, "1 GPU")):
        program.send(f"{ESCAPE}{number}")  # alt+number, also from the prompt
        program.until(f"━ {name}")
    program.send("2")
    program.until("━ 2 Ledger")
    program.send("z")
    program.until(lambda text: "─ 3 Chat" not in text and "━ 2 Ledger" in text)
    assert "DEMO" in program.text
    program.send(ESCAPE)
    program.until("─ 3 Chat")
    program.send("?")
    program.until("Help: Ledger")
    program.send(ESCAPE)
    program.until(lambda text: "Help: Ledger" not in text)
    program.send(":")
    program.until("Search")
    program.send("paper")
    program.until("Theme paper")
    program.send(ENTER)
    program.until("theme paper")
    program.send("T")
    program.until(lambda text: "theme " in text and "theme paper" not in text)
    program.send("q")
    assert program.wait() == 0 and program.left_on() == set()


def test_a_storm_of_sizes(demo):
    program = demo((200, 60))
    storm = ((120, 40), (80, 24), (40, 12), (30, 8), (5, 3), (40, 12), (100, 28), (200, 60))
    for size in storm * 2:
        program.resize(*size)
        program.settle(0.1, 1)
    program.until(lambda text: all(name in text for name in PANES))
    program.send("\x11")
    assert program.wait() == 0 and program.left_on() == set()


def test_at_40_by_12_everything_can_be_reached(demo):
    program = demo((40, 12))
    for number, name in enumerate(PANES, 1):
        program.send(f"{ESCAPE}{number}")
        program.until(name)
        assert "DEMO" in program.text
    program.send("\x11")
    assert program.wait() == 0


def test_routing_is_seen_on_the_message_and_in_the_ledger(demo):
    program = demo((200, 60))
    ask(program, "hello there")
    program.until("local · llama3.1:8b · routine")
    program.until("first\xa0token")
    ask(program, "please analyze this")
    program.until('api · claude-sonnet-5-5 · complex: "analyze"')
    program.until(lambda text: text.count("first\xa0token") >= 2)
    program.until(lambda text: [
        line for line in text.splitlines() if "complex: " in line and "api" in line])  # fmt: skip


def test_escape_stops_a_reply_and_a_pin_keeps_what_follows_local(demo):
    program = demo((200, 60))
    ask(program, "compare everything")
    program.until("api · claude-sonnet-5-5 · complex")
    program.send(ESCAPE)
    program.until("stopped")
    program.send("\x0f")  # ctrl+o
    program.until("pinned to local")
    ask(program, "analyze this")
    program.until("local · llama3.1:8b · pinned")
    program.send("\x11")
    assert program.wait() == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("replying", [False, True])
def test_signals_restore_the_terminal(demo, number, replying):
    program = demo()
    if replying:
        ask(program, "compare everything")
        program.until("api · claude-sonnet-5-5")
    program.signal(number)
    assert program.wait() == 128 + number
    assert program.left_on() == set()
    assert "Traceback" not in program.text


def test_a_stale_size_in_the_environment_is_not_believed(demo):
    program = demo((120, 40), env={"COLUMNS": "80", "LINES": "24"})
    program.until(lambda text: all(name in text for name in PANES) and "╭─ 4 What-if" in text)
    program.send("\x11")
    assert program.wait() == 0


def test_ctrl_c_says_how_to_leave(demo):
    program = demo()
    program.send("\x03")
    program.until("quits")
    program.send("\x11")
    assert program.wait() == 0
