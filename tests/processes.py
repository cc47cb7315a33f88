"""The processes that a program under test has started."""

from pathlib import Path


def children(pid: int, about: bytes = b"") -> list[int]:
    """A process's children whose command line holds `about`, and those that wait to be reaped."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            command = (folder / "cmdline").read_bytes()
        except OSError:  # it ended meanwhile
            continue
        if parent == pid and (about in command or not command):
            found.append(int(folder.name))
    return found
