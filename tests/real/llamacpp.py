"""Real llama.cpp with a tiny model, in a process of its own, for any test that wants one.

The fixtures are session-wide: import `llamacpp` and those it needs into a conftest.
"""

import importlib.util
import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.patience import PATIENCE_S
from tests.real.tiny_gguf import write_tiny_gguf
from tests.require import need

API_KEY = "sk-test-llamacpp"
PROGRAM = Path(__file__).with_name("llamacpp_process.py")


@dataclass(frozen=True, slots=True)
class LlamaCpp:
    """A running server: OpenAI's and Anthropic's protocol at `url`, one model named `model`."""

    url: str
    model: str
    context: int
    key: str | None = None

    def get(self, path: str) -> Any:
        """The JSON at a path."""
        return self._asked(path, None)

    def post(self, path: str, body: object) -> Any:
        """The JSON that a path answers with."""
        return self._asked(path, json.dumps(body).encode())

    def _asked(self, path: str, body: bytes | None) -> Any:
        request = urllib.request.Request(self.url + path, body)
        request.add_header("Content-Type", "application/json")
        if self.key:
            request.add_header("Authorization", f"Bearer {self.key}")
        with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
            return json.load(answer)

    @property
    def busy(self) -> int:
        """How many slots are at work."""
        return sum(slot["is_processing"] for slot in self.get("/slots"))


@contextmanager
def llamacpp_server(
    model: Path, *, name: str = "tiny", slots: int = 2, context: int = 8_192, key: str | None = None
) -> Iterator[LlamaCpp]:
    """A server on a port of the system's choosing; `context` is what one slot has."""
    need(
        importlib.util.find_spec("xllamacpp"),
        "xllamacpp (real llama.cpp) is not installed: pip install xllamacpp",
    )
    order = {"model": str(model), "name": name, "slots": slots, "context": context, "key": key}
    log = model.with_name(f"{model.stem}-{name}-{slots}.log")
    with log.open("wb") as errors:
        process = subprocess.Popen(
            [sys.executable, str(PROGRAM), json.dumps(order)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
    # The child ends when its input does, also when this process is killed.
    with process:
        try:
            assert process.stdout
            url = process.stdout.readline().strip()
            assert url.startswith("http://127.0.0.1:"), log.read_text()[-2_000:]
            server = LlamaCpp(url, name, context, key)
            deadline = time.monotonic() + PATIENCE_S
            while not _healthy(url):
                assert time.monotonic() < deadline, log.read_text()[-2_000:]
                time.sleep(0.02)
            yield server
        finally:
            process.kill()


@pytest.fixture(scope="session")
def tiny_gguf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The model whose replies end."""
    need(importlib.util.find_spec("gguf"), "gguf is not installed: pip install gguf numpy")
    return write_tiny_gguf(tmp_path_factory.mktemp("gguf") / "tiny.gguf")


@pytest.fixture(scope="session")
def endless_gguf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The model whose replies end at the context's end only, slowly enough to be stopped."""
    need(importlib.util.find_spec("gguf"), "gguf is not installed: pip install gguf numpy")
    return write_tiny_gguf(
        tmp_path_factory.mktemp("gguf") / "endless.gguf", endless=True, layers=64
    )


@pytest.fixture(scope="session")
def llamacpp(tiny_gguf: Path) -> Iterator[LlamaCpp]:
    """A server of the tiny model, without a key."""
    with llamacpp_server(tiny_gguf) as server:
        yield server


@pytest.fixture(scope="session")
def locked_llamacpp(tiny_gguf: Path) -> Iterator[LlamaCpp]:
    """A server that asks for API_KEY."""
    with llamacpp_server(tiny_gguf, name="locked", key=API_KEY) as server:
        yield server


@pytest.fixture(scope="session")
def endless_llamacpp(endless_gguf: Path) -> Iterator[LlamaCpp]:
    """A server whose only slot talks until it is stopped."""
    with llamacpp_server(endless_gguf, name="endless", slots=1, context=65_536) as server:
        yield server


def _healthy(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/health", timeout=5):
            return True
    except OSError:  # not listening yet, or 503 while it loads
        return False
