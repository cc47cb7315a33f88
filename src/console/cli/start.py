"""`run` and `demo`, which take the terminal, and `completion`, which teaches the shell."""

import gc
import os
import sys
from pathlib import Path

import click

from console.cli.exits import Exit, Stop
from console.cli.invocation import Invocation, pass_invocation
from console.cli.upgrading import upgrade_ledger


@click.command()
@pass_invocation
def run(invocation: Invocation) -> int:
    """The console: what `llmconsole` alone starts."""
    return _start(invocation, demo=False)


@click.command()
@pass_invocation
def demo(invocation: Invocation) -> int:
    """The same against stand-ins: no GPU, server or key needed.

    Its ledger is thrown away, and the screen says DEMO all the time.
    """
    return _start(invocation, demo=True)


def _start(invocation: Invocation, *, demo: bool) -> int:
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
    world = invocation.world(demo=demo, lasting=True)
    _require_trace(world.gpu_trace)
    if not demo:
        upgrade_ledger(invocation.places.ledger)
    from console.wire.opening import run_console

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


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(context: click.Context, shell: str) -> int:
    r"""Print the completion script of a shell.

    \b
    bash: eval "$(llmconsole completion bash)"     in ~/.bashrc
    zsh:  eval "$(llmconsole completion zsh)"      in ~/.zshrc
    fish: llmconsole completion fish | source      in config.fish
    """
    from click.shell_completion import get_completion_class

    make = get_completion_class(shell)
    assert make is not None
    program = context.find_root().command
    script = make(program, {}, "llmconsole", "_LLMCONSOLE_COMPLETE")
    click.echo(script.source_template % script.source_vars())
    return Exit.FINE
