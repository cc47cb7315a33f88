"""One message of a conversation on its way: kept, sent, and what comes of it kept too."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import NamedTuple

from console.core.chat import Delta
from console.core.entry import Entry
from console.core.exchange import Exchange
from console.core.routing.request import Request
from console.services.archive import Archive
from console.services.conversation import Conversation
from console.services.dispatcher import Dispatcher, Done, Event, Failed, Routed
from console.services.events import SetAside
from console.services.ports import Prompts

DELETED = "This conversation was deleted in another console; what is said now is not kept."


class Opened(NamedTuple):
    """The message is kept under the number that `exchange` has."""

    exchange: Exchange


class Unkept(NamedTuple):
    """What is said is not kept, for the reason `what`, which is a sentence."""

    what: str


AskEvent = Event | Opened | Unkept


class Asking(NamedTuple):
    """A message to send: the request it makes, and the exchange it begins.

    `instead` is an earlier exchange that it is asked again for, `parent` a ledger row that it
    belongs to; `agreed` is that it may cost whatever it costs, whoever serves it.
    """

    request: Request
    exchange: Exchange
    instead: Exchange | None = None
    parent: str | None = None
    tag: str | None = None
    agreed: bool = False


class Asker:
    """Asks through the dispatcher, and keeps what is said in the archive."""

    def __init__(self, dispatcher: Dispatcher, archive: Archive, prompts: Prompts) -> None:
        self._dispatcher = dispatcher
        self._archive = archive
        self._prompts = prompts

    async def ask(
        self, conversation: Conversation, asking: Asking, tell: Callable[[AskEvent], None]
    ) -> Done | Failed:
        """Serve a message; `tell` hears every event in order.

        A conversation that another console has pinned meanwhile is pinned here before anything is
        sent. What cannot be kept is told, and asked all the same. Cancelling the caller stops the
        server's work and keeps what came.
        """
        opened = await self._open(conversation, asking.exchange, tell)
        said = _Said(opened or asking.exchange, tell)
        try:
            return await self._send(conversation, asking, said.hear)
        finally:
            if opened is not None:
                await self._close(conversation, said.exchange, asking.instead, tell)

    async def _open(
        self, conversation: Conversation, exchange: Exchange, tell: Callable[[AskEvent], None]
    ) -> Exchange | None:
        writing = asyncio.ensure_future(self._archive.asked(conversation, exchange))
        try:
            opened = await asyncio.shield(writing)
        except (OSError, UnicodeError) as error:
            tell(Unkept(_unkept(error)))
            return None
        except asyncio.CancelledError:
            if written := await writing:
                await self._archive.answered(written)
            raise
        tell(Unkept(DELETED) if opened is None else Opened(opened))
        return opened

    async def _send(
        self, conversation: Conversation, asking: Asking, hear: Callable[[Event], None]
    ) -> Done | Failed:
        request, system = asking.request, conversation.system
        if conversation.pinned and not request.pinned:
            request = replace(request, pinned=conversation.pinned, forced=None)
        if system is not None:
            await asyncio.to_thread(self._prompts.used, system)
        text = system.text if system else None
        decision = self._dispatcher.decide(
            request, system=text, tag=asking.tag, conversation=conversation.id
        )
        if decision.pin is not None and not conversation.pinned:
            # Kept before anything is sent: were this process killed now, the next one would read
            # what was said and not why it had to stay.
            conversation.pin(decision.pin)
            with suppress(OSError):
                await self._archive.pinned(conversation)

        def heard(event: Event) -> None:
            # What was found in a message keeps its conversation on the box from then on.
            if isinstance(event, Routed | Failed) and event.decision.pin is not None:
                conversation.pin(event.decision.pin)
            hear(event)

        before = conversation.pinned
        outcome = await self._dispatcher.ask(
            request,
            heard,
            conversation=conversation.id,
            system=text,
            system_name=system.name if system else None,
            tag=asking.tag,
            model=conversation.models.get(decision.tier) if decision.tier else None,
            parent=asking.parent,
            pinned=lambda: conversation.pinned,
            agreed=asking.agreed,
        )
        if conversation.pinned != before:
            with suppress(OSError):  # What cannot be kept is told by the exchange itself.
                await self._archive.pinned(conversation)
        return outcome

    async def _close(
        self,
        conversation: Conversation,
        exchange: Exchange,
        instead: Exchange | None,
        tell: Callable[[AskEvent], None],
    ) -> None:
        try:
            if conversation.pinned:
                await self._archive.pinned(conversation)
            if not await self._archive.answered(exchange, instead=instead):
                tell(Unkept(DELETED))
        except (OSError, UnicodeError) as error:
            tell(Unkept(_unkept(error)))


class _Said:
    """What is known of an exchange so far."""

    def __init__(self, exchange: Exchange, tell: Callable[[AskEvent], None]) -> None:
        self._exchange = exchange
        self._tell = tell
        self._pieces: list[str] = []
        self._entry: Entry | None = None
        self._whole = False

    def hear(self, event: Event) -> None:
        """Note what happened, and pass it on."""
        match event:
            case Routed(entry=entry):
                self._entry = entry
            case Delta(text=text):
                self._pieces.append(text)
            case SetAside():
                self._pieces.clear()
            case Done(entry=entry):
                self._entry, self._whole = entry, True
        self._tell(event)

    @property
    def exchange(self) -> Exchange:
        """The exchange as it stands."""
        return answered(self._exchange, "".join(self._pieces), self._entry, whole=self._whole)


def answered(exchange: Exchange, reply: str, entry: Entry | None, *, whole: bool) -> Exchange:
    """An exchange with what came of it; `entry` is its row in the ledger."""
    exchange = exchange._replace(reply=reply, whole=whole)
    if entry is None:
        return exchange
    return exchange._replace(
        entry=entry.id, tier=entry.tier, model=entry.model, reason=entry.reason
    )


def _unkept(error: OSError | UnicodeError) -> str:
    if isinstance(error, UnicodeError):
        return "What is said here is not kept: it holds characters that no file can hold."
    return str(error)
