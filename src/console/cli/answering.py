"""One request of the command line on its way, and what is printed of it."""

import asyncio
import sys
from typing import TYPE_CHECKING, Any, TextIO

import click

from console.cli.ask import Wanted, routed_line
from console.cli.exits import Exit, Stop
from console.cli.output import count, decision_json, entry_json, print_json, seconds, usd
from console.core.chat import Delta, SystemPrompt
from console.core.context import cut_off, stopped_short
from console.core.exchange import Exchange
from console.core.text import Streamed, one_line
from console.core.tier import Tier
from console.core.usage import UsageSource
from console.services.asking import Asker, AskEvent, Asking, Unkept
from console.services.conversation import Conversation
from console.services.dispatcher import Done, Failed, FellBack, Retrying, Routed
from console.services.events import Checked, Checking, SetAside

if TYPE_CHECKING:
    from console.core.entry import Entry
    from console.core.routing.decision import Decision
    from console.core.routing.request import Request
    from console.services.console import Console


class Answering:
    """Asks for one message, alone or in a conversation that is kept."""

    def __init__(self, console: "Console", wanted: Wanted) -> None:
        self._console = console
        self._wanted = wanted
        self._decision: Decision | None = None
        self._reply: list[str] = []
        self._sent = ""
        self._shown = Streamed() if sys.stdout.isatty() else None
        self._held = False
        self._unwritten: OSError | None = None
        self._sampling: asyncio.Task[None] | None = None

    async def serve(
        self, task: str, attached: Conversation, *, tier: str | None, pin: str | None
    ) -> int:
        """Serve the message and say how it ended.

        `attached` holds what travels with it, `pin` says why it must stay on the box.
        """
        conversation = await self._conversation()
        system = self._system()
        conversation.attach(attached.attachments)
        if pin:
            conversation.pin(pin)
        if tier:
            # Not `force`: a refusal is the router's, with its reason and as JSON.
            conversation.forced = Tier(tier)
        if system:
            conversation.system = system
        if self._wanted.unpin is not None:
            await self._unpin(conversation, task, self._wanted.unpin)
        request = conversation.request(task)
        if self._wanted.model and (chosen := self._decide(conversation, request).tier):
            conversation.models[chosen] = self._wanted.model
        self._sent = request.prompt().text
        await self._agree(conversation, request)
        asking = Asking(
            request=request,
            exchange=Exchange(
                task=task,
                attachments=conversation.sent(),
                asked_ms=self._console.clock.now_ms(),
            ),
            tag=self._wanted.tag,
            agreed=self._wanted.yes,
        )
        return self._ended(await self._ask(conversation, asking), conversation)

    async def _unpin(self, conversation: Conversation, task: str, reason: str) -> None:
        """Let what must stay leave, the reason in the ledger."""
        dispatcher = self._console.dispatcher
        decision = self._decide(conversation, conversation.request(task))
        if decision.pin is None:
            return
        try:
            await dispatcher.unpin(conversation.id, decision.pin, reason)
        except ValueError as error:
            raise Stop(str(error), Exit.USAGE) from None
        except OSError as error:
            raise Stop(f"not unpinned: {error}") from None
        conversation.unpin(decision.pin)
        click.echo(f"unpinned: {one_line(decision.pin)}", err=True)

    def _decide(self, conversation: Conversation, request: "Request") -> "Decision":
        """Where the request would go, with all that is sent and said beside it."""
        system = conversation.system
        return self._console.dispatcher.decide(
            request,
            system=system.text if system else None,
            tag=self._wanted.tag,
            conversation=conversation.id or None,
        )

    async def _conversation(self) -> Conversation:
        """The stored conversation that is meant, or one that nobody keeps."""
        wanted, console = self._wanted.conversation, self._console
        if wanted is None:
            return Conversation(id="")
        if not console.archive.lasting:
            raise Stop("conversations are not kept: set chat.store = true first.", Exit.USAGE)
        try:
            if wanted == "new":
                name = console.settings.chat_system
                system = console.prompts.read(name) if name else None
                return Conversation(id=console.new_id(), system=system)
            if wanted == "last":
                newest = await console.archive.listed(limit=1)
                wanted = newest[0].id if newest else ""
            found = await console.archive.load(wanted)
        except (OSError, ValueError) as error:
            raise Stop(str(error), Exit.USAGE) from None
        if found is None:
            raise Stop(
                "there is no such conversation, or more than one begins so; "
                "`llmconsole chats` lists them.",
                Exit.USAGE,
            )
        return found

    def _system(self) -> SystemPrompt | None:
        if self._wanted.system is None:
            return None
        try:
            return self._console.prompts.read(self._wanted.system)
        except ValueError as error:
            raise Stop(str(error), Exit.USAGE) from None

    async def _agree(self, conversation: Conversation, request: "Request") -> None:
        """Ask before a request that may cost more than the operator's limit."""
        console, limit = self._console, self._console.chat.confirm_above_nano
        decision = self._decide(conversation, request)
        if limit is None or self._wanted.yes or decision.tier is not Tier.API:
            return
        system = conversation.system
        prompt = request.prompt(system.text if system else None)
        model = conversation.models.get(decision.tier)
        estimate = await console.estimator.estimate(prompt, decision.tier, model)
        most = estimate.high_nano
        if most is not None and most <= limit:
            return
        may = "what this costs is unknown" if most is None else f"this may cost {usd(most)}"
        said = f"{may}, and chat.confirm_above_usd is {usd(limit)}"
        if not (sys.stdin.isatty() and sys.stderr.isatty()):
            raise Stop(f"{said}; --yes sends it all the same.", Exit.REFUSED)
        if not click.confirm(f"llmconsole: {said}. Send it?", err=True):
            raise Stop("not sent.", Exit.REFUSED)

    async def _ask(self, conversation: Conversation, asking: Asking) -> "Done | Failed":
        # The cards' reader starts beside all that comes before the request leaves, so that its
        # energy can be measured; nothing waits for it.
        if self._console.dispatcher.decide(asking.request).tier is Tier.LOCAL:
            self._read_cards()
        try:
            outcome = await self._send(conversation, asking)
            self._let_go()
            await asyncio.sleep(0)  # Where a reply that cannot be written ends this.
            return outcome
        except asyncio.CancelledError:
            if self._unwritten is None:
                self._let_go()
                raise
            if isinstance(self._unwritten, BrokenPipeError):
                raise BrokenPipeError from None
            raise Stop(f"the reply cannot be written: {self._unwritten.strerror}.") from None
        finally:
            if self._sampling is not None:
                self._sampling.cancel()
                await asyncio.wait([self._sampling])

    async def _send(self, conversation: Conversation, asking: Asking) -> "Done | Failed":
        console, system = self._console, conversation.system
        if self._wanted.conversation is not None:
            asker = Asker(console.dispatcher, console.archive, console.prompts)
            return await asker.ask(conversation, asking, self._tell)
        if system:
            console.prompts.used(system)
        text = system.text if system else None
        tier = self._decide(conversation, asking.request).tier
        return await console.dispatcher.ask(
            asking.request,
            self._tell,
            system=text,
            system_name=system.name if system else None,
            tag=asking.tag,
            model=conversation.models.get(tier) if tier else None,
            agreed=asking.agreed,
        )

    def _tell(self, event: AskEvent) -> None:
        match event:
            case Routed(entry, decision):
                self._decision = decision
                # Standard output takes one reply, so one that may be set aside waits.
                self._held = event.provisional
                if entry.tier is Tier.LOCAL:
                    self._read_cards()
                if not self._wanted.as_json:
                    routed = routed_line(entry.tier, entry.model, entry.reason)
                    self._write(sys.stderr, routed + "\n")
            case Delta(text):
                self._reply.append(text)
                self._show(text)
            case Retrying():
                self._say_so(
                    f"{event.what} Again in {event.retry_in_s:.0f} s "
                    f"({event.attempt} of {event.of})."
                )
            case FellBack():
                self._say_so(f"{event.what} {event.to} is asked instead.")
            case Checking(model=model):
                self._say_so(f"{model} is asked for a second opinion.")
            case Checked(words=words):
                self._say_so(f"second opinion: {words}.")
                self._let_go()
            case SetAside(words=words):
                self._say_so(f"{words}.")
                self._reply.clear()
            case Failed():
                self._decision = event.decision
            case Unkept(what):
                self._say_so(what)

    def _read_cards(self) -> None:
        """Follow what the cards draw, which is the reply's electricity."""
        if self._sampling is None:
            self._sampling = asyncio.create_task(self._console.sampler.run())

    def _show(self, text: str) -> None:
        if not self._wanted.as_json and not self._held:
            self._write(sys.stdout, self._shown(text) if self._shown else text)

    def _let_go(self) -> None:
        """Print what waited; nothing will set it aside any more."""
        if self._held:
            self._held = False
            self._show("".join(self._reply))

    def _say_so(self, sentence: str) -> None:
        self._write(sys.stderr, f"llmconsole: {one_line(sentence)}\n")

    def _write(self, stream: TextIO, text: str) -> None:
        try:
            stream.write(text)
            stream.flush()
        except OSError as error:
            # Nobody reads any more: stop the server's work and close the row as cancelled.
            self._unwritten = error
            task = asyncio.current_task()
            assert task is not None
            task.cancel()

    def _ended(self, outcome: "Done | Failed", conversation: Conversation) -> int:
        if self._wanted.as_json:
            print_json(self._json(outcome, conversation))
        else:
            self._say(outcome, conversation)
        if outcome.ledger_trouble:
            click.echo(f"llmconsole: not in the ledger: {outcome.ledger_trouble}", err=True)
        if isinstance(outcome, Failed):
            return Exit.REFUSED if outcome.decision.tier is None else Exit.FAILED
        if outcome.ledger_trouble:
            return Exit.FAILED
        unpriced = outcome.entry.tier is Tier.API and outcome.entry.cost_nano is None
        return Exit.UNPRICED if unpriced else Exit.FINE

    def _say(self, outcome: "Done | Failed", conversation: Conversation) -> None:
        if self._shown and self._shown.rest:
            click.echo(self._shown.rest, nl=False)
        if sys.stdout.isatty() and self._reply and not self._reply[-1].endswith("\n"):
            click.echo()
        if isinstance(outcome, Failed):
            Stop(f"{outcome.what} {outcome.hint}".strip()).show()
        else:
            self._say_what_lacks(outcome)
        entry = outcome.entry
        if entry is not None and (entry.usage.output or not isinstance(outcome, Failed)):
            about = entry.usage_source is UsageSource.ESTIMATED
            given = count(entry.usage.prompt, about=about)
            taken = count(entry.usage.output, about=about)
            cost, time = usd(entry.spent_nano), seconds(entry.duration_ms)
            kept = f" · conversation {conversation.id}" if conversation.id else ""
            click.echo(f"{given} in, {taken} out · {cost}{_energy(entry)} · {time}{kept}", err=True)

    def _say_what_lacks(self, done: Done) -> None:
        """That the reply or the prompt was cut, where the server's answer shows it."""
        entry, sent = done.entry, self._sent
        for said in (
            stopped_short(done.stop_reason, entry.tier),
            cut_off(sent, entry.usage.prompt, entry.provider, entry.tier),
        ):
            if said is not None:
                click.echo(f"llmconsole: {' '.join(said).strip()}", err=True)

    def _json(self, outcome: "Done | Failed", conversation: Conversation) -> dict[str, Any]:
        error = None
        if isinstance(outcome, Failed):
            error = {"what": outcome.what, "hint": outcome.hint, "kind": outcome.kind}
        return {
            "reply": "".join(self._reply),
            "conversation": conversation.id or None,
            "decision": self._decision and decision_json(self._decision),
            "entry": outcome.entry and entry_json(outcome.entry),
            "error": error,
            "ledger_trouble": outcome.ledger_trouble,
        }


def _energy(entry: "Entry") -> str:
    """The joules of a local reply, and how they are known; nothing where they are not."""
    if entry.energy_j is None or entry.energy_source is None:
        return ""
    return f" · {entry.energy_j:,.0f} J {entry.energy_source}"
