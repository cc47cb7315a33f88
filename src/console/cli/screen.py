"""Taking the terminal: what `llmconsole` alone does, before all else is imported."""

import gc
import os
import sys
from pathlib import Path

from console.cli.exits import Exit, Stop
from console.cli.invocation import Invocation
from console.cli.upgrading import upgrade_ledger


def start(invocation: Invocation, *, demo: bool = False) -> int:
    """Show the console until it is left; the exit code. Raises Stop, ConfigError."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise Stop(
            "the console needs a terminal; for scripts use "
            "`llmconsole ask|gpu|ledger|whatif … --json`.",
            Exit.USAGE,
        )
    term = os.environ.get("TERM", "")
    if term in ("", "dumb", "unknown"):
        raise Stop(
            f'the terminal says it can only print lines (TERM is "{term}"); set TERM to what it '
            "is, for example xterm-256color.",
            Exit.USAGE,
        )
    # What is imported from here on stays: looking through it for garbage takes a tenth of the
    # time to the first frame, after which the console collects again.
    gc.disable()
    early = None
    if not demo and invocation.gpu_trace is None:
        from console.sources.gpu.early import start_early

        early = start_early()
    world = invocation.world(demo=demo, lasting=True, early=early)
    _require_trace(world.gpu_trace)
    if not demo:
        upgrade_ledger(invocation.places.ledger)
    from console.wire.first import run_console

    return run_console(world)


def _require_trace(path: Path | None) -> None:
    """Refuse a recorded trace that is none before the screen is taken."""
    if path is None:
        return
    from console.sources.gpu.trace import read_trace

    try:
        read_trace(path)
    except (OSError, ValueError) as error:
        raise Stop(str(error), Exit.USAGE) from None
