"""A server that is not there is found missing without the client that would ask it."""

import asyncio
import socket
import subprocess
import sys
from dataclasses import replace

import httpx  # noqa: F401 (with it imported the client itself is asked)
import pytest

from console.core.settings import LOCAL_DEFAULT
from console.core.tier import Tier
from console.sources.models import model_source
from console.sources.models.addresses import door

PROGRAM = """
import asyncio, sys
from dataclasses import replace
from console.core.settings import LOCAL_DEFAULT
from console.core.tier import Tier
from console.sources.models import model_source

source = model_source(replace(LOCAL_DEFAULT, base_url=sys.argv[1]), {}, Tier.LOCAL)
print(asyncio.run(source.probe()).trouble)
print("httpx" in sys.modules)
"""


@pytest.fixture(params=["http://127.0.0.1", "http://localhost", "https://127.0.0.1"])
def nobody(request):
    """An address where nobody listens, and nobody else can begin to."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"{request.param}:{taken.getsockname()[1]}"


def test_nobody_at_home_is_told_alike_with_and_without_the_client(nobody):
    command = [sys.executable, "-c", PROGRAM, nobody]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    told, imported = done.stdout.splitlines()
    source = model_source(replace(LOCAL_DEFAULT, base_url=nobody), {}, Tier.LOCAL)
    assert told == asyncio.run(source.probe()).trouble and "Connection refused" in told
    assert imported == "False"


@pytest.mark.parametrize(
    ("url", "where"),
    [
        ("127.0.0.1:11434", ("127.0.0.1", 11434)),
        ("http://[::1]/v1", ("::1", 80)),
        ("https://localhost", ("localhost", 443)),
    ],
)
def test_the_door_of_an_address(url, where):
    assert door(url) == where
