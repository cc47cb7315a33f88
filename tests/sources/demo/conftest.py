"""An open Ollama stand-in, and a plain HTTP client of it."""

import httpx
import pytest
from tests.patience import PATIENCE_S

from console.sources.demo.ollama import OllamaStandIn


@pytest.fixture
def server():
    with OllamaStandIn() as server:
        yield server


@pytest.fixture
async def client(server):
    async with httpx.AsyncClient(base_url=server.url, timeout=PATIENCE_S) as client:
        yield client
