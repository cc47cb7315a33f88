"""A reader of the GPUs that is started before anything else, as a copy of this process.

A process that is started anew imports for longer than the reader takes for its first reading.
"""

import gc
import mmap
import os
import select
import signal
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from console.core.gpu_json import from_json
from console.sources.gpu.start import MOST_CARDS, Start

if TYPE_CHECKING:
    from console.core.gpu import Snapshot

NAME = "llmconsole-gpu"
"""What the process is called where only a name is shown."""

INTERVAL_S = 1.0
"""How often it reads until it is told otherwise."""


class EarlyReader:
    """A child that reads, its pipes, and what was heard of it; it ends when its input does."""

    def __init__(self, pid: int, orders: int, lines: int, flags: mmap.mmap) -> None:
        self.pid = pid
        self.orders = orders
        self.lines = lines
        self.flags = flags
        self.heard = b""

    def first(self, patience_s: float) -> "Snapshot | None":
        """Its first snapshot; None when it has none within so many seconds, or says nonsense."""
        until = time.monotonic() + patience_s
        while b"\n" not in self.heard:
            left = max(0.0, until - time.monotonic())
            if not select.select([self.lines], [], [], left)[0]:
                return None
            part = os.read(self.lines, 65536)
            if not part:
                return None
            self.heard += part
        with suppress(ValueError, KeyError, TypeError):
            return from_json(self.heard.partition(b"\n")[0])
        return None


def start_early() -> EarlyReader | None:
    """Start it; None where this system lacks what it takes. No thread may run yet."""
    if not hasattr(os, "pidfd_open"):
        return None
    memory = os.memfd_create(NAME)
    os.ftruncate(memory, MOST_CARDS)
    flags = mmap.mmap(memory, MOST_CARDS)
    theirs, orders = os.pipe()
    lines, said = os.pipe()
    pid = os.fork()
    if not pid:
        _read(theirs, said, memory)
    for end in (theirs, said, memory):
        os.close(end)
    return EarlyReader(pid, orders, lines, flags)


def _read(orders: int, said: int, memory: int) -> NoReturn:
    """Be the child: nothing of this process is left to it but what it has imported."""
    try:
        # In a process group of its own: ctrl+c at the terminal is the console's alone.
        os.setpgid(0, 0)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        for wanted, end in ((orders, 0), (said, 1), (os.open(os.devnull, os.O_WRONLY), 2)):
            os.dup2(wanted, end)
        os.closerange(3, memory)
        os.closerange(memory + 1, min(os.sysconf("SC_OPEN_MAX"), 65536))
        with suppress(OSError):
            Path("/proc/self/comm").write_text(NAME)
        gc.enable()
        from console.sources.gpu.child import main

        main(Start(interval_s=INTERVAL_S, flags_fd=memory))
    finally:
        os._exit(1)
