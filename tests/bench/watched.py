"""Programs at pseudo-terminals side by side, measured from outside."""

import fcntl
import os
import re
import select
import signal
import statistics
import struct
import subprocess
import termios
import time
import zlib
from contextlib import contextmanager, suppress
from pathlib import Path

import pyte

_ANSWERS = (
    (re.compile(rb"\x1b\[0?c"), b"\x1b[?62;22c"),
    (re.compile(rb"\x1b\[6n"), b"\x1b[1;1R"),
    (re.compile(rb"\x1b\[\?2026\$p"), b"\x1b[?2026;2$y"),
)
_UNKNOWN_TO_PYTE = re.compile(rb"\x1b\[[><=][\d;]*[a-zA-Z]|\x1b\[\?[\d;]*\$p|\x1b\[[\d;]* q")
_PAGE_MB = os.sysconf("SC_PAGE_SIZE") / 1e6


class Watched:
    """One program: what it wrote and when, and what it and its children used.

    `stages` names what its screen must show, in the order in which it comes; `reached` has, for
    each, the seconds and the processor seconds from the start until its last byte had been read.
    `press` names a stage and the keys that are typed as soon as it is reached.
    """

    def __init__(self, command, stages, *, size=(120, 40), env=None, press=("", b"")):
        self.command = command
        self.stages = dict(stages)
        self.reached = {}
        self._press = press
        self.chunks = []
        self._screen = pyte.Screen(*size)
        self._stream = pyte.ByteStream(self._screen)
        self.fd, slave = os.openpty()
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
        self.began = time.monotonic()
        self.process = subprocess.Popen(
            command, stdin=slave, stdout=slave, stderr=slave, start_new_session=True, env=env,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )  # fmt: skip
        os.close(slave)

    def take(self):
        """Read what has come."""
        try:
            data = os.read(self.fd, 65536)
        except OSError:
            return
        now = time.monotonic()
        used_s = self.cpu_s() if self.stages else 0.0
        self.chunks.append((now, data))
        for question, answer in _ANSWERS:
            for _ in question.findall(data):
                os.write(self.fd, answer)
        if self.stages:
            # Afterwards nothing is drawn: the terminal must not take time from the programs.
            self._stream.feed(_UNKNOWN_TO_PYTE.sub(b"", data))
            text = "\n".join(self._screen.display)
            for name, shown in list(self.stages.items()):
                if shown(text):
                    del self.stages[name]
                    self.reached[name] = now - self.began, used_s
                    if name == self._press[0]:
                        os.write(self.fd, self._press[1])

    @property
    def ready(self):
        """Whether every stage has been reached."""
        return not self.stages

    def family(self):
        """The program and all that it started."""
        found, waiting = [], [self.process.pid]
        while waiting:
            one = waiting.pop()
            found.append(one)
            for task in Path(f"/proc/{one}/task").glob("*/children"):
                with suppress(OSError):
                    waiting += [int(child) for child in task.read_text().split()]
        return found

    def cpu_s(self):
        """Processor seconds so far, of all threads that it and its children have or had."""
        total = 0
        for one in self.family():
            with suppress(OSError):
                total += time.clock_gettime_ns(_processor_clock(one))
        return total / 1e9

    def rss_mb(self):
        """Resident memory of the program, and of its children together.

        Pages that several processes share count for each.
        """
        first, *others = (_resident_mb(one) for one in self.family())
        return first, sum(others)

    def sent(self, since):
        """What was written after a time, and how many bytes `ssh -C` would make of it."""
        packer = zlib.compressobj(6)
        raw = packed = 0
        for at, data in self.chunks:
            size = len(packer.compress(data)) + len(packer.flush(zlib.Z_SYNC_FLUSH))
            if at >= since:
                raw, packed = raw + len(data), packed + size
        return raw, packed

    def end(self):
        """Ask it to go, then make it."""
        for number, grace_s in ((signal.SIGTERM, 5), (signal.SIGKILL, 5)):
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, number)
            until = time.monotonic() + grace_s
            while self.process.poll() is None and time.monotonic() < until:
                if select.select([self.fd], [], [], 0.05)[0]:
                    self.take()
            if self.process.poll() is not None:
                break
        os.close(self.fd)


def _processor_clock(pid):
    """The clock of a process's processor time, exact where `/proc` counts hundredths."""
    return (~pid << 3) | 2


def _resident_mb(pid):
    with suppress(OSError):
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE_MB
    return 0.0


@contextmanager
def running(*programs):
    """Programs that are ended, whatever happens."""
    try:
        yield programs
    finally:
        for program in programs:
            program.end()


def pass_time(programs, seconds, until=None):
    """Read from all for a while, or until a condition holds."""
    end = time.monotonic() + seconds
    by_fd = {program.fd: program for program in programs}
    while (left := end - time.monotonic()) > 0 and not (until and until()):
        for fd in select.select(list(by_fd), [], [], min(left, 0.1))[0]:
            by_fd[fd].take()


def start_costs(program, most_s=20):
    """Seconds and processor seconds to each stage of one program, which is then ended."""
    with running(program):
        pass_time([program], most_s, lambda: program.ready)
        assert program.ready, f"{program.command} never showed {', '.join(program.stages)}"
    return dict(program.reached)


def idle_costs(programs, seconds):
    """KB, compressed KB and processor seconds per minute, MB with and of children, of each."""
    since = time.monotonic()
    before = [program.cpu_s() for program in programs]
    memory = [[] for _ in programs]
    for _ in range(max(1, round(seconds / 2))):
        pass_time(programs, 2)
        for program, samples in zip(programs, memory, strict=True):
            samples.append(program.rss_mb())
    minutes = (time.monotonic() - since) / 60
    costs = []
    for program, cpu_s, samples in zip(programs, before, memory, strict=True):
        raw, packed = program.sent(since)
        costs.append({
            "KB/min": raw / 1000 / minutes, "z KB/min": packed / 1000 / minutes,
            "CPU-s/min": (program.cpu_s() - cpu_s) / minutes,
            "MB": statistics.median(map(sum, samples)),
            "MB of children": statistics.median(others for _, others in samples),
        })  # fmt: skip
    return costs


def key_costs(program, keys, seconds, every_s=0.7):
    """Milliseconds from a key to the next bytes (median, 95th), and processor seconds a minute."""
    since, before, waits = time.monotonic(), program.cpu_s(), []
    while time.monotonic() - since < seconds:
        next_key = time.monotonic() + every_s
        seen = len(program.chunks)
        os.write(program.fd, keys[len(waits) % len(keys)])
        pressed = time.monotonic()
        pass_time([program], 5, lambda seen=seen: len(program.chunks) > seen)
        waits.append((program.chunks[-1][0] - pressed) * 1000)
        pass_time([program], max(0, next_key - time.monotonic()))
    minutes = (time.monotonic() - since) / 60
    waits.sort()
    return {
        "key ms": statistics.median(waits), "p95 ms": waits[int(len(waits) * 0.95)],
        "CPU-s/min": (program.cpu_s() - before) / minutes,
    }  # fmt: skip
