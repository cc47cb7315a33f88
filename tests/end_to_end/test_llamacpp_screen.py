"""Real llama.cpp behind both tiers: typed in tmux, read on the screen, booked."""

import os
from pathlib import Path

import pytest

import console
from tests.end_to_end.programs import CONSOLE, configured, ledger_rows
from tests.patience import until
from tests.terminal.sshd import Sshd
from tests.terminal.tmux import Tmux

pytestmark = pytest.mark.real


@pytest.fixture
def home(own_home, llamacpp):
    """A home whose two tiers are one llama.cpp, through two protocols."""
    configured(
        own_home,
        f"""
[tiers.local]
kind = "openai"
base_url = "{llamacpp.url}"
model = "{llamacpp.model}"
[tiers.api]
kind = "anthropic"
base_url = "{llamacpp.url}"
model = "{llamacpp.model}"
key_env = "TEST_KEY"
""",
    )
    return own_home


def environment(home):
    keep = {
        name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL", "TZ") if name in os.environ
    }
    # The program under test, also from another folder.
    package = str(Path(console.__file__).parents[1])
    return {**keep, "PYTHONPATH": package, "HOME": str(home), "TEST_KEY": "sk-not-shown"}


def converse(tmux, home, llamacpp):
    """Ask once on each tier; the replies on the screen and the rows in the ledger."""
    tmux.until("4 What-if")
    for task, head in (
        ("Is node three hot?", "local · tiny · routine"),
        ("Please evaluate the fleet.", 'api · tiny · complex: "evaluate"'),
    ):
        before = tmux.capture().count("tok/s")
        tmux.type(task)
        tmux.until(task)
        tmux.send("Enter")
        tmux.until(head)
        tmux.until(lambda screen, seen=before: screen.count("tok/s") > seen)
    until(lambda: [row for row in ledger_rows(home) if row["ending"]][1:], "two rows")
    rows = ledger_rows(home)
    assert [(row["tier"], row["provider"], row["ending"]) for row in rows] == [
        ("local", "openai-compatible", "done"),
        ("api", "anthropic", "done"),
    ]
    return rows


def test_typed_in_tmux_read_on_screen_and_booked_with_the_servers_own_counts(home, llamacpp):
    with Tmux(CONSOLE, size=(120, 40), env=environment(home)) as tmux:
        rows = converse(tmux, home, llamacpp)
        # No price list has the model: unknown, and said so, instead of 0.
        tmux.until("1 unpriced")
        tmux.send("C-q")
        tmux.until_dead()
    for row in rows:
        assert row["usage_source"] == "reported" and row["output_tokens"] > 0
        assert row["model_reported"] == "tiny" and row["response_id"]
    # The server's own counts for the same prompts, asked directly.
    asked = llamacpp.post(
        "/v1/chat/completions",
        {"messages": [{"role": "user", "content": "Is node three hot?"}], "temperature": 0},
    )
    local, api = rows
    cached = local["cache_read_tokens"] or 0
    assert local["uncached_tokens"] + cached == asked["usage"]["prompt_tokens"]
    counted = llamacpp.post(
        "/v1/messages/count_tokens",
        {"messages": [{"role": "user", "content": "Please evaluate the fleet."}], "max_tokens": 9},
    )
    # The history travelled with the second question.
    assert api["uncached_tokens"] + (api["cache_read_tokens"] or 0) > counted["input_tokens"]
    assert api["cost_nano_usd"] is None
    for row in rows:
        assert "sk-not-shown" not in str(row)


def test_over_a_real_sshd(home, llamacpp, tmp_path):
    with Sshd(tmp_path / "ssh") as sshd:
        variables = " ".join(
            f"{name}='{value}'" for name, value in environment(home).items() if name != "TERM"
        )
        remote = f"env {variables} {' '.join(CONSOLE)}"
        with Tmux([*sshd.command, remote], size=(120, 40)) as tmux:
            converse(tmux, home, llamacpp)
            assert "38;5;" in tmux.capture(colours=True), "256 colours"
            tmux.resize(80, 24)
            tmux.until(lambda screen: "1 GPU" in screen and "4 What-if" in screen)
            tmux.send("C-q")
            tmux.until_dead()
