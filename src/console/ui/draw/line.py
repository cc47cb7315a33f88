"""A row of the screen as runs of text, each with the name of a style."""

from collections.abc import Iterable, Sequence

Run = tuple[str, str]
"""Text, and one of `STYLES`."""

Line = Sequence[Run]

STYLES = (
    "",
    "dim",
    "faint",
    "strong",
    "local",
    "api",
    "good",
    "warn",
    "bad",
    "accent",
    "cursor",
    "mark",
)
"""Every style a line may use: plain text, then a theme's named colours; "cursor" is the row that
keys act on, "mark" a word that must not be missed."""


def plain(line: Line) -> str:
    """The text of a line."""
    return "".join(text for text, _ in line)


def text_of(lines: Iterable[Line]) -> str:
    """The text of several lines, each stripped on the right."""
    return "\n".join(plain(line).rstrip() for line in lines)
