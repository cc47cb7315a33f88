"""The cascade: who is asked a second time, what escalates, and that nothing else does."""

import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace
from decimal import Decimal
from itertools import count

import pytest

from console.core.chat import Delta, FailureKind, ModelFailure, Reported
from console.core.entry import SECOND_OPINION, Ending
from console.core.exchange import Exchange
from console.core.explain import explain
from console.core.kin import relation
from console.core.routing.request import Request
from console.core.settings import Settings
from console.core.tier import Tier
from console.core.usage import WireShape
from console.services.archive import Archive
from console.services.asking import Asker, Asking
from console.services.books import Books
from console.services.cascade import ESCALATED
from console.services.conversation import Conversation
from console.services.dispatcher import Dispatcher, Done, FellBack, Retrying, Routed
from console.services.events import Checked, Checking, SetAside, Stopped
from console.services.tiers import Tiers
from console.sources.conversations.store import SqliteConversations
from tests.services.fakes import Clock, GivenPrompts, ListedPrices, MemoryLedger, ScriptedModel

USAGE = {"prompt_eval_count": 9, "eval_count": 3, "input_tokens": 9, "output_tokens": 3}
ON = Settings(cascade_model="second", retries=0, fallback="off")
ASKED = Request(task="How many legs have two spiders?")
BROKEN = (ModelFailure(FailureKind.OVERLOADED, "It broke."),)


def says(text, stop_reason=None):
    return (Delta(text), Reported(usage=USAGE, final=True, stop_reason=stop_reason))


class World:
    """A dispatcher over scripted models, by their names."""

    def __init__(self, first, second, api, settings):
        self.ledger, self.clock, ids = MemoryLedger(), Clock(), count(1)
        self.books = Books(lambda: self.ledger, self.clock)
        self.heard = []
        self.models = {
            name: ScriptedModel(script, provider=provider, model=name, shape=shape)
            for name, script, provider, shape in (
                ("llama3.1:8b", first, "ollama", WireShape.OLLAMA),
                ("second", second, "ollama", WireShape.OLLAMA),
                ("claude-sonnet-5-5", api, "anthropic", WireShape.ANTHROPIC),
            )
        }
        self.dispatcher = Dispatcher(
            Tiers(settings, lambda chosen, tier: self.models[chosen.model]), self.books,
            ListedPrices(), self.clock, settings, new_id=lambda: f"id{next(ids)}",
        )  # fmt: skip

    async def ask(self, request=ASKED, **about):
        return await self.dispatcher.ask(request, self.heard.append, **about)

    @property
    def rows(self):
        return list(self.ledger.rows.values())

    @property
    def asked(self):
        return [name for name, model in self.models.items() if model.prompts]

    def told(self, kind):
        return [event for event in self.heard if isinstance(event, kind)]


FIRST, SECOND_SAYS, API = says("16"), says("It is 18."), says("So: 16")


@asynccontextmanager
async def world(first=FIRST, second=SECOND_SAYS, api=API, settings=ON):
    world = World(first, second, api, settings)
    yield world
    await world.dispatcher.aclose()
    await world.books.aclose()


async def test_disagreement_escalates_as_one_family_of_rows():
    async with world() as w:
        outcome = await w.ask(tag="maths", conversation="c")
    first, second, api = w.rows
    assert isinstance(outcome, Done) and outcome.entry == api
    assert [type(event) for event in w.heard] == [
        Routed, Delta, Checking, SetAside, Routed, Delta, Done]  # fmt: skip
    assert [event.provisional for event in w.told(Routed)] == [True, False]
    [aside] = w.told(SetAside)
    assert aside.entry == first
    assert aside.words == "second disagrees: 18, not 16; the api is asked"
    assert (second.reason, api.reason) == (SECOND_OPINION, ESCALATED)
    assert (second.parent, api.parent, first.parent) == (first.id, first.id, None)
    assert {row.tag for row in w.rows} == {"maths"} and {row.ending for row in w.rows} == {
        Ending.DONE
    }
    assert (second.model, api.tier, api.cost_nano is None) == ("second", Tier.API, False)
    assert [model.prompts for model in w.models.values()] == [[ASKED.prompt()]] * 3


async def test_agreement_by_value_keeps_the_local_reply():
    async with world(second=says("The answer is **16.0**.")) as w:
        outcome = await w.ask()
    assert outcome.entry == w.rows[0] and len(w.rows) == 2 and w.told(SetAside) == []
    assert [event.words for event in w.told(Checked)] == ["second agrees: 16"]
    first, second = w.rows
    assert first.shadow_nano > 0 and second.shadow_nano == 0, "the api would be asked once"
    [shadow] = [each for each in explain(second) if each.name == "what the api would have charged"]
    assert [step.what for step in shadow.steps] == ["nothing"]


@pytest.mark.parametrize(
    ("second", "words"),
    [
        (BROKEN, "second gave no second opinion: It broke"),
        (says("I do not know."), "second gave no answer that can be compared"),
        (says("It is 18", "length"), "second gave no answer that can be compared"),
    ],
)
async def test_a_second_model_without_an_answer_leaves_the_first(second, words):
    async with world(second=second) as w:
        outcome = await w.ask()
    assert isinstance(outcome, Done) and outcome.entry == w.rows[0]
    assert [event.words for event in w.told(Checked)] == [words]
    assert not w.told(FellBack) and not w.told(Retrying) and "claude-sonnet-5-5" not in w.asked


@pytest.mark.parametrize(
    ("request_", "settings", "first"),
    [
        (ASKED, replace(ON, cascade_model=None), says("16")),
        (ASKED, replace(ON, cascade_model="llama3.1:8b"), says("16")),
        (ASKED, replace(ON, policy="local-only"), says("16")),
        (ASKED, ON, says("I cannot tell.")),
        (ASKED, ON, says("It is 1", "length")),
        (replace(ASKED, forced=Tier.LOCAL), ON, says("16")),
        (replace(ASKED, pinned="by hand"), ON, says("16")),
        (replace(ASKED, task="How many digits has the SSN 460-89-9847?"), ON, says("16")),
        (Request(task="Tell me about spiders."), ON, says("16")),
    ],
)
async def test_who_is_not_asked_a_second_time(request_, settings, first):
    async with world(first=first, settings=settings) as w:
        await w.ask(request_)
    assert w.asked == ["llama3.1:8b"] and len(w.rows) == 1 and not w.told(Checking)


async def test_what_the_policy_sends_to_the_api_is_not_checked():
    async with world() as w:
        await w.ask(replace(ASKED, task="Compare: how many legs have spiders?"))
    assert w.asked == ["claude-sonnet-5-5"]


async def test_a_pin_that_comes_with_the_second_opinion_keeps_it():
    async with world() as w:
        pins = lambda: "by hand" if w.models["second"].prompts else None  # noqa: E731
        outcome = await w.ask(pinned=pins)
    assert "claude-sonnet-5-5" not in w.asked and outcome.entry == w.rows[0]
    [checked] = w.told(Checked)
    assert checked.words.endswith("; the api is not asked (pinned: by hand)")


async def test_no_escalation_over_the_budget_or_above_what_is_asked_about():
    spent = replace(ON, budget_day_usd=Decimal("0.000001"))
    async with world(settings=spent) as w:
        await w.ask(replace(ASKED, forced=Tier.API))
        w.heard.clear()
        outcome = await w.ask()
    assert outcome.entry.tier is Tier.LOCAL and not w.told(Checking)
    async with world(settings=replace(ON, chat_confirm_above_usd=Decimal("0.0001"))) as w:
        outcome = await w.ask()
    assert "claude-sonnet-5-5" not in w.asked and outcome.entry == w.rows[0]
    assert "chat.confirm_above_usd" in w.told(Checked)[0].words


async def test_an_api_that_fails_leaves_the_local_reply():
    async with world(api=(Delta("So"), *BROKEN)) as w:
        outcome = await w.ask()
    first, _, api = w.rows
    assert outcome == Done(first) and api.ending is Ending.ERROR
    assert [type(event) for event in w.heard][3:] == [
        SetAside, Routed, Delta, SetAside, Routed, Delta, Done]  # fmt: skip
    assert w.told(SetAside)[1].words == "It broke; the local reply stands"
    assert w.heard[-3].entry == first and w.heard[-2] == Delta("16")


async def test_stopping_the_second_opinion_ends_its_work_and_keeps_what_came():
    async with world(second=(asyncio.Event(),)) as w:
        asking = asyncio.create_task(w.ask())
        await w.models["second"].prompted(1)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
    first, second = w.rows
    assert (first.ending, second.ending) == (Ending.DONE, Ending.CANCELLED)
    assert w.heard[-1] == Stopped(first) and w.models["second"].closed == 1


async def test_the_ledger_tells_how_the_rows_belong_together():
    async with world() as w:
        w.clock.ms += 1
        await w.ask()
    first, *rest = w.rows
    assert [relation(row, w.rows) for row in rest] == ["second opinion", "asked again"]
    assert relation(first, w.rows) == "request"


@pytest.mark.parametrize("api", [API, (Delta("So"), *BROKEN)])
async def test_a_conversation_keeps_the_reply_that_stands_alone(api):
    async with world(api=api) as w:
        archive = Archive(lambda: SqliteConversations(None, now_ms=1), w.clock, lambda: "c",
                          lasting=False)  # fmt: skip
        conversation, exchange = Conversation(id="c"), Exchange(task=ASKED.task, asked_ms=1)
        asking = Asking(request=ASKED, exchange=exchange)
        outcome = await Asker(w.dispatcher, archive, GivenPrompts()).ask(
            conversation, asking, w.heard.append
        )
        [kept] = (await archive.load("c")).exchanges
        await archive.aclose()
    assert (kept.reply, kept.whole) == ("So: 16" if api is API else "16", True)
    assert (kept.entry, kept.tier) == (outcome.entry.id, outcome.entry.tier)
