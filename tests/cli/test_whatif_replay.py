"""`whatif replay` at a terminal: how far it is, and what stopping it does."""

import json
import os
import pty
import signal
import subprocess
from contextlib import suppress

import pytest

from tests.patience import PATIENCE_S

from .conftest import COMMAND


@pytest.fixture
def at_terminal(environment, tmp_path):
    """Start the command with a terminal for its stderr: the process, and what the terminal gets."""
    ours, theirs = pty.openpty()
    running = []

    def start(*arguments):
        process = subprocess.Popen(
            [*COMMAND, "whatif", "replay", *arguments], env=environment, cwd=tmp_path,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=theirs,
        )  # fmt: skip
        running.append(process)
        return process, ours

    yield start
    for process in running:
        process.kill()
        process.communicate()
    os.close(ours)
    os.close(theirs)


def read_until(terminal, text):
    got = ""
    while text not in got:
        got += os.read(terminal, 4096).decode()
    return got


def test_how_far_it_is_stands_on_the_terminal_while_it_runs_only(run, stand_ins, at_terminal):
    assert run("ask", "--tier", "local", "hello there").code == 0
    process, terminal = at_terminal("--policy", "all-local", "--queue", "--json")
    said = read_until(terminal, "\r\x1b[K")
    out, _ = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0 and json.loads(out)["queueing"]["requests"] == 1
    steps = [said.index(step) for step in ("reading the ledger", "100%  replaying", "queueing")]
    assert steps == sorted(steps) and said.endswith("\r\x1b[K"), "its last line is gone"


def test_stopping_it_is_one_sentence_and_130(at_terminal, tmp_path):
    waits = tmp_path / "waits.toml"
    os.mkfifo(waits)
    process, terminal = at_terminal("--policy", str(waits))
    # Opened once the replay opens it: what it needs is imported, and it waits for the policy.
    with waits.open("wb"):
        process.send_signal(signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            process.wait(10)
        if process.poll() is None:
            process.send_signal(signal.SIGINT)  # The first came just before the read that blocks.
        assert process.wait(PATIENCE_S) == 130
    said = read_until(terminal, "changed.\r\n")
    assert "reading the ledger … Ctrl-C stops" in said
    assert said.endswith("\r\x1b[Kllmconsole: stopped before the replay was done; nothing is kept "
                         "of it, and nothing was changed.\r\n")  # fmt: skip
