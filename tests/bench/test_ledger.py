"""The ledger at a million and at ten million rows: `pytest -m bench tests/bench/test_ledger.py -s`.

Times are of this process's CPU, so that other work on the machine does not change them much.

LLMCONSOLE_BENCH_ROWS sets the larger number; the rows are made once per run. With
LLMCONSOLE_BENCH_KEEP, a file, they are made there unless it exists, and kept.
"""

import os
import random
import sqlite3
import time
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from console.core.query import Grouping, Sort, parse
from console.services.books import Books
from console.sources.ledger import rollup
from console.sources.ledger.rows import to_row
from console.sources.ledger.store import LedgerReader, SqliteLedger
from tests.bench.watched import Watched, start_costs
from tests.end_to_end.programs import CONSOLE
from tests.services.fakes import Clock
from tests.sources.ledger.test_store import DONE, NOW

pytestmark = pytest.mark.bench

ROWS = int(os.environ.get("LLMCONSOLE_BENCH_ROWS", "10000000"))
DAY = 86_400_000
DAYS = 400


def median_ms(act, times=9):
    """Milliseconds of this process's CPU, which other work on the machine does not change much."""
    took = []
    for _ in range(times):
        start = time.process_time()
        act()
        took.append((time.process_time() - start) * 1000)
    return sorted(took)[times // 2]


@contextmanager
def bare(db):
    """Without indexes, triggers and sums, which are made anew behind: rows come in faster."""
    made = db.execute("SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL AND type IN "
                      "('index', 'trigger') AND tbl_name = 'entries'").fetchall()  # fmt: skip
    for kind, name, _ in made:
        db.execute(f"DROP {kind} {name}")
    yield
    for table in ("daily_totals", "label_totals"):
        db.execute(f"DELETE FROM {table}")
    for sums in (rollup.DAILY, *rollup.LABELS.values()):
        db.execute(sums.fill())
    for _, _, sql in made:
        db.execute(sql)


@pytest.fixture(scope="module", params=[1_000_000, ROWS], ids="{}_rows".format)
def big(request, tmp_path_factory):
    """A ledger of that many rows over 400 days: six models, one of them rare, tags and errors."""
    keep = os.environ.get("LLMCONSOLE_BENCH_KEEP") if request.param == ROWS else None
    path = Path(keep) if keep else tmp_path_factory.mktemp("big") / "ledger.db"
    there = path.exists()
    ledger = SqliteLedger(path, now_ms=NOW)
    if there:
        yield ledger
        ledger.close()
        return
    row = to_row(DONE) | {"response_id": None, "owner_pid": None, "owner_start": None}
    at = f"({NOW - DAYS * DAY} + n * {DAYS * DAY} / {request.param})"
    made = {
        "id": "printf('%032x', n)",
        "started_ms": at,
        "day": f"date({at} / 1000, 'unixepoch')",
        "zone": "'UTC'",
        "tier": "CASE WHEN n % 3 = 0 THEN 'api' ELSE 'local' END",
        "model": "CASE WHEN n % 100003 = 0 THEN 'rare' WHEN n % 3 = 0 THEN 'claude-' || (n % 2) "
        "ELSE 'llama-' || (n % 3) END",
        "cost_nano_usd": "CASE WHEN n % 3 = 0 THEN n % 9999991 END",
        "energy_nano_usd": "CASE WHEN n % 3 <> 0 THEN n % 999 END",
        "tag": "CASE WHEN n % 1000 = 7 THEN 'nightly' WHEN n % 20 = 1 THEN 'team-' || (n % 7) END",
        "system_name": "CASE WHEN n % 10 = 3 THEN 'terse' END",
        "output_tokens": "n * 7919 % 1300",
        "ttft_ms": "n * 104729 % 2100",
        "ended_ms": f"{at} + n * 15485863 % 21000",
        "ending": "CASE WHEN n % 500 = 3 THEN 'error' ELSE 'done' END",
    }
    names = list(row)
    values = ", ".join(made.get(name, f":{name}") for name in names)
    start = time.perf_counter()
    with ledger.transaction() as db, bare(db):
        db.execute(
            f"WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < "
            f"{request.param}) INSERT INTO entries ({', '.join(names)}) SELECT {values} FROM s",
            row,
        )
    print(f"\n{request.param:,} rows made in {time.perf_counter() - start:.0f} s")
    yield ledger
    ledger.close()
    if not keep:
        path.unlink()


def test_totals_of_thirty_days_against_a_scan(big):
    since = NOW - 30 * DAY
    rollup = median_ms(lambda: big.totals(since - since % DAY))
    within = median_ms(lambda: big.totals(since))
    start = time.process_time()
    big.rows("SELECT tier, model, day, sum(cost_nano_usd), sum(output_tokens) FROM entries "
             "WHERE started_ms >= ? GROUP BY 1, 2, 3", (since,))  # fmt: skip
    window = (time.process_time() - start) * 1000
    start = time.process_time()
    big.rows("SELECT tier, sum(cost_nano_usd) FROM entries NOT INDEXED WHERE started_ms >= ? "
             "GROUP BY 1", (since,))  # fmt: skip
    scan = (time.process_time() - start) * 1000
    print(f"30 days from midnight {rollup:.2f} ms, within a day {within:.2f} ms; by index "
          f"{window:.0f} ms ({window / rollup:,.0f}x), by scan {scan:.0f} ms "
          f"({scan / rollup:,.0f}x)")  # fmt: skip


@pytest.mark.parametrize(
    "text",
    ["", "tag:nightly", "model:rare", "tier:api model:claude", "ended:error", ">0.0099",
     "tag:nightly tier:local since:7d", "since:24h", "!claude"],
)  # fmt: skip
def test_a_page_of_a_filter(big, text):
    query = parse(text)
    first = median_ms(lambda: big.page(query, 100, None, NOW, "UTC"), 5)
    rows = big.page(query, 100, None, NOW, "UTC")
    later = median_ms(lambda: big.page(query, 100, rows[-1], NOW, "UTC"), 5) if rows else 0
    print(f"page of {len(rows)} for {text or 'all':<34} {first:6.1f} ms, the next {later:6.1f} ms")


@pytest.mark.parametrize("sort", [Sort.COST, Sort.OUTPUT, Sort.SLOWEST, Sort.TTFT])
@pytest.mark.parametrize(
    "text",
    ["", "tier:api", "tier:local", "model:rare", "tag:nightly", "tag:team-1", "ended:error",
     "since:24h", "since:30d", ">0.0099", "tier:api ttft>1s", "reason:x"],
)  # fmt: skip
def test_a_page_of_an_order(big, sort, text):
    """What is shown first, and the whole answer where no index has it: in how many short reads."""
    query = parse(text, sort=sort)

    def first(after=None):
        return next(iter(big.page_steps(query, 100, after, NOW, "UTC")))

    shown = median_ms(first, 3)
    start = time.process_time()
    *some, last = big.page_steps(query, 100, None, NOW, "UTC")
    whole = (time.process_time() - start) * 1000
    deep = big.page(query, 2_000, None, NOW, "UTC") if not some else last.value
    later = median_ms(lambda: first(deep[-1]), 3) if deep else 0
    print(f"{text or 'all':<16} by {sort:<8} {shown:6.1f} ms, behind {len(deep):,} rows "
          f"{later:6.1f} ms; whole {whole:8.1f} ms in {len(some) + 1} reads")  # fmt: skip


@pytest.mark.parametrize("text", ["tag:team-1", "tier:api ended:error", "reason:x", "!claude"])
def test_sums_of_a_filter(big, text):
    query = parse(text)
    first = median_ms(lambda: next(iter(big.group_steps(query, None, NOW, "UTC"))), 3)
    start = time.process_time()
    count = len(list(big.group_steps(query, None, NOW, "UTC")))
    whole = (time.process_time() - start) * 1000
    print(f"sums of {text:<20} {first:6.1f} ms, whole {whole:8.1f} ms in {count} reads")


def test_groups(big):
    for by in (Grouping.MODEL, Grouping.DAY, Grouping.TAG, Grouping.SYSTEM):
        took = median_ms(lambda by=by: big.groups(parse(""), by, NOW, "UTC"), 5)
        print(f"all rows by {by}: {took:.1f} ms")
    took = median_ms(lambda: big.groups(parse("since:7d"), Grouping.TAG, NOW, "UTC"), 3)
    print(f"7 days by tag, the first one row by row: {took:.1f} ms")


def test_opening(big):
    def opened():
        reader = SqliteLedger(big.path, now_ms=NOW)
        reader.totals(NOW - NOW % DAY)
        reader.recent(100)
        reader.close()

    def read():
        reader = LedgerReader(big.path)
        reader.recent(100)
        reader.close()

    print(f"opened, totals and 100 rows: {median_ms(opened):.1f} ms")
    print(f"a reader and 100 rows: {median_ms(read):.1f} ms")


async def test_what_the_pane_reads_at_first(big):
    """A file opened anew, and everything the first frame of the ledger pane shows."""
    took = []
    for _ in range(5):
        books = Books(lambda: SqliteLedger(big.path, now_ms=NOW), Clock(NOW))
        start = time.process_time()
        await books.page(100)
        took.append((time.process_time() - start) * 1000)
        await books.aclose()
    print(f"opened and read by the pane: {sorted(took)[2]:.1f} ms, in threads of its own")


def test_what_it_adds_to_the_first_frame(big, tmp_path):
    """The console at a pty until it shows rows, over this ledger and over an empty one in turn."""
    shows = {"empty": "no requests yet", "big": "routine"}
    took = {name: [] for name in shows}
    for name in shows:
        (tmp_path / name / "llmconsole").mkdir(parents=True)
    (tmp_path / "big" / "llmconsole" / "ledger.db").symlink_to(big.path)
    for turn in range(8):
        for name, text in shows.items():
            env = {
                **os.environ,
                "TERM": "xterm-256color",
                "LANG": "C.UTF-8",
                "XDG_DATA_HOME": str(tmp_path / name),
                "XDG_STATE_HOME": str(tmp_path / name),
            }
            program = Watched(CONSOLE, {"rows": lambda shown, text=text: text in shown}, env=env)
            wall, cpu = start_costs(program, 60)["rows"]
            if turn:
                took[name].append((wall * 1000, cpu * 1000))  # fmt: skip
    (empty, empty_cpu), (full, full_cpu) = (
        tuple(sorted(each)[len(each) // 2] for each in zip(*took[name], strict=True))
        for name in shows
    )
    print(f"first frame {full:.0f} ms ({full_cpu:.0f} of CPU), with an empty ledger {empty:.0f} "
          f"({empty_cpu:.0f}): {full - empty:+.0f} ms ({full_cpu - empty_cpu:+.0f})")  # fmt: skip


def rate(act, count):
    """How many a second of this process's CPU, and of wall time."""
    start, wall = time.process_time(), time.perf_counter()
    act()
    cpu, wall = time.process_time() - start, time.perf_counter() - wall
    return count / cpu, count / wall


def rows_of(count, random=random.Random(4)):  # noqa: B008 one sequence for all
    """Ended rows with ids like the program's, and the same as they are opened."""
    ended = [
        replace(DONE, id=f"{random.getrandbits(128):032x}", response_id=None, started_ms=NOW + n)
        for n in range(count)
    ]
    return ended, [replace(row, ending=None, ended_ms=None) for row in ended]


def opened_and_closed(ledger, ended, opened):
    for row, before in zip(ended, opened, strict=True):
        ledger.open_entry(before)
        ledger.close_entry(row)


def test_single_rows_against_plain_sqlite_utils(tmp_path):
    from sqlite_utils import Database

    count = 8_000
    rates = {}
    for level in ("NORMAL", "FULL"):
        ledger = SqliteLedger(tmp_path / f"{level}.db", now_ms=NOW)
        number = count if level == "NORMAL" else 500
        ledger._db.execute(f"PRAGMA synchronous = {level}")
        ended, _ = rows_of(number)
        rates[f"a row, {level}"] = rate(
            lambda rows=ended, ledger=ledger: [ledger.close_entry(row) for row in rows], number
        )
        rates[f"a row opened and closed, {level}"] = rate(
            partial(opened_and_closed, ledger, *rows_of(number)), number
        )
        if level == "NORMAL":
            more, _ = rows_of(count)
            rates["rows, one transaction"] = rate(partial(ledger.add, more), count)
        ledger.close()
    columns = {
        name: str(value) if isinstance(value, str) else value
        for name, value in to_row(DONE).items()
        if name != "response_id"
    }
    for name, wal in (("sqlite_utils insert, WAL NORMAL", True),
                      ("sqlite_utils insert, default", False)):  # fmt: skip
        path = Path(tmp_path / f"plain{wal}.db")
        db = Database(sqlite3.connect(path))
        if wal:
            db.enable_wal()
            db.conn.execute("PRAGMA synchronous = NORMAL")
        number = count // 5 if wal else 300
        table = db["entries"]
        table.insert({**columns, "id": "first"}, pk="id")
        rates[name] = rate(
            lambda table=table, name=name, number=number: [
                table.insert({**columns, "id": f"{n:032x}"}) for n in range(number)
            ],
            number,
        )
        db.close()
    normal = rates["a row, NORMAL"]
    for name, (per_cpu, per_wall) in rates.items():
        print(f"{name:<34} {per_wall:>9,.0f} rows/s ({per_wall / normal[1]:.2f}x), "
              f"{per_cpu:>9,.0f} a second of CPU ({per_cpu / normal[0]:.2f}x)")  # fmt: skip


def test_single_rows_of_a_long_ledger(big):
    """Last, since it adds to it."""
    ended, opened = rows_of(3_000)
    one = rate(lambda: [big.close_entry(row) for row in ended], len(ended))
    two = rate(partial(opened_and_closed, big, *rows_of(len(opened))), len(opened))
    for name, (cpu, wall) in (("a row", one), ("a row opened and closed", two)):
        print(f"{name:<34} {wall:>9,.0f} rows/s, {cpu:>9,.0f} a second of CPU")
