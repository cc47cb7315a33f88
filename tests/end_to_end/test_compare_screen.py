"""A comparison and the clipboard in a real multiplexer, against servers on loopback."""

import json
import os
import sqlite3

import pytest

from console.sources.demo.faults import Fault
from tests.end_to_end.programs import CONSOLE, ledger_path
from tests.terminal.tmux import Tmux

pytestmark = pytest.mark.real


@pytest.fixture
def console(stand_ins, own_home):
    """The console in tmux, its tiers pointed at the stand-ins."""
    running = []

    def start(size=(120, 40)):
        env = {
            **{
                name: os.environ[name]
                for name in ("HOME", "PATH", "PYTHONPATH", "TZ")
                if name in os.environ
            },
            "LLMCONSOLE_TIERS_LOCAL_BASE_URL": stand_ins.local.url,
            "LLMCONSOLE_TIERS_API_BASE_URL": stand_ins.api.url,
            "ANTHROPIC_API_KEY": stand_ins.api.key,
        }
        tmux = Tmux(CONSOLE, size=size, env=env)
        running.append(tmux)
        tmux.until("local ok")
        return tmux

    yield start
    for tmux in running:
        tmux.__exit__()


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)])
def test_a_blind_verdict_lands_in_the_ledger(console, stand_ins, own_home, size):
    stand_ins.local.order(Fault(reply="Reply of the box."))
    stand_ins.api.order(Fault(reply="Reply of the cloud."))
    tmux = console(size)
    tmux.type("Why is it so?")
    tmux.send("F6")
    # The last row too: a frame comes from its top, and the one before shows through until it has.
    wanted = ("which is better?", "Reply of the box.", "Reply of the cloud.", "without a verdict")
    seen = tmux.until(lambda screen: all(words in screen for words in wanted))
    assert not [word for word in ("llama", "claude", "local", "api", "$") if word in seen]
    tmux.send("b")
    wanted = ("B is better", "1 so far", "llama3.1:8b", "claude-so", "$0.0")
    tmux.until(lambda screen: all(words in screen for words in wanted))
    tmux.send("Enter")
    tmux.until("compared blind")
    connection = sqlite3.connect(ledger_path(own_home))
    rows = connection.execute(
        "SELECT a.tier, b.tier, a_tier, judgement, verdicts.features, verdicts.prompt FROM verdicts"
        " JOIN entries a ON a.id = a_entry JOIN entries b ON b.id = b_entry"
        " WHERE a.parent = pair AND b.parent = pair"
    ).fetchall()
    connection.close()
    [(a, b, a_tier, judgement, features, prompt)] = rows
    assert {a, b} == {"local", "api"} and a == a_tier and judgement == "b" and prompt is None
    assert json.loads(features)["length"] == len("Why is it so?")


def test_code_reaches_the_clipboard_of_a_multiplexer(console, stand_ins):
    stand_ins.local.order(Fault(reply="Try\n\n```sh\necho é > file\n```\n\nthen stop."))
    tmux = console()
    tmux._run("set-option", "-s", "set-clipboard", "on")
    tmux.type("how?")
    tmux.send("Enter")
    tmux.until("then stop.")
    tmux.until("tok/s")  # before its end, Escape stops the reply
    tmux.send("Escape")
    tmux.until("c code")
    tmux.send("c")
    tmux.send("y")
    tmux.until("clipboard")
    assert tmux._run("show-buffer").rstrip("\n") == "echo é > file"
