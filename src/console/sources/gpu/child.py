"""The process that calls NVML, so that a call that hangs or crashes is no one else's.

`python -m console.sources.gpu.child SECONDS` writes one snapshot as a line of JSON per interval
to its standard output. A line `interval SECONDS` on its standard input changes the pace; the end
of that input means the parent is gone, and ends the process, whatever call it is in.

To look again is to start again: a process that lost the driver or a card ends with LOOK_AGAIN,
because a library once loaded does not see a driver that was replaced.
"""

import os
import signal
import sys
import threading
import time
from typing import NoReturn

from console.core.gpu_json import to_line
from console.sources.gpu.nvml import Nvml

LOOK_AGAIN = 75  # EX_TEMPFAIL


class Pace:
    """The interval between snapshots, which another thread may change."""

    def __init__(self, interval_s: float) -> None:
        self.interval_s = interval_s
        self._changed = threading.Event()

    def change(self, interval_s: float) -> None:
        """Set the interval and end a wait that is under way."""
        self.interval_s = interval_s
        self._changed.set()

    def wait_until(self, due: float) -> None:
        """Sleep until a monotonic time, or until the interval changes."""
        self._changed.wait(max(0.0, due - time.monotonic()))
        self._changed.clear()


def obey(pace: Pace) -> NoReturn:
    """Follow the parent's orders, and end this process when no more can come."""
    unread = b""
    while data := os.read(0, 4096):
        *lines, unread = (unread + data).split(b"\n")
        for line in lines:
            pace.change(float(line.removeprefix(b"interval ")))
    # A thread ends the process although the main thread may never come back from its call.
    os._exit(0)


def main(interval_s: float) -> NoReturn:
    """Write snapshots until the parent goes, or until it is time to look again."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    pace = Pace(interval_s)
    threading.Thread(target=obey, args=(pace,), daemon=True).start()
    nvml = Nvml()
    began = time.monotonic()
    while True:
        tick = time.monotonic()
        snapshot = nvml.read(time.time_ns() // 1_000_000)
        try:
            os.write(1, to_line(snapshot).encode() + b"\n")
        except BrokenPipeError:
            os._exit(0)
        patience_s = min(10 * pace.interval_s, 20.0)
        faulty = any(card.fault for card in snapshot.cards)
        if snapshot.trouble or (faulty and tick - began > patience_s):
            os._exit(LOOK_AGAIN)
        pace.wait_until(tick + pace.interval_s)


if __name__ == "__main__":
    main(float(sys.argv[1]))
