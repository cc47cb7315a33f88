"""Several processes and one ledger; and processes that are killed while they write."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from console.core.entry import Ending
from console.core.tier import Tier
from console.sources.ledger.store import SqliteLedger
from tests.sources.ledger.test_store import NOW

ROOT = Path(__file__).parents[3]
KILLS = int(os.environ.get("LLMCONSOLE_TEST_KILLS", "3"))
"""Kills per phase; a longer run sets more."""


def writer(path, how, count=0):
    return subprocess.Popen(
        [sys.executable, "-m", "tests.sources.ledger.writer", str(path), how, str(count)],
        cwd=ROOT, stdout=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )  # fmt: skip


def test_many_processes_start_and_write_at_once(tmp_path):
    path = tmp_path / "ledger.db"
    writers = [writer(path, "many", 40) for _ in range(6)]
    for each in writers:
        assert each.communicate(timeout=120) and each.returncode == 0
    ledger = SqliteLedger(path, now_ms=NOW)
    totals = ledger.totals()[Tier.LOCAL]
    assert (totals.requests, totals.in_flight, totals.output_tokens) == (240, 0, 480)
    ledger.close()


@pytest.mark.parametrize("phase", ["opening", "streaming", "closing", "closed"])
def test_kill_9_loses_no_finished_row_and_doubles_none(tmp_path, phase):
    path = tmp_path / "ledger.db"
    closed, opened = set(), set()
    for kill in range(KILLS):
        with writer(path, "phases") as process:
            seen = 0
            for line in process.stdout:
                said, id = line.split()
                (closed if said == "closed" else opened).add(id)
                seen += said == phase
                if seen > kill % 5:
                    process.send_signal(signal.SIGKILL)
                    break
            # What it still said before it died has happened too.
            for line in process.stdout:
                said, id = line.split()
                (closed if said == "closed" else opened).add(id)
    ledger = SqliteLedger(path, now_ms=NOW)
    ledger.mark_interrupted()
    rows = {row.id: row for row in ledger.recent(10_000)}
    assert len(rows) == ledger.totals()[Tier.LOCAL].requests
    assert {rows[id].ending for id in closed} <= {Ending.DONE}
    # Of each killed process the row it was at may be there or not, finished or not.
    assert len(set(rows) - closed) <= KILLS
    assert {rows[id].ending for id in set(rows) - closed} <= {Ending.INTERRUPTED, Ending.DONE}
    assert set(rows) <= opened
    ledger.close()
