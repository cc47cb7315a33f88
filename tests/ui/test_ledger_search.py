"""The ledger pane's filter, orders, groups, limits and requests under way, on a real ledger."""

from dataclasses import replace
from decimal import Decimal

import pytest

from console.core.tier import Tier
from console.core.usage import Usage
from console.services.books import Books
from console.sources.ledger.store import SqliteLedger
from console.ui.panes.ledger import LedgerPane
from tests.screen_text import screen_text
from tests.ui.conftest import NOW, Parts, drawn, entry, shown

USD = 1_000_000_000


@pytest.fixture
async def real(tmp_path):
    """Parts over a ledger of twelve rows, one of them dear, one of a plan."""
    made = Parts()
    path = tmp_path / "ledger.db"
    with_rows = SqliteLedger(path, now_ms=NOW)
    for number in range(12):
        row = entry(number, Tier.API if number % 3 == 1 else Tier.LOCAL)
        with_rows.close_entry(replace(row, tag="x" if number == 4 else None))
    day = 86_400_000
    with_rows.close_entry(entry(20, Tier.API, cost_nano=900 * USD, started_ms=NOW - day))
    with_rows.close_entry(entry(21, Tier.API, cost_nano=70 * USD, plan=True))
    with_rows.close()
    made.replace_books(Books(lambda: SqliteLedger(path, now_ms=NOW), made.clock,
                             budget_month_usd=Decimal(300)))  # fmt: skip
    yield made
    await made.books.aclose()


async def pressed(app, pilot, *keys):
    for key in keys:
        await pilot.press(key)
    for worker in [worker for worker in app.workers if worker.group in ("find", "move")]:
        await worker.wait()
    await pilot.pause()


def ids(app):
    return [row.id for row in app.query_one(LedgerPane)._rows]


async def test_a_filter_is_typed_checked_and_left_again(real):
    async with shown(real, (120, 40)) as (app, pilot):
        await pressed(app, pilot, "f2", "slash", *"teir:api")
        assert 'did you mean "tier:"' in screen_text(app)
        await pressed(app, pilot, "enter")
        assert app.query_one(LedgerPane)._search.typing == "teir:api", "it stays to be mended"
        await pressed(app, pilot, "ctrl+u", *"tag:x", "enter")
        assert "/tag:x" in screen_text(app) and ids(app) == ["0004"]
        await pressed(app, pilot, "escape")
        await drawn(real, pilot)
        assert len(ids(app)) == 14 and "/tag:x" not in screen_text(app)


async def test_letters_and_digits_belong_to_the_filter_while_it_is_typed(real):
    async with shown(real, (120, 40)) as (app, pilot):
        await pressed(app, pilot, "f2", "slash", *"q1s", "backspace")
        assert app.query_one(LedgerPane)._search.typing == "q1"
        await pressed(app, pilot, "escape")
        assert app.query_one(LedgerPane)._search.typing is None


async def test_a_filter_that_nothing_matches_says_so(real):
    async with shown(real, (80, 24)) as (app, pilot):
        await pressed(app, pilot, "f2", "slash", *"tag:nobody", "enter")
        assert "no request matches" in screen_text(app)


async def test_orders_go_round(real):
    async with shown(real, (120, 40)) as (app, pilot):
        await pressed(app, pilot, "f2", "s", "s")
        assert "cost first" in screen_text(app) and ids(app)[:2] == ["0020", "0021"]
        for _ in range(4):
            await pressed(app, pilot, "s")
        await drawn(real, pilot)
        assert app.query_one(LedgerPane)._search.plain and len(ids(app)) == 14


async def test_groups_with_a_chart_of_days_and_what_a_sum_is_made_of(real):
    async with shown(real, (120, 40)) as (app, pilot):
        await pressed(app, pilot, "f2", "b")
        text = screen_text(app)
        assert "by model" in text and "claude-sonnet-5-5" in text and "$900.0" in text
        await pressed(app, pilot, "x")
        text = screen_text(app)
        assert "1 requests at list prices nobody charged" in text and "tokens × price" in text
        await pressed(app, pilot, "escape", "b", "b")
        text = screen_text(app)
        assert "dollars by day" in text and "by day" in text and "2026-11-17" in text
        await pressed(app, pilot, "b")
        assert "no tag" in screen_text(app)


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (160, 50)])
async def test_limits_are_seen_before_they_are_reached_and_loud_when_passed(real, size):
    async with shown(real, size) as (app, pilot):
        await pressed(app, pilot, "f2")
        text = screen_text(app)
        assert "PASSED month budget 300% of $300" in text
        assert "near evaluate 90% of $1,000" in text


async def test_a_plans_dollars_stand_apart(real):
    async with shown(real, (160, 60)) as (app, pilot):
        await pressed(app, pilot, "f2", "f2")
        text = screen_text(app)
        assert "plan requests: 1, $70.00 at list prices nobody charged" in text
        assert "$970" not in text


async def test_a_request_under_way_ticks(real):
    async with shown(real, (80, 24)) as (app, pilot):
        await pressed(app, pilot, "f2")
        opened = entry(30, Tier.API, ending=None, ended_ms=None, cost_nano=None, usage=Usage(),
                       started_ms=NOW)  # fmt: skip
        output = [7]

        def so_far():
            usage = Usage(uncached=100, output=output[0])
            return replace(opened, usage=usage, cost_nano=output[0] * 1_000_000)

        await real.books.opened(opened, so_far)
        await drawn(real, pilot)
        await drawn(real, pilot)
        assert "~0.00700" in screen_text(app)
        output[0] = 42
        app.query_one(LedgerPane)._tick()
        assert "~0.04200" in screen_text(app) and "now   api" in screen_text(app)
        await real.books.closed(replace(opened, ending="done", ended_ms=NOW + 5, cost_nano=USD))
