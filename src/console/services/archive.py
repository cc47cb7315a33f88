"""The conversations of this operator: kept in a file if they want that, else until the end."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TypeVar

from console.core.exchange import Exchange, title_of
from console.core.kept import Kept, Listed
from console.services.conversation import Conversation
from console.services.ports import Clock, ConversationStore

T = TypeVar("T")


class Archive:
    """Finds conversations and keeps what is said in them, in a thread, off the event loop.

    The store is opened by `open_store` at first use; `lasting` is whether it outlives this run.
    Every method raises OSError with a sentence for the operator when its file cannot be used.
    """

    def __init__(
        self,
        open_store: Callable[[], ConversationStore],
        clock: Clock,
        new_id: Callable[[], str],
        *,
        lasting: bool,
    ) -> None:
        self._open_store = open_store
        self._clock = clock
        self._new_id = new_id
        self.lasting = lasting
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="conversations")
        self._store: ConversationStore | None = None

    async def listed(self, find: str = "", limit: int = 200) -> list[Listed]:
        """Conversations that hold all words of `find` (a beginning is enough), newest first."""
        return await self._do(lambda store: store.listed(find, limit))

    async def load(self, id: str) -> Conversation | None:
        """The conversation whose id begins so, if it is the only one."""
        kept = await self._do(lambda store: store.load(id))
        return None if kept is None else _conversation(kept)

    async def asked(self, conversation: Conversation, exchange: Exchange) -> Exchange | None:
        """Keep a message before it is sent; None when the conversation was deleted elsewhere.

        What another console has pinned meanwhile is pinned here too.
        """
        if not conversation.kept:
            await self._begin(conversation, exchange)
        elif why := await self._do(lambda store: store.pinned(conversation.id)):
            conversation.pin(why)
        return await self._do(lambda store: store.ask(conversation.id, exchange))

    async def answered(self, exchange: Exchange, *, instead: Exchange | None = None) -> bool:
        """Keep what came of a message; without any reply it is no longer kept.

        `instead` is an earlier exchange that it was asked again for. False when the conversation
        was deleted elsewhere.
        """
        replaces = instead.number if instead else None
        return await asyncio.shield(
            self._do(lambda store: store.answer(exchange, replaces=replaces))
        )

    async def took(self, conversation: Conversation, exchange: Exchange) -> None:
        """Keep an exchange that is whole already, and stands in the conversation."""
        if not conversation.kept:
            await self._begin(conversation, exchange)
        elif opened := await self.asked(conversation, exchange):
            await self.answered(exchange._replace(number=opened.number))

    async def chosen(self, conversation: Conversation) -> None:
        """Keep which system prompt and models a conversation uses."""
        kept = self._kept(conversation)
        if conversation.kept:
            await self._do(lambda store: store.choose(kept))

    async def pinned(self, conversation: Conversation) -> None:
        """Keep that a conversation must stay on the box, or no longer."""
        id, why, waived = conversation.id, conversation.pinned, conversation.waived
        if conversation.kept:
            await asyncio.shield(self._do(lambda store: store.pin(id, why, waived)))

    async def rename(self, id: str, title: str) -> bool:
        """Give a conversation another title; false when it is not there."""
        return await self._do(lambda store: store.rename(id, title))

    async def forget(self, id: str) -> None:
        """Delete what was said in a conversation."""
        await self._do(lambda store: store.forget(id))

    async def delete(self, id: str) -> bool:
        """Delete a conversation; false when it is not there."""
        return await self._do(lambda store: store.delete(id))

    async def branch(self, conversation: Conversation, before: int) -> Conversation:
        """A conversation of its own that goes on where this one was before an exchange.

        `before` is the exchange's place; a pin, the system prompt and the models come along.
        """
        begun = replace(
            self._kept(conversation),
            id=self._new_id(),
            exchanges=tuple(conversation.exchanges[:before]),
        )
        await self._do(lambda store: store.begin(begun))
        branch = await self.load(begun.id)
        assert branch is not None
        return branch

    async def tasks(self, limit: int) -> list[str]:
        """The last different messages of all conversations, oldest first."""
        return await self._do(lambda store: store.tasks(limit))

    @property
    def notice(self) -> str | None:
        """What the operator should know about the file since it was opened."""
        return None if self._store is None else self._store.notice

    async def aclose(self) -> None:
        """Finish what was handed in and close the file."""
        if self._store is not None:
            await asyncio.wrap_future(self._thread.submit(self._store.close))
        self._thread.shutdown(wait=True)

    def _kept(self, conversation: Conversation) -> Kept:
        now_ms = self._clock.now_ms()
        return Kept(
            id=conversation.id,
            title=conversation.title,
            created_ms=now_ms,
            updated_ms=now_ms,
            pinned=conversation.pinned,
            waived=conversation.waived,
            system=conversation.system,
            models=dict(conversation.models),
            exchanges=tuple(conversation.exchanges),
        )

    async def _begin(self, conversation: Conversation, first: Exchange) -> None:
        """Keep a conversation from now on, with what stands in it."""
        conversation.title = conversation.title or title_of(first.task)
        conversation.kept = True
        begun = self._kept(conversation)
        await self._do(lambda store: store.begin(begun))

    async def _do(self, act: Callable[[ConversationStore], T]) -> T:
        def run() -> T:
            if self._store is None:
                self._store = self._open_store()
            return act(self._store)

        return await asyncio.wrap_future(self._thread.submit(run))


def _conversation(kept: Kept) -> Conversation:
    return Conversation(
        id=kept.id,
        title=kept.title,
        kept=True,
        exchanges=list(kept.exchanges),
        pinned=kept.pinned,
        waived=kept.waived,
        system=kept.system,
        models=dict(kept.models),
    )
