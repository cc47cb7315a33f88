"""A console from its opening to its end, with and without a screen."""

import asyncio
import logging
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, nullcontext
from importlib import import_module
from typing import TYPE_CHECKING

from console.services.tiers import Tiers
from console.sources.log import log_to
from console.sources.models import model_source
from console.wire.gpus import Gpus, open_gpus
from console.wire.world import World, open_world

if TYPE_CHECKING:
    from console.services.console import Console
    from console.ui.opening.terminal import Opening

_REST = ("console.wire.services", "console.ui.app")
"""What a screen needs beside the GPUs: most of the time to its first frame goes into these."""


@asynccontextmanager
async def open_console(own: World) -> "AsyncIterator[Console]":
    """All services over the real world, or for a demo over embedded stand-ins.

    Nothing is opened before it is used: neither the ledger, nor the driver, nor a model client.
    """
    # httpx would bring its own command line along, which is 3 MB of colours and markup, and
    # sqlite-utils pandas where there is one, which is 90 MB and a second.
    for name in ("httpx._main", "pandas"):
        sys.modules.setdefault(name, None)  # type: ignore[arg-type]
    with open_world(own) as world:
        async with AsyncExitStack() as closing:
            tiers = Tiers(
                world.settings, lambda chosen, tier: model_source(chosen, world.environment, tier)
            )
            gpus = open_gpus(world, tiers)
            async with _sampling(gpus) if world.lasting else nullcontext():
                from console.wire.services import open_services

                yield open_services(world, tiers, gpus, closing)


@asynccontextmanager
async def _sampling(gpus: Gpus) -> AsyncIterator[None]:
    """Sample meanwhile; while the process that reads the GPUs starts, the rest is imported."""
    sampling = asyncio.create_task(gpus.sampler.run())
    try:
        for name in _REST:
            await asyncio.to_thread(import_module, name)
        yield
    finally:
        sampling.cancel()
        await asyncio.wait([sampling])


def show(own: World, opening: "Opening | None") -> int:
    """Show the console until it is left, from what is on the terminal on; the exit code."""
    log_to(own.places.log)
    if opening is not None and opening.error is not None:
        logging.getLogger("console").error("no first frame was painted", exc_info=opening.error)

    async def run() -> int:
        async with open_console(own) as console:
            from console.ui.app import run

            return await run(console, [own.places.themes], sampled=True, opening=opening)

    return asyncio.run(run())
