"""Which processes belong to a server of this machine, by the port on which it listens."""

from collections.abc import Collection, Iterator
from pathlib import Path
from urllib.parse import urlsplit

from console.core.privacy import is_loopback

PROC = Path("/proc")
_ADDRESS, _STATE, _INODE = 1, 3, 9
"""Columns of /proc/net/tcp."""

_LISTEN = "0A"
_FAR = 16
"""Ancestors of a process that are looked at."""


def port_here(url: str) -> int | None:
    """The port of an address on this machine; None for any other address."""
    try:
        parts = urlsplit(url if "://" in url else f"http://{url}")
        port = parts.port
    except ValueError:
        return None
    if parts.hostname is None or not is_loopback(parts.hostname):
        return None
    return port or (443 if parts.scheme == "https" else 80)


def belonging(pids: Collection[int], port: int, proc: Path = PROC) -> frozenset[int]:
    """Those of some processes that listen on a port, or of which an ancestor does.

    Of processes of other users the kernel shows it to root alone: they are left out.
    """
    sockets = {f"socket:[{inode}]" for inode in _listening(port, proc)}
    if not sockets:
        return frozenset()
    return frozenset(
        pid for pid in pids if any(_holds(each, sockets, proc) for each in _line(pid, proc))
    )


def _listening(port: int, proc: Path) -> Iterator[str]:
    """The inodes of the sockets that listen on a port."""
    for table in ("tcp", "tcp6"):
        try:
            lines = (proc / "net" / table).read_text(encoding="ascii").splitlines()[1:]
        except OSError:
            continue
        for words in map(str.split, lines):
            if len(words) > _INODE and words[_STATE] == _LISTEN:
                at = int(words[_ADDRESS].rpartition(":")[2], 16)
                yield from [words[_INODE]] if at == port else []


def _line(pid: int, proc: Path) -> Iterator[int]:
    """A process, its parent, and so on; without the first process, which many services share."""
    for _ in range(_FAR):
        if pid <= 1:
            return
        yield pid
        try:
            stat = (proc / str(pid) / "stat").read_text(errors="replace")
            pid = int(stat.rpartition(")")[2].split()[1])
        except (OSError, IndexError, ValueError):
            return


def _holds(pid: int, sockets: Collection[str], proc: Path) -> bool:
    try:
        handles = list((proc / str(pid) / "fd").iterdir())
    except OSError:
        return False
    for handle in handles:
        try:
            if str(handle.readlink()) in sockets:
                return True
        except OSError:
            continue  # closed meanwhile
    return False
