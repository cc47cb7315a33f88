"""What the whole console costs at a pty: first frame, idle bytes, CPU and memory.

`pytest -m bench tests/bench/test_console.py -s`; figures are for comparing within one run.
"""

import os
import time
import zlib
from pathlib import Path

import pytest

from tests.end_to_end.programs import CONSOLE
from tests.terminal.pty_program import PtyProgram

pytestmark = pytest.mark.bench

SECONDS = float(os.environ.get("LLMCONSOLE_TEST_SECONDS", "30"))
TICKS = os.sysconf("SC_CLK_TCK")


def family(pid):
    """A process and all that it started."""
    found, waiting = [], [pid]
    while waiting:
        one = waiting.pop()
        found.append(one)
        for task in Path(f"/proc/{one}/task").glob("*/children"):
            waiting += [int(child) for child in task.read_text().split()]
    return found


def cpu_s(pid):
    """CPU seconds of a process and its children so far."""
    total = 0
    for one in family(pid):
        fields = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
        total += sum(map(int, fields[11:15]))
    return total / TICKS


def rss_mb(pid):
    """Memory of a process and its children."""
    pages = sum(int(Path(f"/proc/{one}/statm").read_text().split()[1]) for one in family(pid))
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


@pytest.mark.parametrize("verb", ["demo", "run"])
def test_what_the_console_costs(verb):
    began = time.monotonic()
    with PtyProgram([*CONSOLE, verb], size=(120, 40)) as program:
        program.until("4 What-if")
        first_frame = time.monotonic() - began
        program.settle(1, 6)
        bytes_before, cpu_before = len(program.raw), cpu_s(program.pid)
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            program.settle(0.5, max(0.01, end - time.monotonic()))
        sent = bytes(program.raw[bytes_before:])
        minutes = SECONDS / 60
        print(
            f"\n{verb}: first frame {first_frame:.2f} s, "
            f"{len(sent) / 1000 / minutes:.1f} KB/min "
            f"({len(zlib.compress(sent, 6)) / 1000 / minutes:.1f} compressed), "
            f"{(cpu_s(program.pid) - cpu_before) / minutes:.2f} CPU-s/min, "
            f"{rss_mb(program.pid):.0f} MB"
        )
        program.send("\x11")
        assert program.wait() == 0
