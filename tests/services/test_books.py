"""The books: totals by window, what the month is heading for, and reads that wait for no write."""

import asyncio
from dataclasses import replace
from datetime import date
from decimal import Decimal
from threading import Event

import pytest

from console.core.budget import Level
from console.core.entry import Ending
from console.core.period import start_ms
from console.core.query import ALL, Grouping, parse
from console.core.tier import Tier
from console.core.usage import Usage
from console.services.books import Books
from console.sources.ledger.store import SqliteLedger
from tests.patience import PATIENCE_S
from tests.services.fakes import Clock as FakeClock
from tests.sources.ledger.test_store import entry

ZONE = "Europe/Berlin"
USD = 1_000_000_000
NOON = start_ms(date(2026, 10, 26), ZONE) + 12 * 3_600_000  # The day after the clocks went back.


class Clock(FakeClock):
    """Noon in Berlin, whose midnights are Berlin's."""

    def zone(self):
        return ZONE

    def midnight_ms(self, days_ago=0):
        return start_ms(date.fromordinal(date(2026, 10, 26).toordinal() - days_ago), ZONE)

    def month_start_ms(self):
        return start_ms(date(2026, 10, 1), ZONE)


@pytest.fixture
async def books(tmp_path):
    clock = Clock(NOON)
    books = Books(lambda: SqliteLedger(tmp_path / "ledger.db", now_ms=clock.now_ms()), clock,
                  budget_day_usd=Decimal(5), budget_month_usd=Decimal(100))  # fmt: skip
    yield books
    await books.aclose()


def spent(id, day, usd, **fields):
    at = start_ms(date(2026, 10, day), ZONE) + 3_600_000
    row = entry(id, tier=Tier.API, provider="anthropic", model="claude-sonnet-5-5", zone=ZONE,
                started_ms=at, ended_ms=at + 1, ending=Ending.DONE, cost_nano=int(usd * USD),
                usage=Usage(uncached=1, output=1))  # fmt: skip
    return replace(row, **fields)


async def test_totals_are_by_local_day_and_the_month_ends_as_the_rule_says(books):
    for row in (spent("a", 2, 30), spent("b", 19, 7), spent("c", 25, 7), spent("d", 26, 4)):
        await books.closed(row)
    page = await books.page(10)
    sums = [each[Tier.API].spent_nano // USD for each in
            (page.today, page.week, page.month, page.month30, page.all_time)]  # fmt: skip
    assert sums == [4, 11, 48, 48, 48]
    # Seven days before today cost 14, so 2 each; today has 4 already; five days are left.
    assert page.expected_nano == (44 + 4 + 5 * 2) * USD
    assert [(limit.name, limit.level) for limit in page.limits] == [
        ("day budget", Level.NEAR), ("month budget", Level.CLEAR),
        ("evaluate self-hosting", Level.CLEAR), ("act", Level.CLEAR)]  # fmt: skip


async def test_a_plan_is_shown_apart_and_reaches_no_mark(books):
    await books.closed(spent("a", 24, 3000, plan=True))
    await books.closed(spent("b", 24, 50))
    page = await books.page(10)
    api = page.month[Tier.API]
    assert (api.spent_nano, api.plan_nano, api.plan_calls) == (50 * USD, 3000 * USD, 1)
    assert api.output_tokens == 2 and api.unpriced == 0
    # Two days are known before today: 25 each, with five days left after it.
    assert page.expected_nano == 200 * USD
    assert [limit.level for limit in page.limits[1:]] == [Level.AHEAD, Level.CLEAR, Level.CLEAR]


async def test_nothing_is_projected_before_one_whole_day(books):
    assert (await books.page(10)).expected_nano is None
    await books.closed(spent("a", 26, 4))
    assert (await books.page(10)).expected_nano is None


async def test_a_request_under_way_tells_what_is_known_so_far(books):
    opened = entry("a", tier=Tier.API)
    await books.opened(opened, lambda: replace(opened, usage=Usage(uncached=5, output=9)))
    assert books.running()["a"].usage.output == 9
    await books.closed(replace(opened, ending=Ending.DONE))
    assert books.running() == {}


async def test_filters_and_groups_are_read_too(books):
    for row in (spent("a", 2, 30), spent("b", 25, 7, tag="x")):
        await books.closed(row)
    assert [row.id for row in await books.find(parse("tag:x"), 10)] == ["b"]
    assert [row.id for row in await books.find(ALL, 1)] == ["b"]
    assert set(await books.groups(ALL, Grouping.DAY)) == {"2026-10-02", "2026-10-25"}
    assert (await books.get("a")).cost_nano == 30 * USD


async def test_a_long_search_holds_up_no_write_and_can_be_given_up(books):
    await books.page(1)
    # An endless statement in the reader's own connection, as a filter over very many rows is.
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"
    began = Event()

    def search(reader):
        began.set()
        return reader.rows(endless, ())

    search_task = asyncio.create_task(books._read(search))
    assert await asyncio.to_thread(began.wait, PATIENCE_S)
    async with asyncio.timeout(PATIENCE_S):
        await books.closed(spent("a", 26, 1))
        while not search_task.done():
            search_task.cancel()
            await asyncio.sleep(0)
        page = await books.page(10)
    assert search_task.cancelled() and [row.id for row in page.entries] == ["a"]


async def test_another_process_changes_the_stamp(books, tmp_path):
    before = await books.change_stamp()
    assert await books.change_stamp() == before
    other = SqliteLedger(tmp_path / "ledger.db", now_ms=NOON)
    other.open_entry(entry("z"))
    other.close()
    theirs = await books.change_stamp()
    await books.closed(spent("a", 26, 1))
    assert len({before, theirs, await books.change_stamp()}) == 3
