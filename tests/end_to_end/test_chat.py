"""The chat at real terminals, before a real llama.cpp: stopped, kept, resumed, two at once."""

import os
import sqlite3

import pytest

from tests.end_to_end.programs import CONSOLE, configured, ledger_path, ledger_rows, llmconsole
from tests.end_to_end.test_llamacpp_screen import environment
from tests.patience import until
from tests.terminal.pty_program import PtyProgram
from tests.terminal.tmux import Tmux

pytestmark = pytest.mark.real


def served_by(home, server, extra=""):
    configured(
        home,
        f"""
[tiers.local]
kind = "openai"
base_url = "{server.url}"
model = "{server.model}"
[tiers.api]
kind = "anthropic"
base_url = "{server.url}"
model = "{server.model}"
key_env = "TEST_KEY"
{extra}
""",
    )
    return home


def kept(home):
    """The messages that the conversations' file has with a whole reply."""
    connection = sqlite3.connect(ledger_path(home).with_name("conversations.db"))
    try:
        found = connection.execute("SELECT task FROM exchanges WHERE whole").fetchall()
    finally:
        connection.close()
    return [task for (task,) in found]


def ask(tmux, home, text):
    def ended():
        return sum(row["ending"] is not None for row in ledger_rows(home))

    before = ended()
    tmux.type(text)
    tmux.until(text)
    tmux.send("Enter")
    until(lambda: ended() > before)
    tmux.until(text)


def test_escape_frees_the_servers_slot(own_home, endless_llamacpp):
    home = served_by(own_home, endless_llamacpp)
    with Tmux(CONSOLE, size=(80, 24), env=environment(home)) as tmux:
        tmux.until("4 What-if")
        tmux.type("Talk for ever.")
        tmux.until("Talk for ever.")
        tmux.send("Enter")
        until(lambda: endless_llamacpp.busy)
        tmux.send("Escape")
        tmux.until("stopped")
        until(lambda: not endless_llamacpp.busy)
        until(lambda: [row["ending"] for row in ledger_rows(home)] == ["cancelled"])


def test_two_consoles_keep_their_own_and_find_each_others(own_home, llamacpp):
    home = served_by(own_home, llamacpp, "[chat]\nstore = true")
    with (
        Tmux(CONSOLE, size=(80, 24), env=environment(home)) as one,
        Tmux(CONSOLE, size=(80, 24), env=environment(home)) as two,
    ):
        for tmux in (one, two):
            tmux.until("4 What-if")
        ask(one, home, "first of one")
        ask(two, home, "first of two")
        ask(one, home, "second of one")
        assert "of two" not in one.capture() and "of one" not in two.capture()
        two.send("F8")
        two.until("Conversations")
        two.until("first of one")
        two.type("one")
        two.until(lambda screen: "first of two" not in screen.partition("find")[2][:400])
        two.send("Enter")
        two.until(lambda screen: "Conversations" not in screen and "second of one" in screen)
        ask(two, home, "third, from two")
        one.send("C-q")
        one.until_dead()
        two.send("C-q")
        two.until_dead()
    shown = llmconsole("chats", "search", "third", "--json").stdout
    assert '"messages":3' in shown
    rows = ledger_rows(home)
    assert len(rows) == 4 and len({row["conversation"] for row in rows}) == 2


def test_what_was_said_survives_a_kill_and_goes_on_with_its_pin(own_home, llamacpp):
    home = served_by(own_home, llamacpp, "[chat]\nstore = true")
    env = {**os.environ, **environment(home)}
    with PtyProgram(CONSOLE, size=(80, 24), env=env) as program:
        program.until("4 What-if")
        program.send("\x0f")
        program.until("pinned to local")
        program.send("keep these words\r")
        program.until("tok/s")
        until(lambda: kept(home) == ["keep these words"])
        program.signal(9)
    with Tmux(CONSOLE, size=(80, 24), env=environment(home)) as tmux:
        tmux.until("4 What-if")
        tmux.send("F8")
        tmux.until("keep these words")
        tmux.send("Enter")
        tmux.until(lambda screen: "pinned to local" in screen and "tok/s" in screen)
        ask(tmux, home, "evaluate them")
        assert "api ·" not in tmux.capture()
    assert {row["tier"] for row in ledger_rows(home)} == {"local"}


def test_the_editor_has_the_terminal_and_gives_it_back(own_home, llamacpp, tmp_path):
    home = served_by(own_home, llamacpp)
    script = tmp_path / "editor"
    script.write_text('#!/bin/sh\nprintf "EDITING\\n"; read answer; echo "$answer" > "$1"\n')
    script.chmod(0o700)
    env = {**environment(home), "EDITOR": str(script)}
    with Tmux(CONSOLE, size=(80, 24), env=env) as tmux:
        tmux.until("4 What-if")
        tmux.type("a draft")
        tmux.until("a draft")
        tmux.send("C-g")
        tmux.until("EDITING")
        assert "3 Chat" not in tmux.capture()
        tmux.type("written outside")
        tmux.send("Enter")
        tmux.until(lambda screen: "written outside" in screen and "3 Chat" in screen)
        assert "a draft" not in tmux.capture()
        tmux.send("Enter")
        tmux.until("tok/s")
        tmux.send("C-q")
        tmux.until_dead()
