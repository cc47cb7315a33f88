"""The program's verbs and the options before them."""

from pathlib import Path

import click

from console import __version__
from console.cli.exits import epilog
from console.cli.groups import Waiting
from console.cli.invocation import Invocation

VERBS = {
    "run": "console.cli.start",
    "demo": "console.cli.start",
    "ask": "console.cli.ask",
    "route": "console.cli.route",
    "router": "console.cli.router",
    "compare": "console.cli.compare",
    "chats": "console.cli.chats",
    "prompts": "console.cli.prompts",
    "gpu": "console.cli.gpu",
    "ledger": "console.cli.ledger",
    "whatif": "console.cli.whatif",
    "config": "console.cli.config",
    "doctor": "console.cli.doctor",
    "where": "console.cli.doctor",
    "completion": "console.cli.start",
}
"""Every verb, in the order in which it is listed, and the module that has it."""


@click.group(
    cls=Waiting,
    modules=VERBS,
    invoke_without_command=True,
    epilog=epilog(),
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option(
    "--config",
    type=click.Path(path_type=Path),
    envvar="LLMCONSOLE_CONFIG",
    metavar="FILE",
    help="Another settings file.  [env: LLMCONSOLE_CONFIG]",
)
@click.option(
    "--gpu-trace",
    type=click.Path(exists=True, dir_okay=False, readable=True, path_type=Path),
    metavar="FILE",
    help="Play a recorded GPU trace instead of reading the GPUs.",
)
@click.option(
    "--gpu-speed",
    type=click.FloatRange(0.1, 60),
    default=1.0,
    metavar="FACTOR",
    help="How much faster than it was recorded the trace is played, up to 60.",
)
@click.version_option(__version__, prog_name="llmconsole", message="%(prog)s %(version)s")
@click.pass_context
def program(
    context: click.Context, config: Path | None, gpu_trace: Path | None, gpu_speed: float
) -> int | None:
    """One terminal for a local NVIDIA box and the LLM API paid beside it.

    Without a command: the console.
    """
    context.obj = Invocation(config=config, gpu_trace=gpu_trace, gpu_speed=gpu_speed)
    if context.invoked_subcommand is None:
        from console.cli.start import run

        return int(context.invoke(run))
    return None
