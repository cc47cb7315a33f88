"""What every verb starts from: the operator's settings, places and services."""

import os
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from console.cli.exits import Exit, Stop

if TYPE_CHECKING:
    from console.core.settings import Settings
    from console.services.console import Console
    from console.sources.gpu.early import EarlyReader
    from console.sources.places import Places
    from console.wire.world import World


T = TypeVar("T")


class Invocation:
    """One run of the command: the options that stand before the verb, and what follows from them.

    `config` is None for the usual settings file.
    """

    def __init__(
        self,
        *,
        config: Path | None = None,
        gpu_trace: Path | None = None,
        gpu_speed: float = 1.0,
    ) -> None:
        self.config = config
        self.gpu_trace = gpu_trace
        self.gpu_speed = gpu_speed

    @cached_property
    def places(self) -> "Places":
        """Where the program's files are."""
        from console.sources.places import find_places

        return find_places(self.config)

    @cached_property
    def settings(self) -> "Settings":
        """The operator's settings; raises ConfigError."""
        from console.sources.settings import load_settings

        return load_settings(self.places.config, os.environ, required=self.config is not None)

    def world(
        self, *, demo: bool = False, lasting: bool = False, early: "EarlyReader | None" = None
    ) -> "World":
        """What a console is opened over."""
        from console.wire.world import World

        return World(
            settings=self.settings,
            places=self.places,
            environment=os.environ,
            demo=demo,
            gpu_trace=self.gpu_trace,
            gpu_speed=self.gpu_speed,
            lasting=lasting,
            early=early,
        )

    @asynccontextmanager
    async def services(self) -> AsyncIterator["Console"]:
        """All services over the real world; raises Stop when what was asked for cannot be."""
        from console.wire.opening import open_console

        async with AsyncExitStack() as stack:
            try:
                console = await stack.enter_async_context(open_console(self.world()))
            except (OSError, ValueError) as error:
                raise Stop(str(error), Exit.USAGE) from None
            yield console


def run_async(verb: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run a verb's coroutine; ctrl+c cancels it, so that it can close what it opened."""
    import asyncio

    return asyncio.run(verb())


def pass_invocation(verb: Callable[..., Any]) -> Callable[..., Any]:
    """Give a verb the invocation as its first argument."""
    import click

    return click.make_pass_decorator(Invocation, ensure=True)(verb)


def json_option(verb: Callable[..., Any]) -> Callable[..., Any]:
    """Add `--json` to a verb, as the argument `as_json`."""
    import click

    option = click.option("--json", "as_json", is_flag=True, help="One line of JSON on stdout.")
    return option(verb)
