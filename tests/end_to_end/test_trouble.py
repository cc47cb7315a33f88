"""The running console when things are wrong: a sentence in its place, and nothing lost."""

import os
import re
import signal

import pytest

from console.sources.demo.faults import Fault
from tests.end_to_end.programs import CONSOLE, ask, configured, ledger_path, ledger_rows
from tests.terminal.pty_program import PtyProgram
from tests.ui.hostile import ATTACKS

pytestmark = pytest.mark.real

KEY = "TEST_KEY"
ONE_PANE = (96, 40)
"""A size at which a pane has the whole width, so that its words can be read in order."""


def configuration(stand_ins):
    return f"""
[tiers.local]
base_url = "{stand_ins.local.url}"
[tiers.api]
base_url = "{stand_ins.api.url}"
key_env = "{KEY}"
connect_timeout_s = 2
[router]
fallback = "off"
retries = 0
"""


@pytest.fixture
def console(own_home, stand_ins):
    """Starts the console over the stand-ins; killed when the test ends."""
    configured(own_home, configuration(stand_ins))
    running = []

    def start(size=ONE_PANE, **environment):
        env = {**os.environ, KEY: stand_ins.api.key, **environment}
        program = PtyProgram(CONSOLE, size=size, env=env)
        running.append(program)
        program.until("4 What-if")
        return program

    yield start
    for program in running:
        program.__exit__()


def flat(program):
    """The screen's words, whatever the pane's borders and wrapping."""
    return " ".join(word for word in program.text.replace("┃", " ").split())


def test_no_gpu_is_a_sentence_and_the_rest_goes_on(console):
    program = console((120, 40))
    program.until("No NVIDIA GPU found")
    ask(program, "hello")
    program.until("tok/s")


@pytest.mark.parametrize(
    "fault",
    [
        Fault(status=401),
        Fault(status=404),
        Fault(status=429, retry_after=70),
        Fault(status=529),
        Fault(cut_after=3),
        Fault(malformed_after=2),
    ],
)
def test_what_a_server_does_wrong_is_told_on_the_message(console, stand_ins, own_home, fault):
    stand_ins.api.order(fault)
    program = console()
    ask(program, "analyze this")
    program.until(lambda text: [row for row in ledger_rows(own_home) if row["ending"]])
    row, *later = ledger_rows(own_home)
    assert row["ending"] == "error" and row["error"]
    # A retry and the tier that steps in have rows of their own, which name the first.
    assert all(each["parent"] == row["id"] for each in later)
    # The sentence on the message is the one in the row.
    program.until(lambda text: " ".join(row["error"].split()) in flat(program))
    if fault.retry_after:
        assert re.search(r"again in [67]\d s", flat(program))  # it is counted down
    assert stand_ins.api.key not in program.text + str(row)


def test_a_missing_key_and_no_server(console, own_home):
    program = console(**{KEY: ""})
    program.until("api no")
    ask(program, "analyze this")
    program.until(lambda text: [row for row in ledger_rows(own_home) if row["ending"]])
    program.until(lambda text: f"variable {KEY} is not set" in flat(program))
    first, *later = ledger_rows(own_home)
    assert first["ending"] == "error"
    assert all(each["parent"] == first["id"] and each["tier"] == "local" for each in later)


def test_a_ledger_that_cannot_be_written_stops_nothing_but_requests(console, own_home, stand_ins):
    ledger_path(own_home).parent.parent.mkdir(parents=True)
    ledger_path(own_home).parent.write_text("in the way")
    program = console()
    program.send("\x1bOQ")  # F2
    program.until(lambda text: "cannot be opened" in flat(program))
    program.send("\x1bOR")  # F3
    ask(program, "hello")
    program.until(lambda text: "Not sent: The ledger" in flat(program))
    assert not stand_ins.local.chats
    # What was asked is not lost, and the pane recovers by itself.
    program.until(lambda text: "hello" in text)
    ledger_path(own_home).parent.unlink()
    program.send("\x1bOQ")
    program.until(lambda text: "cannot be opened" not in text and "all" in text and "req" in text)
    program.send("\x11")
    assert program.wait() == 0


def test_hostile_replies_reach_the_terminal_as_text_only(console, stand_ins):
    stand_ins.local.order(*(Fault(reply=f"before {attack} after") for attack in ATTACKS.values()))
    program = console((100, 30))
    program.until("→ local")  # the terminal is set up, which needs sequences of its own
    start = len(program.raw)
    for number in range(len(ATTACKS)):
        ask(program, f"say it {number}")
        program.until(lambda text, n=number: len(stand_ins.local.chats) > n and "tok/s" in text)
        program.send("\x0e")  # a new conversation
        program.until(lambda text: "tok/s" not in text)
    sent = bytes(program.raw[start:])
    for foreign in (b"\x1b]0;pwned", b"\x1b]52;", b"\x1b]8;;http://evil", b"\x1bP+q", b"\x1b_",
                    b"\x1bc", b"\x1b[2J\x1b[1;1Hpwned", b"\x1b[?1049l", b"\x1b[?1000h",
                    b"\x1b[8m", b"\xc2\x9b", b"\xc2\x9d", b"\x07", "\u202e".encode()):  # fmt: skip
        assert foreign not in sent, foreign
    program.send("\x11")
    assert program.wait() == 0 and program.left_on() == set()


def test_kill_9_during_a_reply_is_told_at_the_next_start(console, own_home, stand_ins):
    stand_ins.local.order(Fault(stall_after=2))
    program = console()
    ask(program, "hello")
    program.until(lambda text: ledger_rows(own_home))
    program.signal(signal.SIGKILL)
    assert program.wait() == -signal.SIGKILL
    stand_ins.local.release()
    assert [row["ending"] for row in ledger_rows(own_home)] == [None]
    again = console((200, 60))
    again.until("req")
    again.until(lambda text: ledger_rows(own_home)[0]["ending"])
    assert [row["ending"] for row in ledger_rows(own_home)] == ["interrupted"]
