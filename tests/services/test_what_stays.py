"""Narrow ways on which what must stay could leave: what changes meanwhile, and what is kept."""

import asyncio
from dataclasses import replace
from itertools import count

import pytest

from console.core.chat import FailureKind, ModelFailure
from console.core.entry import Ending
from console.core.exchange import Exchange
from console.core.routing.request import Request
from console.core.routing.rule import Rule
from console.core.settings import Settings
from console.core.tier import Tier
from console.services.archive import Archive
from console.services.asking import Asker, Asking
from console.services.books import Books
from console.services.conversation import Conversation
from console.services.dispatcher import Dispatcher, Done, Failed, Stopped
from console.services.live import LiveSettings
from console.services.tiers import Tiers
from console.sources.conversations.store import SqliteConversations
from tests.services.fakes import Clock, ListedPrices, MemoryLedger, ScriptedModel
from tests.services.test_retries_and_looks import REPLY, dispatching

CLOUD = "gpt-oss:120b-cloud"


def ignore(event):
    """Nobody listens."""


async def test_a_pin_that_comes_while_the_client_opens_holds():
    """The first request waits a second for its client to be imported; nothing has left by then."""
    pins = []
    async with dispatching() as (dispatcher, ledger):
        api = dispatcher.models[Tier.API]

        async def ready():
            pins.append("by hand")

        api.ready = ready
        outcome = await dispatcher.ask(
            Request(task="compare"), ignore, pinned=lambda: pins[0] if pins else None
        )
    assert isinstance(outcome, Failed) and "may no longer serve it" in outcome.what
    assert not api.prompts
    assert next(row.error for row in ledger.rows.values()).startswith("not sent: ")


async def test_a_pin_that_comes_while_the_client_opens_keeps_a_count_here():
    async with dispatching() as (dispatcher, _):
        api = dispatcher.models[Tier.API]

        async def ready():
            await dispatcher.ask(Request(task="mail a@b.co"), ignore, conversation="c1")

        api.ready = ready
        counted = await dispatcher.count(Request(task="hello"), conversation="c1")
    assert not counted.exact and not api.prompts


async def test_tokens_of_a_pinned_conversation_or_tag_are_estimated_here():
    settings = Settings(stay_tags=("hr",))
    async with dispatching(settings=settings) as (dispatcher, _):
        await dispatcher.ask(Request(task="mail a@b.co"), ignore, conversation="c1")
        later = await dispatcher.count(Request(task="hello"), conversation="c1")
        tagged = await dispatcher.count(Request(task="hello"), tag="hr")
        assert not later.exact and not tagged.exact and not dispatcher.models[Tier.API].prompts


async def test_a_rule_cannot_name_a_model_of_a_cloud_for_what_must_stay():
    rule = Rule(name="long", tier=Tier.LOCAL, model=CLOUD, longer_than=0)
    async with dispatching(settings=Settings(rules=(rule,))) as (dispatcher, _):
        local = dispatcher.models[Tier.LOCAL]
        local.model = CLOUD
        outcome = await dispatcher.ask(Request(task="mail a@b.co"), ignore)
        assert isinstance(outcome, Failed) and "Ollama's cloud" in outcome.what
        assert not local.prompts


async def test_settings_that_become_safe_do_not_make_the_old_server_so():
    """The address is changed while the row is written: what was opened before still leads away."""
    away = replace(Settings().local, base_url="http://models.example")
    now = [Settings(local=away)]
    ledger, clock, ids, opened = MemoryLedger(), Clock(), count(1), []

    def open_source(settings, tier):
        source = ScriptedModel(REPLY)
        opened.append((settings.base_url, source))
        return source

    live = LiveSettings(now[0], stamp=lambda: len(now), load=lambda: now[-1])
    books = Books(lambda: ledger, clock)
    pins = []
    dispatcher = Dispatcher(Tiers(now[0], open_source), books, ListedPrices(), clock, now[0],
                            new_id=lambda: f"id{next(ids)}", live=live)  # fmt: skip
    old = opened[0][1]

    async def ready():
        pins.append("by hand")
        now.append(Settings())

    old.ready = ready
    outcome = await dispatcher.ask(
        Request(task="hi"), ignore, pinned=lambda: pins[0] if pins else None
    )
    await dispatcher.aclose()
    await books.aclose()
    assert isinstance(outcome, Failed) and "models.example" in outcome.what
    assert not any(source.prompts for _, source in opened)


async def test_a_servers_echo_of_what_must_stay_is_not_told_to_the_next_request():
    echo = (ModelFailure(FailureKind.SERVER, "It choked on a@b.co."),)
    async with dispatching(local=(echo,)) as (dispatcher, ledger):
        await dispatcher.ask(Request(task="mail a@b.co"), ignore)
        breaker = dispatcher.outlook.breakers[Tier.LOCAL]
        assert breaker.is_open and "a@b.co" not in breaker.trouble
    assert not any("a@b.co" in repr(row) for row in ledger.rows.values())


@pytest.mark.parametrize(
    "task", ["SELECT 4111111111111111 FROM t", "def mail_to_jane_doe(", "class Aurora:"]
)
async def test_no_reason_repeats_the_prompt(task):
    async with dispatching(settings=Settings(policy="table")) as (dispatcher, ledger):
        assert isinstance(await dispatcher.ask(Request(task=task), ignore), Done)
        forced = Request(task=task, forced=Tier.LOCAL)
        assert isinstance(await dispatcher.ask(forced, ignore), Done)
        pinned = Request(task=task, pinned="by hand")
        assert isinstance(await dispatcher.ask(pinned, ignore), Done)
    kept = repr(list(ledger.rows.values()))
    assert "code in it" in kept
    assert not any(word in kept for word in ("4111", "jane", "Aurora"))


async def test_a_finding_is_kept_before_anything_is_sent(tmp_path):
    """Killed in the middle of a reply, the next process must know that the conversation stays."""
    file, arrived = tmp_path / "chats.db", asyncio.Event()

    class Held(ScriptedModel):
        async def stream(self, prompt):
            arrived.set()
            await asyncio.Event().wait()
            yield None

    async with dispatching(settings=Settings(stay_tags=("hr",))) as (dispatcher, _):
        dispatcher.models[Tier.LOCAL].stream = Held().stream
        archive = Archive(lambda: SqliteConversations(file, now_ms=1), Clock(),
                          lambda: "c1", lasting=True)  # fmt: skip
        conversation = Conversation(id="c1")
        asking = Asking(
            request=conversation.request("hello"), exchange=Exchange(task="hello"), tag="hr"
        )
        asker = Asker(dispatcher, archive, None)
        task = asyncio.create_task(asker.ask(conversation, asking, ignore))
        await arrived.wait()
        other = Archive(lambda: SqliteConversations(file, now_ms=1), Clock(),
                        lambda: "c2", lasting=True)  # fmt: skip
        assert (await other.load("c1")).pinned == "tag hr"
        await other.aclose()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await archive.aclose()


async def test_what_is_stopped_while_the_server_is_asked_has_its_row_closed():
    asked = asyncio.Event()
    heard = []
    async with dispatching() as (dispatcher, ledger):

        async def residence():
            asked.set()
            await asyncio.Event().wait()

        dispatcher.models[Tier.LOCAL].residence = residence
        task = asyncio.create_task(dispatcher.ask(Request(task="mail a@b.co"), heard.append))
        await asked.wait()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert not dispatcher.models[Tier.LOCAL].prompts
    assert [row.ending for row in ledger.rows.values()] == [Ending.CANCELLED]
    assert [type(event) for event in heard] == [Stopped]
