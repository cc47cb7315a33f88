"""The ledger pane's filter, orders, groups, limits and requests under way, on a real ledger."""

import csv
import json
import re
import stat
from dataclasses import replace
from decimal import Decimal

import pytest

from console.core.tier import Tier
from console.core.usage import Usage
from console.services.books import Books
from console.sources.ledger.exports import ExportFolder
from console.sources.ledger.store import SqliteLedger
from console.ui.draw.ledger import Rowset, local_time, row_lines
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
                             budget_month_usd=Decimal(300),
                             exports=ExportFolder(tmp_path / "exports")))  # fmt: skip
    made.exports = tmp_path / "exports"
    yield made
    await made.books.aclose()


async def pressed(app, pilot, *keys):
    for key in keys:
        await pilot.press(key)
    for worker in [
        worker for worker in app.workers if worker.group in ("find", "move", "explain", "export")
    ]:
        await worker.wait()
    await pilot.pause()


def ids(app):
    return [row.id for row in app.query_one(LedgerPane)._browse.rows]


async def test_a_filter_is_typed_checked_and_left_again(real):
    async with shown(real, (120, 40)) as (app, pilot):
        await pressed(app, pilot, "f2", "slash", *"teir:api")
        assert 'did you mean "tier:"' in screen_text(app)
        await pressed(app, pilot, "enter")
        assert app.query_one(LedgerPane)._browse.search.typing == "teir:api", (
            "it stays to be mended"
        )
        await pressed(app, pilot, "ctrl+u", *"tag:x", "enter")
        assert "/tag:x" in screen_text(app) and ids(app) == ["0004"]
        assert "/tag:x · 1 request · api $0.00145" in screen_text(app)
        await pressed(app, pilot, "escape")
        await drawn(real, pilot)
        assert len(ids(app)) == 14 and "/tag:x" not in screen_text(app)


async def test_what_a_plan_covers_is_in_no_sum_of_what_was_found(real):
    async with shown(real, (120, 40)) as (app, pilot):
        await pressed(app, pilot, "f2", "slash", *">50", "enter")
        assert ids(app) == ["0021", "0020"] and "2 requests · api $900.00" in screen_text(app)


async def test_letters_and_digits_belong_to_the_filter_while_it_is_typed(real):
    async with shown(real, (120, 40)) as (app, pilot):
        await pressed(app, pilot, "f2", "slash", *"q1s", "backspace")
        assert app.query_one(LedgerPane)._browse.search.typing == "q1"
        await pressed(app, pilot, "escape")
        assert app.query_one(LedgerPane)._browse.search.typing is None


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
        assert app.query_one(LedgerPane)._browse.search.plain and len(ids(app)) == 14


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


async def test_what_is_shown_is_written_as_files(real):
    async with shown(real, (120, 40)) as (app, pilot):
        await pressed(app, pilot, "f2", "slash", *"tier:local", "enter", "s", "s", "e")
        await pilot.pause()
        assert "8 rows are in" in screen_text(app)
        [table] = real.exports.glob("ledger-2*.csv")
        rows = list(csv.DictReader(table.read_text().splitlines()))
        assert [row["id"] for row in rows] == ids(app) and {row["tier"] for row in rows} == {
            "local"
        }
        assert stat.S_IMODE(table.stat().st_mode) == 0o600
        lines = table.with_suffix(".jsonl").read_text().splitlines()
        assert [json.loads(line)["id"] for line in lines] == ids(app)
        assert table.with_suffix(".md").read_text().count("\n") == 2 + 8
        await pressed(app, pilot, "escape", "b", "e")
        [sums] = real.exports.glob("ledger-by-model-*.csv")
        assert {row["model"] for row in csv.DictReader(sums.read_text().splitlines())} == {
            "llama3.1:8b", "claude-sonnet-5-5"}  # fmt: skip


async def test_an_export_that_cannot_be_written_is_a_sentence(real):
    real.exports.write_text("a file in the way")
    async with shown(real, (120, 40)) as (app, pilot):
        await pressed(app, pilot, "f2", "e")
        await pilot.pause()
        assert "Not exported:" in screen_text(app)


async def test_every_window_of_the_totals_can_be_seen_on_a_small_screen(real):
    async with shown(real, (80, 24)) as (app, pilot):
        await pressed(app, pilot, "f2")
        seen = set()
        for _ in range(3):
            lines = [line.strip("┃ ") for line in screen_text(app).splitlines()]
            seen |= {line.split()[0] for line in lines if line.split()[1:2] == ["api"]}
            await pressed(app, pilot, "w")
        assert {"today", "7d", "30d", "month", "all"} <= seen


async def test_rows_that_belong_together_are_shown_together(real):
    failed = entry(40, id="first", started_ms=NOW, ending="error", energy_nano=10_000)
    again = entry(41, Tier.API, id="second", started_ms=NOW + 1, parent="first",
                  reason="fallback: local failed", cost_nano=2_000_000)  # fmt: skip
    for row in (failed, again):
        await real.books.closed(row)
    async with shown(real, (120, 50)) as (app, pilot):
        await pressed(app, pilot, "f2", "z")
        assert "↳ claude-sonnet-5-5" in screen_text(app)
        await pressed(app, pilot, "x")
        text = screen_text(app)
        assert "belongs together" in text and "▸ fallback" in text and "request" in text
        assert "$0.00201, each counted once" in text and "first" in text


async def test_every_sum_above_the_rows_can_be_chosen_and_says_how_it_was_made(real):
    async with shown(real, (120, 48)) as (app, pilot):
        await pressed(app, pilot, "f2", "z", "k", "x")
        text = screen_text(app)
        assert "Dollars of the API" in text and "month so far" in text
        assert "month budget" in text and "passed" in text and "$3,000.00" in text
        # 900 dollars on the one complete day, which is this month's, and twelve days are left.
        assert "$900.00, the mean of the day before it" in text and "12 × $900.00" in text
        await pressed(app, pilot, "escape", "k", "x")
        assert "all, local" in screen_text(app) and "joules × tariff" in screen_text(app)
        await pressed(app, pilot, "escape", *"kkkkkkkkkkkkkk", "x")
        assert "today, api" in screen_text(app) and "tokens × price, by row" in screen_text(app)
        await pressed(app, pilot, "escape", "g", "x")
        assert "Request " in screen_text(app), "the newest row again"
        await pressed(app, pilot, "escape", "slash", *"tier:api", "enter", "k", "x")
        text = screen_text(app)
        assert "/tier:api" in text and "charged" in text and "by a plan" in text
        await pressed(app, pilot, "escape", "escape")
        await pressed(app, pilot, "k", "escape")
        assert app.query_one(LedgerPane)._sum is None


async def test_a_row_of_another_day_or_year_does_not_look_like_one_of_today(real):
    async with shown(real, (120, 60)) as (app, pilot):
        await pressed(app, pilot, "f2", "z")
        assert re.search(r"17 Nov 12:\d\d api ", screen_text(app))
        for years, wide, narrow in ((0, "%d %b %H:%M", "%d %b"), (1, "%Y-%m-%d", "%b %Y")):
            at = NOW - 3 * 86_400_000 - years * 366 * 86_400_000
            rows = Rowset([entry(1, started_ms=at)])
            for width, form in ((120, wide), (80, narrow)):
                _, row = row_lines(rows, NOW, "Europe/Berlin", width, 5)
                told = "".join(text for text, _ in row)
                assert told.startswith(f"{local_time(at, 'Europe/Berlin'):{form}} "), told
