"""The way in and the way out: no traceback reaches the operator, and every end has its code."""

import os
import sys
from collections.abc import Sequence

import click

from console.cli.exits import Exit, Stop
from console.cli.program import program


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and leave the process with its exit code."""
    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot show a character shows a mark instead.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    sys.exit(_run(arguments))


def _run(arguments: Sequence[str] | None) -> int:
    try:
        code = program.main(arguments, prog_name="llmconsole", standalone_mode=False)
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read this has gone; the interpreter's last flush must not say so.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.FAILED
    except (click.Abort, KeyboardInterrupt):
        return Exit.INTERRUPTED
    except click.ClickException as error:
        error.show()
        return error.code if isinstance(error, Stop) else error.exit_code
    except Exception as error:
        return _trouble(error)
    return int(code or Exit.FINE)


def _trouble(error: Exception) -> int:
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
