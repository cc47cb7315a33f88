"""Retries, fallback and looks: when, how often, as rows of their own, and never with what stays."""

from contextlib import asynccontextmanager
from dataclasses import replace
from decimal import Decimal
from itertools import count

import pytest

from console.core.chat import Delta, FailureKind, ModelFailure, Probe, Reported
from console.core.entry import Ending
from console.core.routing.request import Request
from console.core.settings import Settings
from console.core.tier import Tier
from console.core.usage import WireShape
from console.services.books import Books
from console.services.dispatcher import Dispatcher, Done, Failed, FellBack, Retrying, Routed
from console.services.live import LiveSettings
from console.services.looks import LOOK, LOOK_TAG
from console.services.tiers import Tiers
from tests.services.fakes import Clock, ListedPrices, MemoryLedger, ScriptedModel

USAGE = {"prompt_eval_count": 1, "eval_count": 1, "input_tokens": 1, "output_tokens": 1}
REPLY = (Delta("fine"), Reported(usage=USAGE, final=True))
BOTH = Settings(fallback="both")


def failing(kind=FailureKind.OVERLOADED, retry_after_s=None):
    return (ModelFailure(kind, "It broke.", hint="Mend it.", retry_after_s=retry_after_s),)


class Taking(ScriptedModel):
    """Plays one script after the other; the last again and again."""

    def __init__(self, *scripts, ok=True, **about):
        super().__init__(**about)
        self.scripts, self.ok, self.probed = list(scripts), ok, 0

    async def stream(self, prompt):
        self.script = self.scripts.pop(0) if len(self.scripts) > 1 else self.scripts[0]
        async for chunk in super().stream(prompt):
            yield chunk

    async def probe(self):
        self.probed += 1
        return Probe(ok=self.ok, trouble=None if self.ok else "Nobody is there.")


@asynccontextmanager
async def dispatching(local=(REPLY,), api=(REPLY,), settings=BOTH, local_ok=True):
    ledger, clock, ids, slept = MemoryLedger(), Clock(), count(1), []
    books = Books(lambda: ledger, clock)
    models = {
        Tier.LOCAL: Taking(*local, ok=local_ok),
        Tier.API: Taking(*api, provider="anthropic", model="claude-sonnet-5-5",
                         shape=WireShape.ANTHROPIC),
    }  # fmt: skip

    async def sleep(seconds):
        slept.append(seconds)
        clock.ms += round(seconds * 1000)

    dispatcher = Dispatcher(Tiers.of(models, settings), books, ListedPrices(), clock, settings,
                            new_id=lambda: f"id{next(ids)}", sleep=sleep)  # fmt: skip
    dispatcher.slept, dispatcher.clock, dispatcher.models = slept, clock, models
    yield dispatcher, ledger
    await dispatcher.aclose()
    await books.aclose()


async def test_a_passing_failure_is_tried_again_as_late_as_the_server_asks():
    scripts = (failing(FailureKind.RATE_LIMITED, 7.0), failing(), REPLY)
    heard = []
    async with dispatching(api=scripts) as (dispatcher, ledger):
        outcome = await dispatcher.ask(Request(task="compare"), heard.append)
    assert isinstance(outcome, Done) and dispatcher.slept == [7.0, 1.0]
    assert [type(event) for event in heard] == [
        Routed, Retrying, Routed, Retrying, Routed, Delta, Done]  # fmt: skip
    first, second, third = ledger.rows.values()
    assert (first.parent, second.parent, third.parent) == (None, first.id, first.id)
    assert [row.ending for row in (first, second, third)] == [
        Ending.ERROR,
        Ending.ERROR,
        Ending.DONE,
    ]
    assert second.reason == "retry 1 of 2: api rate limited"
    assert (heard[1].retry_in_s, heard[1].attempt, heard[1].of) == (7.0, 1, 2)


async def test_a_wish_for_longer_than_the_operator_waits_is_not_cut_short():
    off, scripts = replace(BOTH, fallback="off"), (failing(FailureKind.RATE_LIMITED, 31.0),)
    async with dispatching(api=scripts, settings=off) as (dispatcher, ledger):
        outcome = await dispatcher.ask(Request(task="compare"), lambda event: None)
    assert isinstance(outcome, Failed) and not dispatcher.slept and len(ledger.rows) == 1


async def test_after_the_first_word_nothing_is_tried_again():
    cut = (Delta("half"), *failing(FailureKind.CUT))
    async with dispatching(api=(cut,)) as (dispatcher, ledger):
        outcome = await dispatcher.ask(Request(task="compare"), lambda event: None)
    assert isinstance(outcome, Failed) and len(ledger.rows) == 1


@pytest.mark.parametrize(
    ("fallback", "task", "served_by"),
    [("both", "hi", Tier.API), ("both", "compare", Tier.LOCAL), ("local", "hi", None),
     ("local", "compare", Tier.LOCAL), ("off", "compare", None)],
)  # fmt: skip
async def test_the_other_tier_steps_in_where_the_operator_lets_it(fallback, task, served_by):
    broken = {"local" if task == "hi" else "api": (failing(FailureKind.UNAUTHORISED),)}
    heard = []
    async with dispatching(settings=Settings(fallback=fallback), **broken) as (dispatcher, ledger):
        outcome = await dispatcher.ask(Request(task=task), heard.append)
    if served_by is None:
        assert isinstance(outcome, Failed) and len(ledger.rows) == 1
        return
    failed, done = ledger.rows.values()
    assert outcome.entry == done and done.tier is served_by and done.parent == failed.id
    assert done.reason == f"fallback: {served_by.other} unauthorised"
    [fell] = [event for event in heard if isinstance(event, FellBack)]
    assert (fell.to, fell.entry, fell.what) == (served_by, failed, "It broke.")


async def test_neither_by_hand_nor_what_must_stay_falls_back():
    async with dispatching(local=(failing(FailureKind.UNREACHABLE),)) as (dispatcher, _):
        for request in (
            Request(task="hi", forced=Tier.LOCAL),
            Request(task="hi", pinned="by hand"),
            Request(task="I am 460-89-9847"),
        ):
            assert isinstance(await dispatcher.ask(request, lambda event: None), Failed)
        assert not dispatcher.models[Tier.API].prompts


async def test_a_tier_that_was_left_alone_is_looked_at_without_the_users_text():
    async with dispatching(local=(*[failing(FailureKind.TIMEOUT)] * 3, REPLY)) as (
        dispatcher,
        ledger,
    ):
        local = dispatcher.models[Tier.LOCAL]
        for _ in range(3):
            await dispatcher.ask(Request(task="secretless"), lambda event: None)
        round_it = await dispatcher.ask(Request(task="hi"), lambda event: None)
        assert round_it.entry.tier is Tier.API and "local is down" in round_it.entry.reason
        assert len(local.prompts) == 3
        # Pinned, nothing else may serve it: the look comes first, then the request.
        stays = await dispatcher.ask(Request(task="stay", pinned="by hand"), lambda event: None)
        assert isinstance(stays, Done) and local.probed == 1
        assert local.prompts[3] is LOOK and local.prompts[4].turns[-1].text == "stay"
        assert not dispatcher.outlook.breakers[Tier.LOCAL].is_open
    [look] = [row for row in ledger.rows.values() if row.tag == LOOK_TAG]
    assert look.ending is Ending.DONE and look.policy == "health"


async def test_no_fallback_to_an_api_that_may_cost_more_than_is_let_unasked():
    dear = replace(BOTH, chat_confirm_above_usd=Decimal("0.0001"), retries=0)
    async with dispatching(local=(failing(),), settings=dear) as (dispatcher, _ledger):
        outcome = await dispatcher.ask(Request(task="hi"), lambda event: None)
        assert isinstance(outcome, Failed) and not dispatcher.models[Tier.API].prompts
        assert outcome.hint == (
            "Mend it. The api is not asked instead: it may cost more than chat.confirm_above_usd."
        )
    async with dispatching(local=(failing(),), settings=dear) as (dispatcher, _ledger):
        agreed = await dispatcher.ask(Request(task="hi"), lambda event: None, agreed=True)
        assert isinstance(agreed, Done) and agreed.entry.tier is Tier.API
    cheap = replace(dear, chat_confirm_above_usd=Decimal(1))
    async with dispatching(local=(failing(),), settings=cheap) as (dispatcher, _ledger):
        assert isinstance(await dispatcher.ask(Request(task="hi"), lambda event: None), Done)


async def test_a_look_that_fails_sends_nothing():
    async with dispatching(local=(failing(FailureKind.TIMEOUT),), local_ok=False,
                           settings=Settings()) as (dispatcher, _ledger):  # fmt: skip
        for _ in range(3):
            await dispatcher.ask(Request(task="hi"), lambda event: None)
        outcome = await dispatcher.ask(Request(task="hi"), lambda event: None)
        assert isinstance(outcome, Failed)
        assert "left alone: Nobody is there (4 failures in a row, looked at again in 40 s)." in (
            outcome.what
        )
        assert len(dispatcher.models[Tier.LOCAL].prompts) == 3


async def test_what_was_found_pins_the_conversation_also_when_it_travels_no_more():
    async with dispatching() as (dispatcher, ledger):
        about = {"conversation": "c1"}
        await dispatcher.ask(Request(task="mail a@b.co"), lambda event: None, **about)
        later = await dispatcher.ask(Request(task="compare"), lambda event: None, **about)
        assert later.entry.tier is Tier.LOCAL
        with pytest.raises(ValueError, match="say why"):
            await dispatcher.unpin("c1", "an e-mail address", "  ")
        await dispatcher.unpin("c1", "an e-mail address", "it is my own")
        free = await dispatcher.ask(Request(task="compare"), lambda event: None, **about)
        assert free.entry.tier is Tier.API
    [(_, conversation, pin, reason)] = ledger.unpinnings
    assert (conversation, pin, reason) == ("c1", "an e-mail address", "it is my own")


async def test_a_model_that_runs_elsewhere_is_not_sent_what_must_stay():
    async with dispatching() as (dispatcher, ledger):
        local = dispatcher.models[Tier.LOCAL]

        async def residence():
            return "llama3.1:8b runs at ollama.com; choose a model that runs here"

        local.residence = residence
        outcome = await dispatcher.ask(Request(task="a@b.co"), lambda event: None)
        assert isinstance(outcome, Failed) and "runs at ollama.com" in outcome.what
        assert not local.prompts
        assert isinstance(await dispatcher.ask(Request(task="hi"), lambda event: None), Done)
    row = next(iter(ledger.rows.values()))
    assert row.ending is Ending.CANCELLED and row.error.startswith("not sent: ")


async def test_tokens_of_what_must_stay_are_estimated_here():
    async with dispatching() as (dispatcher, _ledger):
        api = dispatcher.models[Tier.API]
        free = await dispatcher.count(Request(task="hello there"))
        assert (free.tokens, free.exact, len(api.prompts)) == (7, True, 1)
        stays = await dispatcher.count(Request(task="a@b.co" * 4))
        assert (stays.tokens, stays.exact, len(api.prompts)) == (6, False, 1)


def test_settings_are_read_again_when_the_file_has_changed_and_wrong_ones_are_told():
    stamp, answers, heard = [0], [], []

    def load():
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    live = LiveSettings(Settings(), stamp=lambda: stamp[0], load=load)
    live.subscribe(heard.append)
    assert live().policy == "article" and not heard
    answers, stamp[0] = [Settings(policy="table")], 1
    assert live().policy == "table" and live().policy == "table" and len(heard) == 1
    answers, stamp[0] = [ValueError("config.toml line 3: no such policy.")], 2
    assert live().policy == "table"
    assert live.trouble == "config.toml line 3: no such policy. What held before still holds."
    answers, stamp[0] = [Settings(policy="score")], 3
    assert live().policy == "score" and live.trouble is None


async def test_a_changed_tier_serves_from_the_next_request_on():
    async with dispatching() as (dispatcher, _ledger):
        other = replace(BOTH, api=replace(BOTH.api, model="claude-haiku-5-5"))
        seen = []
        dispatcher.tiers.subscribe(seen.append)
        dispatcher.live._load, dispatcher.live._stamp = (lambda: other), (lambda: 1)
        await dispatcher.ask(Request(task="compare"), lambda event: None)
        assert seen == [Tier.API]
        assert dispatcher.tiers.settings(Tier.API).model == "claude-haiku-5-5"
