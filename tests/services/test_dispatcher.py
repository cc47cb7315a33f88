"""A request's way: row before bytes, events in order, a row closed however it ends."""

import asyncio
import json
from contextlib import asynccontextmanager
from dataclasses import replace
from itertools import count

import pytest

from console.core.chat import Delta, FailureKind, ModelFailure, Reported, Thinking
from console.core.energy import Spent
from console.core.entry import Ending, EnergySource
from console.core.routing.request import Request
from console.core.settings import Settings
from console.core.tier import Tier
from console.core.usage import UsageSource, WireShape
from console.services.books import Books
from console.services.dispatcher import Dispatcher, Done, Failed, Routed, Stopped
from console.services.tiers import Tiers
from tests.services.fakes import Clock, ListedPrices, MemoryLedger, ScriptedModel

LOCAL_REPLY = [Delta("It is"), Delta(" fine."),
               Reported(usage={"prompt_eval_count": 20, "eval_count": 6}, final=True,
                        model="llama3.1:8b", digest="abc")]  # fmt: skip
API_REPLY = [Reported(usage={"input_tokens": 100, "output_tokens": 1}, response_id="msg_1"),
             Delta("Deep."), Reported(usage={"output_tokens": 50}, final=True)]  # fmt: skip


class Metered:
    """A meter that says the same of every request, and hears of their ends."""

    def __init__(self, joules):
        self.joules = joules
        self.begun, self.dropped, self.tokens = [], [], 0.0

    def begin(self, id):
        self.begun.append(id)

    async def end(self, id, tokens=None):
        assert id in self.begun and id not in self.dropped
        return Spent(self.joules, EnergySource.ESTIMATED)

    def drop(self, id):
        self.dropped.append(id)

    def wrote(self, tokens):
        self.tokens += tokens


ONE_TRY = Settings(fallback="off", retries=0)


@asynccontextmanager
async def dispatching(local=LOCAL_REPLY, api=API_REPLY, *, meter=None, settings=ONE_TRY):
    ledger, clock, ids = MemoryLedger(), Clock(), count(1)
    books = Books(lambda: ledger, clock)
    tiers = {
        Tier.LOCAL: ScriptedModel(local),
        Tier.API: ScriptedModel(api, "anthropic", "claude-sonnet-5-5", WireShape.ANTHROPIC),
    }
    dispatcher = Dispatcher(Tiers.of(tiers), books, ListedPrices(), clock, settings,
                            new_id=lambda: f"id{next(ids)}", meter=meter)  # fmt: skip
    yield dispatcher, ledger, tiers
    await books.aclose()


async def test_a_routine_request_is_served_locally_and_booked():
    heard = []
    async with dispatching(meter=Metered(3600.0)) as (ask, ledger, _):
        outcome = await ask.ask(Request(task="hello"), heard.append, conversation="c1")
    assert [type(event) for event in heard] == [Routed, Delta, Delta, Done]
    (opened_as, opened), (closed_as, closed) = ledger.writes
    assert (opened_as, opened.ending, closed_as) == ("open", None, "close")
    assert closed == outcome.entry
    assert (closed.tier, closed.reason, closed.ending) == (Tier.LOCAL, "routine", Ending.DONE)
    assert (closed.usage.uncached, closed.usage.output) == (20, 6)
    assert closed.usage_source is UsageSource.REPORTED
    assert closed.model_digest == "abc"
    assert (closed.prompt_chars, closed.reply_chars) == (5, 11)
    # 3,600 J are 0.001 kWh; at the default 0.188 $/kWh that is 188,000 nano-dollars.
    assert (closed.energy_nano, closed.energy_source) == (188_000, EnergySource.ESTIMATED)
    # The API would have charged 20 × $2 and 6 × $10 per million.
    assert closed.shadow_nano == 100_000 and closed.cost_nano is None


async def test_a_complex_request_is_served_by_the_api_and_priced():
    async with dispatching() as (ask, _ledger, tiers):
        outcome = await ask.ask(Request(task="analyze this"), lambda event: None)
    entry = outcome.entry
    assert entry.tier is Tier.API and entry.reason == 'complex: "analyze"'
    assert (entry.usage.uncached, entry.usage.output) == (100, 50)
    assert entry.cost_nano == 100 * 2_000 + 50 * 10_000
    assert entry.price.source == "test list" and entry.response_id == "msg_1"
    assert json.loads(entry.usage_raw) == {"input_tokens": 100, "output_tokens": 50}
    assert not tiers[Tier.LOCAL].prompts


@pytest.mark.parametrize(("tier", "priced"), [("standard", True), ("priority", False)])
async def test_what_the_server_says_of_a_request_counts_for_its_price(tier, priced):
    """A list without a price for it prices nothing, rather than too low."""
    usage = {"input_tokens": 100, "output_tokens": 1, "service_tier": tier}
    async with dispatching(api=[Reported(usage=usage), *API_REPLY[1:]]) as (ask, ledger, _):
        await ask.ask(Request(task="compare"), lambda event: None)
    [row] = ledger.rows.values()
    assert row.cost_nano == (100 * 2_000 + 50 * 10_000 if priced else None)


@pytest.mark.parametrize(("task", "queued"), [("hi", 1), ("compare", 0)])
@pytest.mark.parametrize("ends_well", [True, False])
async def test_the_boxs_queue_holds_what_it_works_on_and_no_more(task, queued, ends_well):
    seen = []
    broken = [Delta("half"), ModelFailure(FailureKind.CUT, "It broke.", hint="")]
    replies = {} if ends_well else {"local": broken, "api": broken}
    async with dispatching(**replies) as (ask, _ledger, _):
        await ask.ask(
            Request(task=task),
            lambda event: isinstance(event, Delta) and seen.append(ask.outlook.queue),
        )
        assert set(seen) == {queued} and ask.outlook.queue == 0


async def test_the_row_is_open_before_anything_is_sent():
    class Watchful(ScriptedModel):
        async def stream(self, prompt):
            assert len(ledger.rows) == 1
            async for chunk in super().stream(prompt):
                yield chunk

    async with dispatching() as (ask, ledger, tiers):
        ask.tiers = Tiers.of({**tiers, Tier.LOCAL: Watchful(LOCAL_REPLY)})
        assert isinstance(await ask.ask(Request(task="hi"), lambda event: None), Done)


async def test_nothing_is_sent_when_the_ledger_cannot_be_written():
    async with dispatching() as (ask, ledger, tiers):
        ledger.broken = "the disk is full"
        outcome = await ask.ask(Request(task="hi"), lambda event: None)
    assert isinstance(outcome, Failed) and outcome.entry is None
    assert outcome.what == "Not sent: the disk is full"
    assert not tiers[Tier.LOCAL].prompts


async def test_a_reply_whose_row_cannot_be_closed_is_kept_and_says_so():
    async with dispatching() as (ask, ledger, _):

        def tell(event):
            if isinstance(event, Delta):
                ledger.broken = "the disk is full"

        outcome = await ask.ask(Request(task="hi"), tell)
    assert isinstance(outcome, Done) and outcome.ledger_trouble == "the disk is full"


@pytest.mark.parametrize(
    ("kind", "said", "ending", "source", "tokens"),
    [
        (FailureKind.UNREACHABLE, [], Ending.ERROR, UsageSource.NONE, (0, 0)),
        (FailureKind.UNAUTHORISED, [], Ending.ERROR, UsageSource.NONE, (0, 0)),
        (FailureKind.TIMEOUT, [], Ending.TIMEOUT, UsageSource.ESTIMATED, (2, 0)),
        (FailureKind.CUT, [Delta("12345")], Ending.ERROR, UsageSource.ESTIMATED, (2, 2)),
    ],
)
async def test_failures_close_the_row_with_what_is_known(kind, said, ending, source, tokens):
    failure = ModelFailure(kind, "It broke.", hint="Mend it.")
    async with dispatching(local=[*said, failure]) as (ask, ledger, _):
        outcome = await ask.ask(Request(task="hello"), lambda event: None)
    assert isinstance(outcome, Failed)
    assert (outcome.what, outcome.hint, outcome.kind) == ("It broke.", "Mend it.", kind)
    (row,) = ledger.rows.values()
    assert (row.ending, row.usage_source, row.error) == (ending, source, "It broke.")
    assert (row.usage.uncached, row.usage.output) == tokens


async def test_stopping_closes_the_stream_and_books_an_estimate():
    never = asyncio.Event()
    async with dispatching(api=[API_REPLY[0], Delta("x" * 41), never]) as (ask, ledger, tiers):
        heard = asyncio.Event()
        task = asyncio.create_task(
            ask.ask(Request(task="compare"),
                    lambda event: heard.set() if isinstance(event, Delta) else None)
        )  # fmt: skip
        await heard.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert tiers[Tier.API].closed == 1
    (row,) = ledger.rows.values()
    assert (row.ending, row.usage_source) == (Ending.CANCELLED, UsageSource.ESTIMATED)
    # The prompt was reported at the start; 41 characters are at least 11 tokens.
    assert (row.usage.uncached, row.usage.output) == (100, 11)
    assert row.cost_nano == 100 * 2_000 + 11 * 10_000


async def test_thinking_counts_but_is_told_apart():
    heard = []
    async with dispatching(local=[Thinking("hm"), *LOCAL_REPLY]) as (ask, _, _tiers):
        await ask.ask(Request(task="hi"), heard.append)
    assert [type(event) for event in heard] == [Routed, Thinking, Delta, Delta, Done]


async def test_a_pinned_request_stays_also_when_the_local_tier_fails():
    failure = ModelFailure(FailureKind.UNREACHABLE, "Ollama is not running.")
    async with dispatching(local=[failure]) as (ask, ledger, tiers):
        outcome = await ask.ask(Request(task="analyze", pinned="by hand"), lambda event: None)
        refused = await ask.ask(
            Request(task="x", pinned="by hand", forced=Tier.API), lambda event: None
        )
    assert isinstance(outcome, Failed) and outcome.entry.tier is Tier.LOCAL
    assert isinstance(refused, Failed) and refused.entry is None
    assert not tiers[Tier.API].prompts and len(ledger.rows) == 1


async def test_only_requests_of_the_local_tier_are_metered_to_their_end():
    meter = Metered(1.0)
    broken = [Delta("four"), ModelFailure(FailureKind.CUT, "The reply broke off.")]
    async with dispatching(local=broken, meter=meter) as (ask, ledger, _):
        await ask.ask(Request(task="hi"), lambda event: None)
        await ask.ask(Request(task="analyze this"), lambda event: None)
    local, api = ledger.rows.values()
    assert (local.energy_j, api.energy_j) == (1.0, None)
    assert meter.begun == meter.dropped == [local.id] and meter.tokens == 1


async def test_stopped_tells_what_the_reply_took():
    heard, never = [], asyncio.Event()
    async with dispatching(api=[API_REPLY[0], Delta("x" * 41), never]) as (ask, ledger, tiers):
        task = asyncio.create_task(ask.ask(Request(task="compare"), heard.append))
        await tiers[Tier.API].prompted(1)
        while not any(isinstance(event, Delta) for event in heard):  # noqa: ASYNC110
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert isinstance(heard[-1], Stopped) and heard[-1].entry in ledger.rows.values()


async def test_a_defect_closes_the_row_before_it_is_raised():
    async with dispatching(local=[Delta("a"), RuntimeError("a defect")]) as (ask, ledger, _):
        with pytest.raises(RuntimeError):
            await ask.ask(Request(task="hi"), lambda event: None)
    (row,) = ledger.rows.values()
    assert row.ending is Ending.ERROR


@pytest.mark.parametrize(
    ("local", "why"),
    [
        ({"base_url": "https://models.example"}, "host models.example is not declared as yours"),
        ({"model": "gpt-oss:120b-cloud"}, "gpt-oss:120b-cloud runs in Ollama's cloud"),
    ],
)
async def test_what_is_pinned_is_refused_when_the_local_tier_is_elsewhere(local, why):
    async with dispatching() as (ask, ledger, _tiers):
        settings = Settings()
        ask.tiers.switch(Tier.LOCAL, replace(settings.local, **local))
        outcome = await ask.ask(Request(task="x", pinned="by hand"), lambda event: None)
        free = await ask.ask(Request(task="x"), lambda event: None)
    assert isinstance(outcome, Failed) and why in outcome.what
    assert isinstance(free, Done) and len(ledger.rows) == 1
