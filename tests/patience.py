"""Waiting for what a test means, instead of for a time."""

import asyncio
import time
from collections.abc import Callable

PATIENCE_S = 120.0
"""When a wait gives up: a machine under load is slow, and a wait that ends well ends at once."""


def until(holds: Callable[[], object], what: str = "what was waited for") -> None:
    """Wait until `holds()` is true."""
    end = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < end, f"never came: {what}"
        time.sleep(0.05)


async def until_shown(pilot, holds: Callable[[], object]) -> None:
    """Let an app under test go on until `holds()` is true."""
    async with asyncio.timeout(PATIENCE_S):
        while not holds():
            await pilot.pause(0.02)
