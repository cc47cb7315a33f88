"""Several processes and one ledger; and processes that are killed while they write."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from console.core.entry import Ending
from console.core.tier import Tier
from console.sources.ledger.store import SqliteLedger
from tests.sources.ledger.test_store import NOW
from tests.sources.ledger.test_trouble import at_schema
from tests.sources.ledger.writer import PHASES
from tests.sums import scan

ROOT = Path(__file__).parents[3]
KILLS = 50
"""Kills in each phase: half of them in the phase itself, half in a race with what follows."""


def writer(path, how, count=0):
    return subprocess.Popen(
        [sys.executable, "-m", "tests.sources.ledger.writer", str(path), how, str(count)],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )  # fmt: skip


@pytest.mark.parametrize("last", [None, "m008_views"])
def test_many_processes_start_and_write_at_once(tmp_path, last):
    """On no file, and on one of an older schema, which one of them brings forward."""
    path = tmp_path / "ledger.db"
    if last is not None:
        at_schema(path, last)
    writers = [writer(path, "many", 40) for _ in range(4)]
    for each in writers:
        assert each.communicate(timeout=120) and each.returncode == 0
    ledger = SqliteLedger(path, now_ms=NOW)
    totals = ledger.totals()[Tier.LOCAL]
    old = 0 if last is None else 1
    assert (totals.requests, totals.in_flight) == (160 + old, 0)
    assert totals.output_tokens == 320 + 5 * old
    ledger.close()


def killed(process, phase, held, seen):
    """Have a sender end some requests and kill it in a phase; `seen` gathers what it said."""
    before = random.randrange(3)
    process.stdin.write(f"{phase if held else 'race'} {before}\n")
    process.stdin.flush()
    pid, sent = 0, False
    for line in process.stdout:
        said, about = line.split()
        if said == "pid":
            pid = int(about)
        elif said == "gone":
            return
        else:
            seen.setdefault(said, set()).add(about)
        if said == phase and not sent and about.endswith(f"-{before}"):
            if not held:
                # Somewhere in what follows, in the middle of a transaction too.
                time.sleep(random.random() * 0.004)
            os.kill(pid, signal.SIGKILL)
            sent = True


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are forked to be quick")
@pytest.mark.parametrize("phase", PHASES)
def test_kill_9_loses_no_finished_request_and_doubles_none(tmp_path, phase):
    path = tmp_path / "ledger.db"
    seen = {}
    with writer(path, "requests") as process:
        for kill in range(KILLS):
            killed(process, phase, held=kill % 2 == 0, seen=seen)
        process.stdin.close()
    ledger = SqliteLedger(path, now_ms=NOW)
    ledger.mark_interrupted()
    rows = {row.id: row for row in ledger.recent(10_000)}
    closed = seen.get("closed", set())
    assert closed and {rows[id].ending for id in closed} == {Ending.DONE}, "none is lost"
    assert {rows[id].usage.output for id in closed} == {2}
    assert len(rows) == ledger.totals()[Tier.LOCAL].requests, "none is counted twice"
    assert ledger.totals() == scan(rows.values())
    # Of each killed process the row it was at may be there or not, finished or not.
    others = set(rows) - closed
    assert len(others) <= KILLS and {rows[id].ending for id in others} <= {
        Ending.INTERRUPTED, Ending.DONE}  # fmt: skip
    assert set(rows) <= seen["opening"], "nothing that was not sent"
    assert seen.get("streaming", set()) <= set(rows), "a row is there before a byte leaves"
    ledger.close()
