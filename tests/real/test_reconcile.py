"""`ledger reconcile` against the counters of a real llama.cpp: its own figures, to the token."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.real.llamacpp import llamacpp_server

pytestmark = pytest.mark.real
SRC = Path(__file__).parents[2] / "src"


@pytest.fixture
def run(tmp_path, own_home):
    def run(server, *arguments):
        config = tmp_path / "config.toml"
        config.write_text(f'[tiers.local]\nkind = "openai"\nbase_url = "{server.url}"\n'
                          f'model = "{server.model}"\n')  # fmt: skip
        command = [sys.executable, "-m", "console", "--config", str(config), *arguments]
        environment = {**os.environ, "PYTHONPATH": str(SRC)}
        return subprocess.run(command, env=environment, capture_output=True, text=True)

    return run


def counted(run, server):
    done = run(server, "ledger", "reconcile", "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)["counters"]


def test_the_ledger_has_what_the_server_counted(run, tiny_gguf):
    with llamacpp_server(tiny_gguf, name="first") as server:
        for prompt in ("hello", "hello again, with a prefix that is cached"):
            assert run(server, "ask", prompt).returncode == 0
        [since_start] = counted(run, server)
        compared = since_start["compared"]
        assert since_start["rows"] == 2 and compared["output_tokens"]["theirs"] > 0
        assert all(line["drift"] == 0 for line in compared.values()), compared
        assert {"uncached_tokens", "cache_read_tokens", "prompt_tokens"} < set(compared)
        # Another program asks the same server: that is a drift, and is told as one.
        body = {"messages": [{"role": "user", "content": "x"}], "max_tokens": 3}
        server.post("/v1/chat/completions", body)
        [day] = counted(run, server)
        assert day["compared"]["output_tokens"]["drift"] < 0
    with llamacpp_server(tiny_gguf, name="second") as server:
        assert run(server, "ask", "hello").returncode == 0
        [anew] = [each for each in counted(run, server) if server.url.endswith(
            each["server"].rpartition(":")[2])]  # fmt: skip
        assert anew["rows"] == 1 and anew["compared"]["prompt_tokens"]["drift"] == 0
