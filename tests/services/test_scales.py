"""Policy `score` in service: each request is counted once, and the share outlives a restart."""

from itertools import count

import pytest

from console.core.routing.request import Request
from console.core.score.dollars import CallPrice
from console.core.score.score import Part, Score
from console.core.score.scorer import Scorer
from console.core.settings import Settings
from console.core.tier import Tier
from console.services.books import Books
from console.services.dispatcher import Dispatcher, Done
from console.services.outlook import Outlook
from console.services.scales import BUDGET_KEPT_AS, KEPT_AS, Scales
from console.services.tiers import Tiers
from tests.services.fakes import Clock, ListedPrices, MemoryLedger
from tests.services.test_retries_and_looks import REPLY, Taking, failing

SETTINGS = Settings(policy="score", fallback="off")


class Memory(dict):
    def put(self, name, value):
        self[name] = value


def numbered(text):
    value = float(text.split()[-1])
    return Score(value, (Part("its number", value - 1), Part("“quoted”", 1.0)), "fitted")


def dispatching(memory, target=0.5, api=(REPLY,), **goal):
    books, clock, ids = Books(MemoryLedger, Clock()), Clock(), count(1)
    models = {Tier.LOCAL: Taking(REPLY), Tier.API: Taking(*api)}
    tiers = Tiers.of(models, SETTINGS)
    scales = Scales(
        memory, target=lambda settings: target, scorer=lambda: Scorer("numbers", numbered), **goal
    )
    books.watch(scales.settled)

    async def no_wait(seconds):
        pass

    dispatcher = Dispatcher(
        tiers, books, ListedPrices(), clock, SETTINGS, new_id=lambda: f"id{next(ids)}",
        outlook=Outlook(tiers, books, clock, weighing=scales), sleep=no_wait,
    )  # fmt: skip
    return dispatcher, scales, books


async def test_each_request_counts_once_however_often_it_is_looked_at_or_tried():
    memory = Memory()
    dispatcher, scales, books = dispatching(memory, api=(failing(), failing(), REPLY))
    for number in range(6):
        request = Request(task=f"prompt {number}")
        for _ in range(3):
            dispatcher.decide(request)
        outcome = await dispatcher.ask(request, lambda event: None)
        assert isinstance(outcome, Done)
    scales.keep()
    assert memory[KEPT_AS]["recent"] == [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]
    again, _, other = dispatching(memory)
    decision = again.decide(Request(task="prompt 2.5"))
    assert decision.threshold is not None
    assert decision.counterfactual.endswith("50 % of calls")
    await books.aclose()
    await other.aclose()


async def test_a_share_is_held_and_the_prompts_own_words_are_not_kept():
    dispatcher, _, books = dispatching(Memory(), target=0.3)
    rows = []
    for number in range(200):
        outcome = await dispatcher.ask(Request(task=f"p {number * 37 % 101}"), lambda event: None)
        rows.append(outcome.entry)
    share = sum(row.tier is Tier.API for row in rows) / len(rows)
    assert abs(share - 0.3) <= 0.04
    assert all("its number" in row.decision and "quoted" not in row.decision for row in rows)
    await books.aclose()


async def test_a_days_budget_is_kept_and_weighed_by_gain_per_dollar():
    memory, at = Memory(), [0.0]
    goal = {
        "budget": lambda settings: 0.5,
        "price": lambda settings: CallPrice(3.0, 15.0),
        "today": lambda: ("2026-11-27", at[0]),
    }
    dispatcher, scales, books = dispatching(memory, **goal)
    tiers = []
    for number in range(300):
        at[0] = number / 300
        request = Request(task=f"p {number * 37 % 101 + 1}")
        outcome = await dispatcher.ask(request, lambda event: None)
        tiers.append(outcome.entry.tier)
    scales.keep()
    assert 0 < tiers.count(Tier.API) < 300
    # Without a price a request counts as the most that it can have cost: 1,024 tokens and more.
    spent = memory[BUDGET_KEPT_AS]["spent_usd"]
    assert spent == pytest.approx(tiers.count(Tier.API) * 1024 * 15e-6, rel=0.01)
    assert spent <= 0.5
    again, _, other = dispatching(memory, **goal)
    found = again.decide(Request(task="p 50")).score
    assert sum(part.value for part in found.parts) == pytest.approx(found.value)
    await books.aclose()
    await other.aclose()


async def test_a_newly_fitted_score_begins_with_its_own_threshold():
    memory, names = Memory(), ["old"]
    scales = Scales(
        memory,
        target=lambda settings: 0.5,
        scorer=lambda: Scorer(names[0], numbered, [float(at) for at in range(101)]),
    )
    before = scales(SETTINGS).threshold
    for value in range(300):
        scales(SETTINGS).take(float(value + 1000))
    assert scales(SETTINGS).threshold > 1000 > before == 50
    names[0] = "new"
    assert scales(SETTINGS).threshold == before
