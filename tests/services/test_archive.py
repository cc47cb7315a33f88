"""Conversations kept while they are held: written before they are sent, and what can go wrong."""

import asyncio
from contextlib import asynccontextmanager
from itertools import count

import pytest

from console.core.chat import Attachment, Delta, SystemPrompt
from console.core.exchange import Exchange
from console.core.settings import Settings
from console.core.tier import Tier
from console.core.usage import WireShape
from console.services.archive import Archive
from console.services.asking import DELETED, Asker, Asking, Opened, Unkept
from console.services.books import Books
from console.services.conversation import Conversation
from console.services.dispatcher import Dispatcher, Done
from console.services.tiers import Tiers
from console.sources.conversations.store import SqliteConversations
from tests.patience import PATIENCE_S
from tests.services.fakes import Clock, GivenPrompts, ListedPrices, MemoryLedger, ScriptedModel


class Desk:
    """An asker over scripted models and a real store in memory."""

    def __init__(self, local, api):
        self.clock, ids = Clock(), count(1)
        self.store = SqliteConversations(None, now_ms=1)
        self.ledger, self.prompts, self.heard = MemoryLedger(), GivenPrompts(), []
        self.books = Books(lambda: self.ledger, self.clock)
        self.local = ScriptedModel(local)
        self.api = ScriptedModel(api, "anthropic", "claude-sonnet-5-5", WireShape.ANTHROPIC)
        self.archive = Archive(self._open, self.clock, lambda: f"b{next(ids)}", lasting=False)
        dispatcher = Dispatcher(
            Tiers.of({Tier.LOCAL: self.local, Tier.API: self.api}), self.books, ListedPrices(),
            self.clock, Settings(), new_id=lambda: f"e{next(ids)}",
        )  # fmt: skip
        self.asker = Asker(dispatcher, self.archive, self.prompts)
        self.half = asyncio.Event()

    def _open(self):
        # The archive's thread is not the one that made the store.
        self.store.close()
        self.store = SqliteConversations(None, now_ms=1)
        return self.store

    async def ask(self, conversation, task, **values):
        exchange = Exchange(
            task=task, attachments=conversation.sent(), asked_ms=self.clock.now_ms()
        )
        asking = Asking(request=conversation.request(task), exchange=exchange, **values)
        return await self.asker.ask(conversation, asking, self._hear)

    def _hear(self, event):
        self.heard.append(event)
        if isinstance(event, Delta):
            self.half.set()


@asynccontextmanager
async def desk(local=(), api=()):
    made = Desk(local, api)
    yield made
    await made.archive.aclose()
    await made.books.aclose()


async def test_a_message_and_its_reply_are_kept_with_who_answered_and_why():
    async with desk([Delta("It is "), Delta("fine.")]) as made:
        chat = Conversation(id="c1", system=SystemPrompt("terse", "Be brief."))
        assert isinstance(await made.ask(chat, "How is\nit?", tag="t"), Done)
        kept = await made.archive.load("c1")
        (exchange,) = kept.exchanges
        (row,) = made.ledger.rows.values()
        assert (exchange.reply, exchange.whole, exchange.entry) == ("It is fine.", True, row.id)
        assert (exchange.tier, exchange.model, exchange.reason) == (
            Tier.LOCAL, "llama3.1:8b", "routine",
        )  # fmt: skip
        assert (kept.called, kept.system) == ("How is", chat.system)
        assert (row.system_name, row.system_hash) == ("terse", chat.system.version)
        assert (row.tag, made.prompts.seen) == ("t", [chat.system])
        assert made.local.prompts[0].system == "Be brief."


async def test_a_message_is_kept_before_it_is_sent_and_removed_when_nobody_answers():
    gate = asyncio.Event()
    async with desk([gate]) as made:
        asking = asyncio.ensure_future(made.ask(Conversation(id="c1"), "go"))
        await made.local.prompted(1)
        assert [each.task for each in (await made.archive.load("c1")).exchanges] == ["go"]
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        assert (await made.archive.load("c1")).exchanges == []


async def test_what_came_before_a_stop_is_kept_and_marked():
    async with desk([Delta("half"), asyncio.Event()]) as made:
        asking = asyncio.ensure_future(made.ask(Conversation(id="c1"), "go"))
        await asyncio.wait_for(made.half.wait(), PATIENCE_S)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        (exchange,) = (await made.archive.load("c1")).exchanges
        assert (exchange.reply, exchange.whole) == ("half", False)


async def test_what_another_console_pinned_is_pinned_before_anything_is_sent():
    async with desk([Delta("ok")], [Delta("never")]) as made:
        chat = Conversation(id="c1")
        await made.ask(chat, "hello")
        elsewhere = Conversation(id="c1", kept=True, pinned="by hand")
        await made.archive.pinned(elsewhere)
        await made.ask(chat, "analyze this")
        assert chat.pinned == "by hand" and not made.api.prompts
        assert (await made.archive.load("c1")).pinned == "by hand"


async def test_what_a_conversation_was_let_go_for_is_remembered():
    async with desk([Delta("ok")]) as made:
        chat = Conversation(id="c1", pinned="an e-mail address")
        await made.ask(chat, "hello")
        chat.unpin()
        await made.archive.pinned(chat)
        again = await made.archive.load("c1")
        assert (again.pinned, again.waived) == (None, {"an e-mail address"})


async def test_a_conversation_that_was_deleted_elsewhere_is_answered_but_not_brought_back():
    async with desk([Delta("ok")]) as made:
        chat = Conversation(id="c1")
        await made.ask(chat, "one")
        await made.archive.delete("c1")
        assert isinstance(await made.ask(chat, "two"), Done)
        assert Unkept(DELETED) in made.heard
        assert await made.archive.listed() == []


async def test_what_cannot_be_kept_is_told_and_asked_all_the_same():
    async with desk([Delta("ok")]) as made:

        def broken():
            raise OSError("The conversations' file cannot be opened: the disk is full.")

        made.archive._open_store = broken
        assert isinstance(await made.ask(Conversation(id="c1"), "go"), Done)
        assert [event.what for event in made.heard if isinstance(event, Unkept)] == [
            "The conversations' file cannot be opened: the disk is full."
        ]


async def test_another_model_serves_its_own_tier_only():
    async with desk([Delta("ok")], [Delta("deep")]) as made:
        chat = Conversation(id="c1", models={Tier.API: "claude-haiku-5"})
        await made.ask(chat, "hello")
        await made.ask(chat, "analyze")
        assert {row.tier for row in made.ledger.rows.values()} == {Tier.LOCAL, Tier.API}
        assert len(made.local.prompts) == len(made.api.prompts) == 1


async def test_an_answer_in_the_place_of_another_is_what_travels():
    async with desk([Delta("ok")]) as made:
        chat = Conversation(id="c1")
        await made.ask(chat, "go")
        (first,) = (await made.archive.load("c1")).exchanges
        await made.ask(chat, "go", instead=first, parent=first.entry)
        kept = await made.archive.load("c1")
        assert [each.replaced for each in kept.exchanges] == [True, False]
        assert [turn.text for turn in kept.turns] == ["go", "ok"]
        assert [row.parent for row in made.ledger.rows.values()] == [None, first.entry]


async def test_a_branch_goes_on_from_before_a_message_and_leaves_the_old_one():
    async with desk([Delta("ok")]) as made:
        chat = Conversation(id="c1", pinned="by hand", models={Tier.LOCAL: "m"})
        for task in ("one", "two", "three"):
            chat.attachments = [Attachment("a", "text")]
            await made.ask(chat, task)
        chat = await made.archive.load("c1")
        branch = await made.archive.branch(chat, 1)
        assert [each.task for each in branch.exchanges] == ["one"]
        assert (branch.pinned, branch.models) == ("by hand", {Tier.LOCAL: "m"})
        assert branch.exchanges[0].attachments == (Attachment("a", "text"),)
        assert len((await made.archive.load("c1")).exchanges) == 3
        assert len(await made.archive.listed()) == 2


async def test_opened_tells_the_number():
    async with desk([Delta("ok")]) as made:
        await made.ask(Conversation(id="c1"), "go")
        (opened,) = (event for event in made.heard if isinstance(event, Opened))
        assert opened.exchange.number == 1
