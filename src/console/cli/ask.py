"""`ask`: one request without the screen."""

import asyncio
import sys
from typing import TYPE_CHECKING, Any, TextIO

import click

from console.cli.exits import Exit, Stop
from console.cli.invocation import Invocation, json_option, pass_invocation, run_async
from console.cli.output import count, decision_json, entry_json, print_json, seconds, usd

if TYPE_CHECKING:
    from console.core.routing import Decision, Request
    from console.services.console import Console
    from console.services.dispatcher import Done, Event, Failed

task_argument = click.argument("text", required=False)
files_option = click.option(
    "--file", "files", multiple=True, metavar="FILE", help="A text file as context; repeatable."
)
tier_option = click.option(
    "--tier", type=click.Choice(["local", "api"]), help="This tier, by hand."
)
pin_option = click.option("--pin", is_flag=True, help="Never leaves the box, also not on failure.")


@click.command()
@task_argument
@files_option
@tier_option
@pin_option
@json_option
@pass_invocation
def ask(
    invocation: Invocation,
    text: str | None,
    files: tuple[str, ...],
    tier: str | None,
    pin: bool,
    as_json: bool,
) -> int:
    """Send TEXT to the tier the router chooses, and print the reply.

    TEXT is read from standard input when it is - or left out in a pipe. Only the reply goes to
    standard output; tier, reason, tokens and cost go to standard error.
    """
    request = request_of(text, files, tier, pin)

    async def verb() -> int:
        async with invocation.services() as console:
            return await _Asking(console, as_json).serve(request)

    return run_async(verb)


def request_of(text: str | None, files: tuple[str, ...], tier: str | None, pin: bool) -> "Request":
    """The request that the arguments ask for; raises Stop when one of them cannot be used."""
    from console.core.tier import Tier
    from console.services.conversation import Conversation
    from console.sources.files import LocalFiles

    task = _read_task(text)
    conversation = Conversation(
        id="", pinned="--pin" if pin else None, forced=Tier(tier) if tier else None
    )
    for file in files:
        try:
            attached = LocalFiles().attach(file)
            conversation.attach(attached.files)
        except ValueError as error:
            raise Stop(str(error), Exit.USAGE) from None
        for sentence in attached.left_out:
            click.echo(f"llmconsole: left out: {sentence}", err=True)
    return conversation.request(task)


def _read_task(text: str | None) -> str:
    if text is None and sys.stdin.isatty():
        raise click.UsageError("What should be asked? Give TEXT, or pipe it in.")
    if text is None or text == "-":
        try:
            text = sys.stdin.buffer.read().decode()
        except UnicodeDecodeError:
            raise Stop("what came in on standard input is not UTF-8 text.", Exit.USAGE) from None
    if not text.strip():
        raise click.UsageError("There is nothing to ask: TEXT is empty.")
    return text


def routed_line(tier: str, model: str, reason: str) -> str:
    """Where a request goes and why, on one line."""
    from console.core.text import one_line

    return one_line(f"{tier} · {model} · {reason}")


class _Asking:
    """One request on its way, and what is printed of it."""

    def __init__(self, console: "Console", as_json: bool) -> None:
        self._console = console
        self._as_json = as_json
        self._decision: Decision | None = None
        self._reply: list[str] = []
        self._unwritten: OSError | None = None
        self._sampling: asyncio.Task[None] | None = None

    async def serve(self, request: "Request") -> int:
        """Serve the request and say how it ended."""
        try:
            outcome = await self._console.dispatcher.ask(request, self._tell)
        except asyncio.CancelledError:
            if self._unwritten is None:
                raise
            if isinstance(self._unwritten, BrokenPipeError):
                raise BrokenPipeError from None
            raise Stop(f"the reply cannot be written: {self._unwritten.strerror}.") from None
        finally:
            if self._sampling is not None:
                self._sampling.cancel()
                await asyncio.wait([self._sampling])
        return self._ended(outcome)

    def _tell(self, event: "Event") -> None:
        from console.core.chat import Delta
        from console.core.tier import Tier
        from console.services.dispatcher import Failed, Routed

        match event:
            case Routed(entry, decision):
                self._decision = decision
                if entry.tier is Tier.LOCAL:
                    # What the cards draw meanwhile is the reply's electricity.
                    self._sampling = asyncio.create_task(self._console.sampler.run())
                if not self._as_json:
                    self._write(
                        sys.stderr, routed_line(entry.tier, entry.model, decision.reason) + "\n"
                    )
            case Delta(text):
                self._reply.append(text)
                if not self._as_json:
                    self._write(sys.stdout, text)
            case Failed():
                self._decision = event.decision

    def _write(self, stream: TextIO, text: str) -> None:
        from console.core.text import printable

        try:
            stream.write(printable(text) if stream.isatty() else text)
            stream.flush()
        except OSError as error:
            # Nobody reads any more: stop the server's work and close the row as cancelled.
            self._unwritten = error
            task = asyncio.current_task()
            assert task is not None
            task.cancel()

    def _ended(self, outcome: "Done | Failed") -> int:
        from console.core.tier import Tier
        from console.services.dispatcher import Failed

        if self._as_json:
            print_json(self._json(outcome))
        else:
            self._say(outcome)
        if outcome.ledger_trouble:
            click.echo(f"llmconsole: not in the ledger: {outcome.ledger_trouble}", err=True)
        if isinstance(outcome, Failed):
            return Exit.REFUSED if outcome.decision.tier is None else Exit.FAILED
        if outcome.ledger_trouble:
            return Exit.FAILED
        unpriced = outcome.entry.tier is Tier.API and outcome.entry.cost_nano is None
        return Exit.UNPRICED if unpriced else Exit.FINE

    def _say(self, outcome: "Done | Failed") -> None:
        from console.core.usage import UsageSource
        from console.services.dispatcher import Failed

        if sys.stdout.isatty() and self._reply and not self._reply[-1].endswith("\n"):
            click.echo()
        if isinstance(outcome, Failed):
            Stop(f"{outcome.what} {outcome.hint}".strip()).show()
        entry = outcome.entry
        if entry is not None and (entry.usage.output or not isinstance(outcome, Failed)):
            about = entry.usage_source is UsageSource.ESTIMATED
            given = count(entry.usage.prompt, about=about)
            taken = count(entry.usage.output, about=about)
            cost, time = usd(entry.spent_nano), seconds(entry.duration_ms)
            click.echo(f"{given} in, {taken} out · {cost} · {time}", err=True)

    def _json(self, outcome: "Done | Failed") -> dict[str, Any]:
        from console.services.dispatcher import Failed

        error = None
        if isinstance(outcome, Failed):
            error = {"what": outcome.what, "hint": outcome.hint, "kind": outcome.kind}
        return {
            "reply": "".join(self._reply),
            "decision": self._decision and decision_json(self._decision),
            "entry": outcome.entry and entry_json(outcome.entry),
            "error": error,
            "ledger_trouble": outcome.ledger_trouble,
        }
