"""What the ledger, the clock and the cards say reaches the router, read only where it matters."""

from dataclasses import replace
from decimal import Decimal

from console.core.entry import Ending, Entry
from console.core.routing.request import Request
from console.core.routing.rule import Rule
from console.core.settings import Settings
from console.core.tier import Tier
from console.core.usage import Usage, UsageSource
from console.services.books import Books
from console.services.outlook import Outlook
from console.services.tiers import Tiers
from tests.services.fakes import Clock, MemoryLedger, ScriptedModel
from tests.services.test_retries_and_looks import dispatching

DAY_MS = 86_400_000
USAGE = Usage(uncached=1, output=1)


def row(number, ms, cost_nano=0):
    return Entry(
        id=f"r{number}", started_ms=ms, zone="UTC", tier=Tier.API, provider="anthropic",
        model="claude-sonnet-5-5", policy="article", reason="x", ended_ms=ms + 5,
        ending=Ending.DONE, usage=USAGE, usage_source=UsageSource.REPORTED, cost_nano=cost_nano,
    )  # fmt: skip


def outlook(rows, **about):
    ledger, clock = MemoryLedger(), Clock()
    for number, (days_ago, cost_nano) in enumerate(rows):
        ledger.rows[f"r{number}"] = row(number, clock.midnight_ms(days_ago) + 1, cost_nano)
    models = {tier: ScriptedModel() for tier in Tier}
    books = Books(lambda: ledger, clock)
    return Outlook(Tiers.of(models), books, clock, **about), ledger, books


async def test_the_volume_is_measured_over_complete_days_only():
    seen, _, books = outlook([(3, 0), (2, 0), (2, 0), (0, 0), (0, 0)])
    settings = Settings(policy="table")
    assert seen.now(settings).requests_per_day is None
    await seen.refresh(settings)
    now = seen.now(settings)
    assert (now.requests_per_day, now.measured_days) == (1.0, 3)
    await books.aclose()


async def test_of_a_long_ledger_the_last_complete_week_counts():
    seen, _, books = outlook([(30, 0), (8, 0), *[(days, 0) for days in range(1, 8)] * 2])
    settings = Settings(policy="table")
    await seen.refresh(settings)
    now = seen.now(settings)
    assert (now.requests_per_day, now.measured_days) == (2.0, 7)
    await books.aclose()


async def test_spend_is_held_against_both_budgets():
    seen, _, books = outlook([(1, 4_000_000_000), (0, 2_000_000_000)])
    settings = Settings(budget_day_usd=Decimal(3), budget_month_usd=Decimal(5))
    await seen.refresh(settings)
    day, month = seen.now(settings).budgets
    assert (day.spent_nano, day.limit_nano) == (2_000_000_000, 3_000_000_000)
    assert month.spent_nano == 6_000_000_000 > month.limit_nano
    await books.aclose()


async def test_a_ledger_that_cannot_be_read_leaves_what_was_known():
    seen, ledger, books = outlook([(1, 1_000)])
    settings = Settings(rules=(Rule(name="r", tier=Tier.LOCAL, month_usd_over=Decimal(1)),))
    await seen.refresh(settings)
    ledger.broken = "the disk is full"
    await seen.refresh(settings)
    assert seen.now(settings).month_nano == 1_000
    await books.aclose()


async def test_nothing_is_read_where_no_decision_asks_for_it():
    seen, ledger, books = outlook([(1, 1_000)])
    ledger.broken = "must not be read"
    await seen.refresh(Settings())
    now = seen.now(Settings())
    assert now.month_nano is None and now.budgets == ()
    assert now.minute is not None and now.weekday is not None
    await books.aclose()


async def test_the_cards_and_the_servers_are_asked_each_time():
    load = [None, 93.0]
    seen, _, books = outlook([], gpu_pct=lambda: load.pop(0))
    assert seen.now(Settings()).gpu_pct is None and seen.now(Settings()).gpu_pct == 93.0
    settings = replace(Settings(), local=replace(Settings().local, vision=True, num_ctx=4096))
    tiers = Tiers.of({tier: ScriptedModel() for tier in Tier}, settings)
    now = Outlook(tiers, books, Clock()).now(settings)
    assert (now.local.sees, now.local.context_tokens) == (True, 4096)
    await books.aclose()


async def test_a_spent_budget_reaches_the_request():
    spent = Settings(fallback="both", budget_day_usd=Decimal("0.000001"))
    async with dispatching(settings=spent) as (dispatcher, ledger):
        ledger.rows["r0"] = row(0, dispatcher.clock.midnight_ms() + 1, 5_000_000)
        outcome = await dispatcher.ask(Request(task="compare"), lambda event: None)
    assert outcome.entry.tier is Tier.LOCAL and "day's budget" in outcome.entry.reason
