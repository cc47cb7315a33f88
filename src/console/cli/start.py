"""`run` and `demo`, which take the terminal, and `completion`, which teaches the shell."""

import click

from console.cli.exits import Exit
from console.cli.invocation import Invocation, pass_invocation
from console.cli.screen import start


@click.command()
@pass_invocation
def run(invocation: Invocation) -> int:
    """The console: what `llmconsole` alone starts."""
    return start(invocation, demo=False)


@click.command()
@pass_invocation
def demo(invocation: Invocation) -> int:
    """The same against stand-ins: no GPU, server or key needed.

    Its ledger is thrown away, and the screen says DEMO all the time.
    """
    return start(invocation, demo=True)


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
