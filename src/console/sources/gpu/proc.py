"""The kernel's files in /proc."""

PROC = "/proc"


def text_of(path: str, most: int = -1) -> str:
    """What a file says, up to so many characters; raises OSError."""
    with open(path, encoding="utf-8", errors="replace", newline="") as file:
        return file.read(most)
