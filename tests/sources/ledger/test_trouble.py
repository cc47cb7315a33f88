"""What can go wrong with the file, done to a real one: past schemas, disks, clocks, locks."""

import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from console.core.entry import Ending, EnergySource
from console.core.period import start_ms
from console.core.query import ALL, Grouping, Sort, parse
from console.core.tier import Tier
from console.core.usage import Usage
from console.sources.ledger.migrations import migrations
from console.sources.ledger.store import LedgerError, LedgerReader, SqliteLedger
from console.sources.ledger.upgrade import Upgrade, is_due
from console.sources.ledger.version import LATEST, may_be_older
from console.sources.sqlite_file import connect
from tests.sources.ledger.test_store import DONE, NOW, entry
from tests.sums import scan

STEPS = [step.name for step in migrations._migrations]


def at_schema(path, last):
    """A ledger as an older program left it: its schema up to a step, with three rows."""
    from sqlite_utils import Database

    db = Database(connect_new(path))
    for step in migrations._migrations:
        step.fn(db)
        migrations.ensure_migrations_table(db)
        db["_sqlite_migrations"].insert(
            {"migration_set": "llmconsole", "name": step.name, "applied_at": "then"}
        )
        if step.name == last:
            break
    for number, tier in enumerate(("api", "local", "api")):
        db.execute(
            "INSERT INTO entries (id, started_ms, zone, day, tier, provider, model, policy, reason,"
            " prompt_chars, prompt_bytes, usage_source, ending, uncached_tokens, output_tokens,"
            " cost_nano_usd, energy_nano_usd) VALUES (?, ?, 'UTC', '2026-11-24', ?, 'p', 'm',"
            " 'article', 'r', 1, 1, 'reported', 'done', 7, 5, ?, ?)",
            (f"old{number}", NOW + number, tier, 9_000 if tier == "api" else None,
             None if tier == "api" else 40),
        )  # fmt: skip
    db.execute("CREATE TABLE log (id TEXT)")
    db.execute(
        "CREATE TRIGGER mine AFTER INSERT ON entries BEGIN INSERT INTO log VALUES (new.id); END"
    )
    db.close()


def connect_new(path):
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    return connection


@pytest.mark.parametrize("last", STEPS)
def test_every_past_schema_is_brought_forward_with_its_rows_and_triggers(tmp_path, last):
    path = tmp_path / "ledger.db"
    at_schema(path, last)
    ledger = SqliteLedger(path, now_ms=NOW)
    ledger.close_entry(DONE)
    rows = ledger.recent(10)
    assert {row.id for row in rows} == {"old0", "old1", "old2", "a"}
    assert ledger.totals() == scan(rows), "the rollup of the old rows and of the new one"
    ledger.close_entry(replace(DONE, usage=Usage(uncached=99, output=99)))
    assert ledger.totals() == scan(ledger.recent(10)), "its triggers go on"
    assert [row["id"] for row in ledger.rows("SELECT id FROM log", ())] == ["a"], "and one's own"
    shared = replace(DONE, id="b", response_id=None, energy_source=EnergySource.ALLOCATED)
    ledger.close_entry(shared)
    assert ledger.get("b") == shared, "what an older file's constraint did not know"
    assert [tuple(row) for row in ledger.rows("PRAGMA integrity_check", ())] == [("ok",)]
    fresh = SqliteLedger(tmp_path / "new.db", now_ms=NOW)
    assert shapes(ledger) - {"log", "mine"} == shapes(fresh), "an old file ends like a new one"
    fresh.close()
    ledger.close()


def shapes(ledger):
    return {row[0] for row in ledger.rows("SELECT name FROM sqlite_schema", ())}


def test_the_last_step_is_the_one_that_opening_looks_for():
    assert STEPS[-1] == LATEST and sorted(STEPS) == STEPS


@pytest.mark.parametrize("last", STEPS)
def test_many_that_start_at_once_migrate_once(tmp_path, last):
    path = tmp_path / "ledger.db"
    at_schema(path, last)
    opened, barrier = [], threading.Barrier(4)

    def start():
        barrier.wait()
        ledger = SqliteLedger(path, now_ms=NOW)
        opened.append(ledger.totals()[Tier.API].requests)
        ledger.close()

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert opened == [2] * 4


def test_an_upgrade_that_is_killed_goes_on_at_the_next_start(tmp_path):
    # The process kills itself from within the statement that makes the second of the indexes.
    code = """
import os, signal, sys
from pathlib import Path
from console.sources.ledger.database import migrate
from console.sources.sqlite_file import create
path = Path(sys.argv[1])
connection = create(path)
def tell(step, number, steps):
    if number == 2:
        connection.set_progress_handler(lambda: os.kill(os.getpid(), signal.SIGKILL), 5_000)
migrate(connection, path, tell)
"""
    path = tmp_path / "ledger.db"
    at_schema(path, "m014_decisions_and_unpinnings")
    older = connect_new(path)
    older.execute(
        "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 3000) INSERT "
        "INTO entries (id, started_ms, zone, day, tier, provider, model, policy, reason, "
        "prompt_chars, prompt_bytes, usage_source, ending, output_tokens) SELECT 'n' || x, x, "
        "'UTC', '1970-01-01', 'api', 'p', 'm', 'article', 'r', 1, 1, 'reported', 'done', 2000 + x "
        "FROM n"
    )
    older.close()
    killed = subprocess.run(
        [sys.executable, "-c", code, str(path)],
        capture_output=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert killed.returncode == -9, killed.stderr
    with closing(connect(path, read_only=True)) as left:
        names = [name for (name,) in left.execute("SELECT name FROM _sqlite_migrations")]
        assert STEPS[: len(names)] == sorted(names) and names[-1] == "m015_dearest"
    said = []
    upgrade = Upgrade(path)
    upgrade._tell = lambda *step: said.append(step[1:])
    assert is_due(path)
    upgrade.run()
    assert said == [(number, len(STEPS) - 15) for number in range(1, len(STEPS) - 14)]
    assert not is_due(path) and not may_be_older(path)
    ledger = SqliteLedger(path, now_ms=NOW)
    assert ledger.totals() == scan(ledger.recent(9_999))
    assert len(ledger.page(parse("", sort=Sort.OUTPUT), 9_999, None, NOW, "UTC")) == 3_003
    assert [tuple(row) for row in ledger.rows("PRAGMA integrity_check", ())] == [("ok",)]
    ledger.close()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="limits are POSIX")
def test_a_disk_that_takes_no_more_is_a_sentence_and_loses_nothing(tmp_path):
    # The system refuses to let a file grow, as a full disk does; the kernel says so, not a mock.
    code = """
import resource, signal, sys
from pathlib import Path
from console.sources.ledger.store import LedgerError, SqliteLedger
from tests.sources.ledger.test_store import NOW, entry
ledger = SqliteLedger(Path(sys.argv[1]), now_ms=NOW)
ledger.open_entry(entry("kept"))
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, 400_000))
try:
    for number in range(2_000):
        ledger.open_entry(entry(f"n{number}", error="x" * 2_000))
except LedgerError as error:
    print(number, error)
"""
    path = tmp_path / "ledger.db"
    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True,
                          env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)})  # fmt: skip
    number, _, said = done.stdout.partition(" ")
    assert said.startswith(f"The ledger {path} cannot be written: the disk"), done.stderr
    ledger = SqliteLedger(path, now_ms=NOW)
    rows = ledger.recent(5_000)
    assert {row.id for row in rows} == {"kept", *(f"n{n}" for n in range(int(number)))}
    assert ledger.totals() == scan(rows)
    ledger.close()


PRIVATE_MOUNT = ["unshare", "--user", "--map-root-user", "--mount"]
"""Runs a command that may mount what only it sees."""


def can_mount():
    if not shutil.which("unshare"):
        return False
    tried = [*PRIVATE_MOUNT, "mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", "/mnt"]
    return subprocess.run(tried, capture_output=True).returncode == 0


@pytest.mark.skipif(not can_mount(), reason="no file system may be mounted here")
def test_a_full_file_system_is_a_sentence_and_loses_nothing(tmp_path):
    code = """
import shutil, sys
from pathlib import Path
from console.core.entry import Ending, EnergySource
from console.sources.ledger.store import LedgerError, SqliteLedger
from tests.sources.ledger.test_store import NOW, entry
path = Path(sys.argv[1]) / "ledger.db"
ledger = SqliteLedger(path, now_ms=NOW)
filler = path.with_name("filler")
with filler.open("wb") as file:
    while shutil.disk_usage(path.parent).free > 100_000:
        file.write(b"x" * 50_000)
        file.flush()
written = 0
try:
    while True:
        ledger.open_entry(entry(f"n{written}", error="x" * 2_000))
        written += 1
except LedgerError as error:
    print(error)
filler.unlink()
ledger.close_entry(entry("after", ending=Ending.DONE))
ids = {row.id for row in ledger.recent(9_999)}
print(written > 0 and ids == {"after", *(f"n{n}" for n in range(written))})
print(ledger.totals()["local"].requests == written + 1)
ledger.close()
"""
    mounted = f'mount -t tmpfs -o size=2m tmpfs {tmp_path} && exec {sys.executable} -c "$0" "$1"'
    done = subprocess.run([*PRIVATE_MOUNT, "sh", "-c", mounted, code, str(tmp_path)],
                          capture_output=True, text=True,
                          env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)})  # fmt: skip
    said, *rest = done.stdout.splitlines() or [done.stderr]
    assert said.endswith("cannot be written: the disk is full; free some space."), done.stderr
    assert rest == ["True", "True"], "what was written is there, and it goes on when there is room"


def as_nobody(act):
    """What `act` says in a process that is not root's."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            if os.geteuid() == 0:
                os.setegid(65_534)
                os.seteuid(65_534)
            said = act()
        except BaseException as error:
            said = f"{type(error).__name__}: {error}"
        os.write(writing, str(said).encode())
        os._exit(0)
    os.close(writing)
    os.waitpid(child, 0)
    with os.fdopen(reading, "rb") as file:
        return file.read().decode()


@pytest.fixture
def shared():
    """A folder that every user of the machine can look into."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.mark.skipif(os.name != "posix", reason="permissions are POSIX")
def test_a_file_that_may_not_be_written_is_a_sentence_and_may_be_read(shared):
    path = shared / "ledger.db"
    ledger = SqliteLedger(path, now_ms=NOW)
    ledger.close_entry(DONE)
    ledger.close()
    path.chmod(0o444)
    said = as_nobody(lambda: SqliteLedger(path, now_ms=NOW))
    assert said.startswith(f"LedgerError: The ledger {path} cannot be opened")
    assert "Permission denied" in said or "read-only" in said
    assert path.stat().st_size and not list(shared.glob("*corrupt*")), "it is left alone"


@pytest.mark.skipif(os.name != "posix", reason="permissions are POSIX")
def test_a_file_that_becomes_read_only_while_it_is_open_is_a_sentence(shared):
    path = shared / "ledger.db"
    SqliteLedger(path, now_ms=NOW).close()
    path.chmod(0o666)
    shared.chmod(0o777)

    def act():
        ledger = SqliteLedger(path, now_ms=NOW)
        ledger.open_entry(entry("one"))
        ledger._db.execute("PRAGMA query_only = ON")
        try:
            ledger.open_entry(entry("two"))
        except LedgerError as error:
            return error

    assert "cannot be written: the file is read-only; make it writable" in as_nobody(act)
    ledger = SqliteLedger(path, now_ms=NOW)
    assert [row.id for row in ledger.recent(5)] == ["one"]
    ledger.close()


def test_a_page_damaged_while_it_runs_is_told_and_set_aside_at_the_next_start(tmp_path):
    path = tmp_path / "ledger.db"
    ledger = SqliteLedger(path, now_ms=NOW)
    for number in range(50):
        ledger.close_entry(replace(DONE, id=f"{number}", response_id=None))
    ledger.close()
    content = bytearray(path.read_bytes())
    content[0:100] = b"\xff" * 100
    path.write_bytes(content)
    with pytest.raises(LedgerError, match="damaged"):
        LedgerReader(path).recent(10)
    again = SqliteLedger(path, now_ms=NOW)
    assert "kept as ledger.db.corrupt-" in again.notice and again.recent(10) == []
    [aside] = tmp_path.glob("*corrupt*")
    assert aside.read_bytes() == bytes(content), "never overwritten"
    again.close()


def test_a_clock_set_back_keeps_rows_and_sums_right(tmp_path):
    ledger = SqliteLedger(tmp_path / "ledger.db", now_ms=NOW)
    for number, back in enumerate((0, -7_200_000, -1, -86_400_000)):
        row = entry(f"{number}", started_ms=NOW + back, ending=Ending.DONE,
                    ended_ms=NOW + back + 5, usage=Usage(uncached=1, output=1))  # fmt: skip
        ledger.close_entry(row)
    assert [row.id for row in ledger.recent(10)] == ["0", "2", "1", "3"]
    assert ledger.totals(NOW - 3_600_000) == scan([r for r in ledger.recent(10) if r.id in "02"])
    ledger.close()


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [("Europe/Berlin", date(2026, 3, 29), 23), ("Europe/Berlin", date(2026, 10, 25), 25),
     ("Australia/Lord_Howe", date(2026, 10, 4), 23.5), ("America/Havana", date(2026, 11, 1), 25)],
)  # fmt: skip
def test_a_day_of_changed_clocks_holds_all_its_hours_and_no_other(tmp_path, zone, day, hours):
    ledger = SqliteLedger(tmp_path / "ledger.db", now_ms=NOW)
    begins = start_ms(day, zone)
    for half in range(-4, 60):
        row = entry(f"{half + 4:03}", zone=zone, started_ms=begins + half * 1_800_000,
                    ending=Ending.DONE)  # fmt: skip
        ledger.close_entry(row)
    by_day = ledger.groups(ALL, Grouping.DAY, NOW, zone)
    assert by_day[day.isoformat()][Tier.LOCAL].requests == hours * 2
    until = start_ms(date.fromordinal(day.toordinal() + 1), zone)
    assert ledger.totals(begins, until)[Tier.LOCAL].requests == hours * 2
    ledger.close()


def test_a_writer_waits_for_another_and_a_reader_for_none(tmp_path):
    path = tmp_path / "ledger.db"
    ledger = SqliteLedger(path, now_ms=NOW)
    other = SqliteLedger(path, now_ms=NOW)
    wrote = threading.Event()

    def write():
        mine = SqliteLedger(path, now_ms=NOW)
        mine.open_entry(entry("waits"))
        mine.close()
        wrote.set()

    with other.transaction():
        thread = threading.Thread(target=write)
        thread.start()
        assert ledger.recent(10) == [] and not wrote.is_set()
    thread.join()
    assert [row.id for row in ledger.recent(10)] == ["waits"]
    ledger.close()
    other.close()


def test_a_reader_cannot_write(tmp_path):
    SqliteLedger(tmp_path / "ledger.db", now_ms=NOW).close()
    connection = connect(tmp_path / "ledger.db", read_only=True)
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        connection.execute("DELETE FROM entries")
    connection.close()
