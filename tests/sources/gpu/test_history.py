"""The file of histories: bounded, and unharmed by what ends a process or damages a disk."""

import os
import random
import signal
import stat
import subprocess
import sys

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from console.core.series import Bucket, KeptBucket
from console.sources.gpu.history import HistoryFile

NOW = 1_800_000_000
KEY = "GPU-5e1f0a52-0000-4d00-8000-000000000001/temperature"


def kept(seconds_ago, value=1.0, key=KEY, width=10.0):
    start = NOW - seconds_ago
    start -= start % width
    return KeptBucket(key, width, Bucket(start, value, value + 1, value))


def opened(path):
    file = HistoryFile(path, lambda: NOW)
    return file, file.load()


@pytest.fixture
def path(tmp_path):
    return tmp_path / "state" / "gpu-history"


def test_what_is_appended_is_there_after_a_restart_for_its_owner_alone(path):
    file, before = opened(path)
    assert before == []
    file.append([kept(30), kept(30, key="local/tokens")])
    file.append([kept(20, 7.0)])
    file.close()
    _, again = opened(path)
    assert again == [kept(30), kept(30, key="local/tokens"), kept(20, 7.0)]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_old_buckets_become_minutes_and_then_go_and_no_spike_is_lost(path):
    file, _ = opened(path)
    ago = 4 * 3600
    minute = [kept(ago - step, value) for step, value in zip(range(0, 60, 10), (1, 9, 2, 3, 4, 5),
                                                             strict=True)]  # fmt: skip
    file.append([kept(4 * 86400), *minute, kept(60, 5.0)])
    file.close()
    _, again = opened(path)
    assert [each.width for each in again] == [60.0, 10.0]
    assert (again[0].bucket.low, again[0].bucket.high, again[0].bucket.last) == (1, 10, 5)


def test_the_file_is_bounded_while_it_runs(path):
    now = [NOW]
    file = HistoryFile(path, lambda: now[0])
    file.load()
    longest = 0
    for _ in range(400):  # eleven days in one run
        buckets = []
        for _ in range(240):
            now[0] += 10
            buckets.append(KeptBucket(KEY, 10.0, Bucket(now[0], 1, 2, 1)))
        file.append(buckets)
        longest = max(longest, path.stat().st_size)
    assert longest < 1_600_000


def test_a_second_console_reads_and_does_not_write(path):
    first, _ = opened(path)
    first.append([kept(30)])
    second, seen = opened(path)
    assert seen == [kept(30)]
    second.append([kept(20)])
    first.append([kept(10)])
    first.close()
    third, seen = opened(path)
    assert seen == [kept(30), kept(10)]
    third.close()


def test_a_second_console_takes_over_when_the_first_ends(path):
    first, _ = opened(path)
    first.append([kept(50), kept(50, 3.0, key="local/tokens")])
    second, _ = opened(path)
    second.append([kept(40, key="local/rate")])
    first.append([kept(40)])
    first.close()
    second.append([kept(30, 5.0), kept(30, 4.0, key="local/tokens")])
    third, seen = opened(path)
    third.append([kept(20)])
    assert seen == [kept(50), kept(50, 3.0, key="local/tokens"), kept(40), kept(30, 5.0),
                    kept(30, 4.0, key="local/tokens")]  # fmt: skip
    second.close()
    second.append([kept(10)])
    third.close()
    _, seen = opened(path)
    assert kept(20) not in seen and kept(10) not in seen, "one writes, and none that was closed"


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32))
@example(422)  # cut within the header
def test_damage_costs_what_it_hits_and_no_more(tmp_path_factory, seed):
    dice = random.Random(seed)
    path = tmp_path_factory.mktemp("damaged") / "gpu-history"
    file, _ = opened(path)
    file.append([kept(10_000 - 10 * number, number) for number in range(100)])
    file.close()
    data = bytearray(path.read_bytes())
    if dice.random() < 0.5:
        del data[dice.randrange(len(data)) :]
    else:
        spot = dice.randrange(128, len(data))  # behind the header and the name
        data[spot] ^= 1 << dice.randrange(8)
        assert len(opened_bytes(path, data)) >= 99
    seen = opened_bytes(path, data)
    assert all(each in [kept(10_000 - 10 * n, n) for n in range(100)] for each in seen)


def opened_bytes(path, data):
    """What is read of a file that consists of these bytes."""
    path.write_bytes(data)
    file, seen = opened(path)
    file.append([kept(5)])  # and it can be written on
    file.close()
    file, more = opened(path)
    assert len(more) == len(seen) + 1 or not seen
    file.close()
    return seen


WRITER = """
import sys
from pathlib import Path
from console.core.series import Bucket, KeptBucket
from console.sources.gpu.history import HistoryFile
file = HistoryFile(Path(sys.argv[1]), lambda: 1_800_000_000)
file.load()
print("ready", flush=True)
for number in range(10**9):
    start = 1_800_000_000 - 10_000 + number % 1000 * 10
    file.append([KeptBucket("a/power", 10.0, Bucket(start, 1, 2, 1))])
"""


def test_a_writer_that_is_killed_harms_nothing(path):
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    for _ in range(3):
        with subprocess.Popen([sys.executable, "-c", WRITER, str(path)], env=environment,
                              stdout=subprocess.PIPE) as writer:  # fmt: skip
            writer.stdout.readline()
            size = path.stat().st_size
            while path.stat().st_size == size and writer.poll() is None:
                pass
            writer.send_signal(signal.SIGKILL)
        file, seen = opened(path)
        assert seen and all(each.key == "a/power" for each in seen)
        file.close()


def test_a_file_of_another_version_is_left_alone(path):
    path.parent.mkdir()
    path.write_bytes(b"llmconsole gpu history 2".ljust(32) + b"x" * 64)
    with pytest.raises(OSError, match="another version"):
        opened(path)
    assert path.read_bytes().endswith(b"x" * 64)
