"""The real command in a process of its own, its tiers pointed at stand-ins on loopback."""

import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from console.sources.demo.servers import open_stand_ins
from tests.patience import PATIENCE_S

SRC = Path(__file__).parents[2] / "src"
COMMAND = [sys.executable, "-W", "error", "-m", "console"]


@dataclass(frozen=True)
class Ended:
    code: int
    out: str
    err: str

    @property
    def json(self):
        [line] = self.out.splitlines()
        return json.loads(line)


@pytest.fixture
def environment(monkeypatch, own_home):
    """The command's environment; a test may add to it."""
    monkeypatch.setenv("PYTHONPATH", str(SRC))
    return dict(os.environ)


@pytest.fixture
def start(environment, tmp_path):
    """Start the command and leave it running; it is killed if the test leaves it so."""
    running = []

    def start(*arguments, stdin=subprocess.DEVNULL):
        process = subprocess.Popen(
            [*COMMAND, *arguments], env=environment, cwd=tmp_path, stdin=stdin,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
            # Tests that run under nohup would hand that down.
            preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_DFL),
        )  # fmt: skip
        running.append(process)
        return process

    yield start
    for process in running:
        process.kill()
        process.communicate()


@pytest.fixture
def run(start):
    """Run the command to its end; nothing it does may look like a Python error."""

    def run(*arguments, input=None):
        given = input.encode() if isinstance(input, str) else input
        process = start(*arguments, stdin=subprocess.DEVNULL if input is None else subprocess.PIPE)
        out, err = process.communicate(given, timeout=PATIENCE_S)
        ended = Ended(process.returncode, out.decode(), err.decode())
        assert "Traceback" not in ended.out + ended.err
        assert "Warning" not in ended.err
        return ended

    return run


@pytest.fixture
def cards(driver, environment):
    """Two cards of the stand-in driver, seen by the command."""
    environment |= {name: os.environ[name] for name in ("LD_LIBRARY_PATH", "FAKENVML_CONTROL")}
    return driver


@pytest.fixture
def stand_ins(environment):
    """Both tiers' stand-ins, replying at once, and the command's environment pointing at them."""
    with open_stand_ins(
        1_795_478_400_000, local_tokens_per_s=float("inf"), api_tokens_per_s=float("inf")
    ) as servers:
        environment |= {
            "LLMCONSOLE_TIERS_LOCAL_BASE_URL": servers.local.url,
            "LLMCONSOLE_TIERS_API_BASE_URL": servers.api.url,
            "ANTHROPIC_API_KEY": servers.api.key,
            "LLMCONSOLE_ROUTER_FALLBACK": "off",
            "LLMCONSOLE_ROUTER_RETRIES": "0",
        }
        yield servers
