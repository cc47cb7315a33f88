"""The way in and the way out: no traceback reaches the operator, and every end has its code."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from console.cli.exits import Exit, Stop

BARE: tuple[list[str], ...] = ([], ["run"])
"""The command lines that ask for the console and for nothing else."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and leave the process with its exit code."""
    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot show a character shows a mark instead.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    sys.exit(_run(arguments))


def _run(arguments: Sequence[str] | None) -> int:
    try:
        code = _command(list(sys.argv[1:] if arguments is None else arguments))
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read this has gone; the interpreter's last flush must not say so.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.FAILED
    except KeyboardInterrupt:
        return Exit.INTERRUPTED
    except Stop as error:
        error.show()
        return error.code
    except Exception as error:
        return _trouble(error)
    return int(code or Exit.FINE)


def _command(words: list[str]) -> int | None:
    """Run what a command line asks for."""
    if words in BARE and "_LLMCONSOLE_COMPLETE" not in os.environ:
        # A console is wanted at once, and click is a quarter of what its first frame takes.
        from console.cli.invocation import Invocation
        from console.cli.screen import start

        config = os.environ.get("LLMCONSOLE_CONFIG")
        return start(Invocation(config=Path(config) if config else None))
    from console.cli.program import program

    code: int | None = program.main(words, prog_name="llmconsole", standalone_mode=False)
    return code


def _trouble(error: Exception) -> int:
    import click

    if isinstance(error, click.Abort):
        return Exit.INTERRUPTED
    if isinstance(error, click.ClickException):
        error.show()
        return error.exit_code
    from console.sources.settings import ConfigError

    if isinstance(error, ConfigError):
        click.echo(f"llmconsole: {error}", err=True)
        return Exit.USAGE
    click.echo(
        f"llmconsole: this is an error of the program itself ({type(error).__name__}); "
        f"{_logged(error)}.",
        err=True,
    )
    return Exit.FAILED


def _logged(error: Exception) -> str:
    import traceback
    from datetime import UTC, datetime

    from console.sources.places import append, find_places

    log = find_places().log
    text = "".join(traceback.format_exception(error))
    try:
        append(log, f"{datetime.now(UTC).isoformat(timespec='seconds')} {text}\n")
    except OSError as failure:
        return f"its details could not be written to {log} ({failure.strerror})"
    return f"its details are in {log}"
