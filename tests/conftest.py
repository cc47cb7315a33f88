"""Every test runs in a home of its own, at noon, without keys, and reaches loopback only.

What is dear to make is made once for all: the servers of llama.cpp, and the stand-in driver.
"""

import os
import signal
import socket
import time

import pytest
from hypothesis import HealthCheck, settings

from tests.real.llamacpp import (  # noqa: F401
    endless_gguf,
    endless_llamacpp,
    llamacpp,
    locked_llamacpp,
    tiny_gguf,
)
from tests.sources.gpu.conftest import driver, fakenvml  # noqa: F401

# The same examples each time, and no deadline on a machine that others use too. To look further:
# `pytest --hypothesis-profile default`.
settings.register_profile(
    "repeatable", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("repeatable")

# What a script starts in the background ignores Ctrl-C, and so would all that tests start.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

_FOREIGN = ("_API_KEY", "_PROXY", "_proxy", "LLMCONSOLE_", "OLLAMA_", "ANTHROPIC_", "OPENAI_")


@pytest.fixture(autouse=True)
def own_home(tmp_path, monkeypatch):
    """A fresh HOME; nothing of the operator's own settings or keys is seen or touched."""
    for name in list(os.environ):
        if any(part in name for part in _FOREIGN) and name != "LLMCONSOLE_REQUIRE_REAL":
            monkeypatch.delenv(name)
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name in ("COLORTERM", "NO_COLOR", "TEXTUAL_COLOR_SYSTEM", "TMUX"):
        monkeypatch.delenv(name, raising=False)
    # Where it is set, each of the hundreds of processes would compile the package anew.
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
    # A zone where it is about noon: what a run of the program tells by day lies in one of them.
    monkeypatch.setenv("TZ", f"Etc/GMT{time.gmtime().tm_hour - 12:+d}")
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("LANG", "C.UTF-8")
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    return home


@pytest.fixture(autouse=True)
def loopback_only(monkeypatch):
    """A connection to any address but this machine's own is a failed test."""
    connect = socket.socket.connect

    def guarded(self, address):
        if self.family in (socket.AF_INET, socket.AF_INET6):
            host = address[0]
            assert host == "::1" or host.startswith("127."), f"a test reached for {host}"
        return connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)
