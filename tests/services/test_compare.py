"""Both tiers at once: asked as a pair, judged only when both are whole, never when pinned."""

import asyncio
from itertools import count

import pytest

from console.core.chat import Delta, FailureKind, ModelFailure, Reported
from console.core.routing.request import Request
from console.core.settings import Settings
from console.core.tier import Tier
from console.core.usage import WireShape
from console.core.verdict import COMPARED, Judgement, hash_of
from console.services.books import Books
from console.services.compare import Comparer
from console.services.dispatcher import Dispatcher, Done, Failed
from console.services.tiers import Tiers
from tests.services.fakes import Clock, ListedPrices, MemoryLedger, ScriptedModel

WHY = Request(task="Why?")
SAYS = (Delta("Because."), Reported({"prompt_eval_count": 9, "eval_count": 3}, final=True))


class Bench:
    def __init__(self, local=SAYS, api=SAYS, *, coin=True, keep_text=False):
        ids = count(1)
        self.ledger, self.clock = MemoryLedger(), Clock()
        self.books = Books(lambda: self.ledger, self.clock)
        self.local = ScriptedModel(local)
        self.api = ScriptedModel(api, "anthropic", "claude-sonnet-5-5", WireShape.ANTHROPIC)
        tiers = Tiers.of({Tier.LOCAL: self.local, Tier.API: self.api})
        dispatcher = Dispatcher(
            tiers, self.books, ListedPrices(), self.clock, Settings(),
            new_id=lambda: f"e{next(ids)}",
        )  # fmt: skip
        self.comparer = Comparer(
            dispatcher, self.books, self.clock, new_id=lambda: "pair", coin=lambda: coin,
            keep_text=keep_text,
        )  # fmt: skip
        self.heard = []

    async def ask(self, request=WHY):
        pair = self.comparer.pair(request)
        return pair, await self.comparer.ask(pair, lambda name, event: self.heard.append(name))


@pytest.fixture
async def bench():
    made = Bench()
    yield made
    await made.books.aclose()


async def test_both_tiers_get_the_same_prompt_and_their_rows_are_a_pair(bench):
    pair, outcomes = await bench.ask()
    assert bench.local.prompts == bench.api.prompts == [WHY.prompt()]
    assert list(outcomes) == ["A", "B"] and {"A", "B"} == set(bench.heard)
    rows = [outcome.entry for outcome in outcomes.values()]
    assert [row.tier for row in rows] == [Tier.LOCAL, Tier.API] == list(pair.tiers.values())
    assert {(row.parent, row.tag) for row in rows} == {("pair", COMPARED)}


@pytest.mark.parametrize(("coin", "first"), [(True, Tier.LOCAL), (False, Tier.API)])
async def test_a_coin_decides_who_is_a(coin, first):
    bench = Bench(coin=coin)
    pair, outcomes = await bench.ask()
    assert pair.a_tier is first and outcomes["A"].entry.tier is first
    verdict = await bench.comparer.keep(pair, outcomes, Judgement.A)
    assert verdict.winner is first
    await bench.books.aclose()


async def test_a_verdict_is_kept_without_the_text(bench):
    pair, outcomes = await bench.ask()
    verdict = await bench.comparer.keep(pair, outcomes, Judgement.TIE)
    assert await bench.comparer.verdicts() == [verdict]
    assert verdict.prompt is None and verdict.prompt_hash == hash_of("Why?")
    assert verdict.features["length"] == 4
    assert (verdict.a, verdict.b) == tuple(outcome.entry.id for outcome in outcomes.values())


async def test_the_text_is_kept_where_the_operator_stores_conversations():
    bench = Bench(keep_text=True)
    pair, outcomes = await bench.ask()
    assert (await bench.comparer.keep(pair, outcomes, Judgement.B)).prompt == "Why?"
    await bench.books.aclose()


@pytest.mark.parametrize(
    "request_",
    [Request(task="Why?", pinned="by hand"), Request(task="my card is 4111 1111 1111 1111",
     pinned="card number", forced=Tier.LOCAL)],
)  # fmt: skip
async def test_what_must_stay_is_not_compared(bench, request_):
    assert "pinned" in bench.comparer.refusal(request_)
    with pytest.raises(ValueError, match="must not go to both tiers"):
        bench.comparer.pair(request_)
    assert not bench.api.prompts and not bench.ledger.rows


async def test_one_side_failing_leaves_the_other_and_nothing_to_judge():
    bench = Bench(api=[ModelFailure(FailureKind.OVERLOADED, "The API is overloaded.", status=529)])
    pair, outcomes = await bench.ask()
    assert isinstance(outcomes["A"], Done) and isinstance(outcomes["B"], Failed)
    assert all(row.tier is not Tier.LOCAL or row.ending == "done"
               for row in bench.ledger.rows.values())  # fmt: skip
    with pytest.raises(ValueError, match="no whole reply"):
        await bench.comparer.keep(pair, outcomes, Judgement.A)
    assert not bench.ledger.said
    await bench.books.aclose()


async def test_stopping_stops_both_and_closes_both_rows():
    never = asyncio.Event()
    bench = Bench([Delta("Be"), never], [Delta("Be"), never])
    task = asyncio.create_task(bench.ask())
    await bench.local.prompted(1)
    await bench.api.prompted(1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (bench.local.closed, bench.api.closed) == (1, 1)
    assert [row.ending for row in bench.ledger.rows.values()] == ["cancelled", "cancelled"]
    await bench.books.aclose()
