"""The ledger pane over a real SQLite ledger: rows, totals, long ledgers, trouble that passes."""

import pytest

from console.core.entry import Ending
from console.core.tier import Tier
from console.core.usage import Usage, UsageSource
from console.services.books import Books
from console.services.browse import KEEP, PAGE
from console.sources.ledger.store import SqliteLedger
from console.ui.panes.ledger import LedgerPane
from tests.screen_text import screen_text
from tests.ui.conftest import NOW, Parts, drawn, entry, shown


@pytest.fixture
async def real(tmp_path):
    """Parts over a ledger file; `parts.file` is a second connection to it, as another process's."""
    made = Parts()
    made.path = tmp_path / "data" / "ledger.db"
    made.file = SqliteLedger(made.path, now_ms=NOW)
    made.replace_books(Books(lambda: SqliteLedger(made.path, now_ms=NOW), made.clock))
    yield made
    made.file.close()
    await made.books.aclose()


def fill(parts, count):
    for number in range(count):
        parts.file.close_entry(entry(number, Tier.API if number % 3 == 1 else Tier.LOCAL))


def pane(app):
    return app.query_one(LedgerPane)


async def moved(app, pilot, *keys):
    await pilot.press(*keys)
    for worker in [worker for worker in app.workers if worker.group == "move"]:
        await worker.wait()
    await pilot.pause()


async def test_rows_newest_first_with_tier_cost_and_reason(real):
    fill(real, 5)
    async with shown(real, (120, 40)) as (app, pilot):
        await pilot.press("f2", "f2")
        await pilot.pause()
        lines = [line for line in screen_text(app).splitlines() if "llama3.1" in line]
        assert "12:04:30 local llama3.1:8b" in lines[0] and "routine" in lines[0]
        assert "0.00004" in lines[0] and "180ms" in lines[0]
        assert 'complex: "analyze"' in screen_text(app)


async def test_totals_say_what_they_leave_out(real):
    fill(real, 4)
    real.file.close_entry(entry(9, Tier.API, cost_nano=None, price=None))
    real.file.close_entry(entry(10, usage=Usage(), usage_source=UsageSource.NONE, energy_nano=None,
                                energy_j=None))  # fmt: skip
    async with shown(real) as (app, _):
        text = screen_text(app)
        assert "$0.00139+" in text, "a sum that leaves rows out looks like one"
        assert "+ api: 1 unpriced" in text and "+ local: 1 unmeasured, 1 uncounted" in text
        assert "local: electricity only, ~ estimated" in text


async def test_a_request_in_flight_shows_and_ends(real):
    async with shown(real) as (app, pilot):
        assert "no requests yet" in screen_text(app)
        open_row = entry(0, ending=None, ended_ms=None, ttft_ms=None, usage=Usage(),
                         energy_nano=None, usage_source=UsageSource.NONE)  # fmt: skip
        await real.books.opened(open_row)
        await drawn(real, pilot)
        await drawn(real, pilot)
        (line,) = [line for line in screen_text(app).splitlines() if "12:04:30" in line]
        assert "…" in line and " - " in line
        await real.books.closed(entry(0, ending=Ending.CANCELLED))
        await drawn(real, pilot)
        await drawn(real, pilot)
        (line,) = [line for line in screen_text(app).splitlines() if "12:04:30" in line]
        assert "■" in line and "…" not in line


async def test_another_process_is_noticed(real):
    async with shown(real) as (app, pilot):
        fill(real, 1)
        pane(app)._stale.set()  # as the timer would, without waiting for it
        await drawn(real, pilot)
        await drawn(real, pilot)
        assert "12:04:30 local" in screen_text(app)


async def test_a_long_ledger_is_a_window_that_moves(real):
    fill(real, 1_000)
    async with shown(real, (120, 40)) as (app, pilot):
        await pilot.press("f2")
        ledger = pane(app)
        assert len(ledger._browse.rows) <= PAGE
        await moved(app, pilot, "G")
        assert (
            ledger._browse.rows[ledger._browse.cursor].id == "0999"
            and len(ledger._browse.rows) <= KEEP
        )
        assert entry(999).started_ms == ledger._browse.rows[-1].started_ms
        for _ in range(120):
            ledger.action_page(-1)
            await moved(app, pilot)
        seen = [row.id for row in ledger._browse.rows]
        assert seen == sorted(seen) and len(seen) <= KEEP, "no gap, no row twice"
        await moved(app, pilot, "g")
        await drawn(real, pilot)
        assert (
            ledger._browse.rows[0].id == "0000"
            and ledger._browse.cursor == 0
            and ledger._browse.at_newest
        )


async def test_every_row_is_passed_on_the_way_down_and_up(real):
    fill(real, 650)
    async with shown(real) as (app, pilot):
        await pilot.press("f2")
        ledger = pane(app)

        def chosen():
            return int(ledger._browse.rows[ledger._browse.cursor].id)

        for number in range(649):
            assert chosen() == number
            await ledger._browse.move(1)
        assert chosen() == 649
        await ledger._browse.move(1)
        assert chosen() == 649, "the end is the end"
        for number in range(649, 0, -1):
            assert chosen() == number
            await ledger._browse.move(-1)
        assert chosen() == 0


async def test_the_chosen_row_stays_chosen_when_others_arrive(real):
    fill(real, 30)
    async with shown(real) as (app, pilot):
        await pilot.press("f2")
        await moved(app, pilot, "j")
        await moved(app, pilot, "j")
        ledger = pane(app)
        assert ledger._browse.rows[ledger._browse.cursor].id == "0002"
        newer = entry(0, id="zzz", started_ms=NOW + 1_000)
        await real.books.opened(newer)
        await drawn(real, pilot)
        await drawn(real, pilot)
        assert (
            ledger._browse.rows[0].id == "zzz"
            and ledger._browse.rows[ledger._browse.cursor].id == "0002"
        )
        assert ledger.step_back() and ledger._browse.cursor == 0 and not ledger.step_back()


async def test_a_ledger_that_cannot_be_opened_is_a_sentence_and_comes_back(parts):
    parts.ledger.broken = "The ledger [/x] cannot be opened: permission denied."
    async with shown(parts) as (app, pilot):
        text = screen_text(app)
        assert "The ledger [/x] cannot be opened" in text and "looking again" in text
        assert "3 Chat" in text
        parts.ledger.broken = None
        parts.ledger.open_entry(entry(1))
        pane(app)._stale.set()
        await drawn(parts, pilot)
        await drawn(parts, pilot)
        assert "12:03:29 local" in screen_text(app)


async def test_a_row_is_explained_with_its_terms(real):
    usage = Usage(uncached=1_000, cache_read=5_000, cache_write_5m=200, output=300)
    real.file.close_entry(entry(1, Tier.API, usage=usage, cost_nano=6_400_000))
    real.file.close_entry(entry(2))
    async with shown(real, (100, 60)) as (app, pilot):
        await pilot.press("f2", "enter")
        await pilot.pause()
        text = screen_text(app)
        assert "1,000 × $2/1M = $0.002" in text
        assert "5,000 × $0.2/1M = $0.001" in text
        assert "200 × $2/1M" in text, "a missing cache rate is the input rate"
        assert "$0.0064" in text and "genai-prices 0.2.3, in force since 2026-10-01" in text
        await pilot.press("escape")
        await moved(app, pilot, "j")
        await pilot.press("x")
        await pilot.pause()
        text = screen_text(app)
        assert "812.0 J, estimated" in text and "$0.188 per kWh" in text
        assert "what the api would have charged" in text and "less energy" in text
