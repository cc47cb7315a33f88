"""Real llama.cpp, and the embedded stand-ins, for whole runs of the program."""

import time

import pytest

from console.sources.demo.servers import open_stand_ins


@pytest.fixture
def stand_ins():
    """Both stand-ins, answering at once."""
    with open_stand_ins(
        time.time_ns() // 1_000_000, local_tokens_per_s=float("inf"), api_tokens_per_s=float("inf")
    ) as servers:
        yield servers
