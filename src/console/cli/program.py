"""The program's verbs and the options before them."""

from pathlib import Path

import click

from console import __version__
from console.cli.ask import ask
from console.cli.compare import compare
from console.cli.config import config
from console.cli.doctor import doctor, where
from console.cli.exits import epilog
from console.cli.groups import Verbs
from console.cli.invocation import Invocation
from console.cli.ledger import ledger
from console.cli.route import route
from console.cli.show import gpu
from console.cli.start import completion, demo, run
from console.cli.whatif import whatif


@click.group(
    cls=Verbs,
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
@click.version_option(__version__, prog_name="llmconsole", message="%(prog)s %(version)s")
@click.pass_context
def program(context: click.Context, config: Path | None, gpu_trace: Path | None) -> int | None:
    """One terminal for a local NVIDIA box and the LLM API paid beside it.

    Without a command: the console.
    """
    context.obj = Invocation(config=config, gpu_trace=gpu_trace)
    if context.invoked_subcommand is None:
        return int(context.invoke(run))
    return None


for verb in (
    *(run, demo, ask, route, compare, gpu, ledger, whatif),
    *(config, doctor, where, completion),
):
    program.add_command(verb)
