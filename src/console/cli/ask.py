"""`ask`: one request without the screen."""

import os
import stat
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from console.cli.exits import Exit, Stop
from console.cli.invocation import Invocation, json_option, pass_invocation, run_async
from console.cli.upgrading import upgrade_ledger

if TYPE_CHECKING:
    from console.core.routing.request import Request
    from console.services.conversation import Conversation

task_argument = click.argument("text", required=False)
files_option = click.option(
    "--file",
    "files",
    multiple=True,
    metavar="FILE",
    help="A file as context, or a pattern in quotes ('src/**/*.py'); repeatable.",
)
tier_option = click.option(
    "--tier", type=click.Choice(["local", "api"]), help="This tier, by hand."
)
pin_option = click.option("--pin", is_flag=True, help="Never leaves the box, also not on failure.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What the options of `ask` say beside the message itself."""

    model: str | None = None
    system: str | None = None
    tag: str | None = None
    conversation: str | None = None
    unpin: str | None = None
    yes: bool = False
    as_json: bool = False


@click.command()
@task_argument
@files_option
@click.option(
    "--image",
    "images",
    multiple=True,
    metavar="FILE",
    help="A PNG, JPEG, WebP or GIF to send along; repeatable.",
)
@tier_option
@click.option("--model", metavar="NAME", help="Another model of the tier that serves.")
@click.option("--system", metavar="NAME", help="A system prompt by its name in prompts/, or @FILE.")
@click.option("--tag", metavar="WORD", help="A label for the row in the ledger.")
@click.option(
    "--conversation",
    metavar="ID",
    help="Go on with a stored conversation: its id, `last`, or `new` to begin one.",
)
@pin_option
@click.option(
    "--unpin", metavar="REASON", help="Let what must stay leave; the ledger keeps the reason."
)
@click.option(
    "--yes", is_flag=True, help="Do not ask, whatever it may cost, also where the API steps in."
)
@json_option
@pass_invocation
def ask(
    invocation: Invocation,
    text: str | None,
    files: tuple[str, ...],
    images: tuple[str, ...],
    tier: str | None,
    model: str | None,
    system: str | None,
    tag: str | None,
    conversation: str | None,
    pin: bool,
    unpin: str | None,
    yes: bool,
    as_json: bool,
) -> int:
    """Send TEXT to the tier the router chooses, and print the reply.

    TEXT is read from standard input when it is - or left out. Beside a TEXT, what is piped in
    travels as its context, as a --file does. Only the reply goes to standard output; tier,
    reason, tokens and cost go to standard error.
    """
    if pin and unpin is not None:
        raise click.UsageError("--pin and --unpin say the opposite of each other.")
    task, attached = message_of(text, files, images)
    stays = "--pin" if pin else marked(invocation)
    wanted = Wanted(
        model=model,
        system=system,
        tag=tag,
        conversation=conversation,
        unpin=unpin,
        yes=yes,
        as_json=as_json,
    )

    upgrade_ledger(invocation.places.ledger)

    async def verb() -> int:
        from console.cli.answering import Answering

        async with invocation.services() as console:
            return await Answering(console, wanted).serve(task, attached, tier=tier, pin=stays)

    return run_async(verb)


def marked(invocation: Invocation) -> str | None:
    """Why what is piped in must stay: a mark covers the path of the file that it is read from."""
    from console.core.routing.privacy import covered

    patterns = invocation.settings.stay_paths
    if not patterns:
        return None
    path = next((each for each in _redirected() if covered(each, patterns)), None)
    return None if path is None else f"file {Path(path).name}"


def request_of(
    text: str | None, files: tuple[str, ...], tier: str | None, pin: str | None
) -> "Request":
    """The request that the arguments ask for; raises Stop when one of them cannot be used."""
    from console.core.tier import Tier

    task, conversation = message_of(text, files)
    conversation.pinned = pin
    conversation.forced = Tier(tier) if tier else None
    return conversation.request(task)


def message_of(
    text: str | None, files: tuple[str, ...], images: tuple[str, ...] = ()
) -> "tuple[str, Conversation]":
    """The task, and a conversation that holds what is attached to it.

    Raises Stop or UsageError with a sentence when something cannot be used.
    """
    from console.core.chat import Attachment
    from console.services.conversation import Conversation

    conversation = Conversation(id="")
    if text is not None and text != "-" and (piped := _piped()):
        conversation.attach([Attachment("standard input", piped)])
    if text is None and sys.stdin.isatty():
        raise click.UsageError("What should be asked? Give TEXT, or pipe it in.")
    task = _standard_input() if text is None or text == "-" else text
    if not task.strip():
        raise click.UsageError("There is nothing to ask: TEXT is empty.")
    for pattern in files:
        _attach(conversation, pattern, image=False)
    for pattern in images:
        _attach(conversation, pattern, image=True)
    return task, conversation


def _attach(conversation: "Conversation", pattern: str, *, image: bool) -> None:
    from console.sources.files import LocalFiles

    try:
        attached = LocalFiles().attach(pattern)
        chosen = [each for each in attached.files if each.image or not image]
        if not chosen:
            raise ValueError(f"{pattern} is no image; --file attaches text.")
        conversation.attach(chosen)
    except ValueError as error:
        raise Stop(str(error), Exit.USAGE) from None
    for sentence in attached.left_out:
        click.echo(f"llmconsole: left out: {sentence}", err=True)


def _piped() -> str:
    """What another program or a file sends in beside a TEXT; nothing from a terminal or a device.

    Nothing is read where standard input is closed.
    """
    try:
        mode = os.fstat(sys.stdin.fileno()).st_mode
    except (OSError, ValueError, AttributeError):
        return ""
    waits = stat.S_ISFIFO(mode) or stat.S_ISREG(mode) or stat.S_ISSOCK(mode)
    return _standard_input() if waits else ""


def _redirected() -> tuple[str, ...]:
    """The path of the file that standard input is; none where it is no file."""
    try:
        handle = sys.stdin.fileno()
        if stat.S_ISREG(os.fstat(handle).st_mode):
            return (str(Path(f"/proc/self/fd/{handle}").readlink()),)
    except (OSError, ValueError, AttributeError):
        pass
    return ()


def _standard_input() -> str:
    try:
        return sys.stdin.buffer.read().decode()
    except UnicodeDecodeError:
        raise Stop("what came in on standard input is not UTF-8 text.", Exit.USAGE) from None


def routed_line(tier: str, model: str, reason: str) -> str:
    """Where a request goes and why, on one line."""
    from console.core.text import one_line

    return one_line(f"{tier} · {model} · {reason}")
