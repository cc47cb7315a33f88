"""Which process has a row in flight, told apart from a later one with the same number."""

import os
from functools import lru_cache
from pathlib import Path


@lru_cache(maxsize=1)
def myself() -> tuple[int, str | None]:
    """The id of the running process and the mark of its start."""
    return os.getpid(), _start_of(os.getpid())


def lives(pid: int | None, start: str | None) -> bool:
    """Whether the process that opened a row still runs."""
    if pid is None:
        return False
    if start is not None and Path("/proc/self/stat").exists():
        return _start_of(pid) == start
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _start_of(pid: int) -> str | None:
    """The boot and the tick a process started at; None when there is none, or no /proc."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return f"{boot}/{fields[19]}"
