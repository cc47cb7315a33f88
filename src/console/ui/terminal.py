"""What terminals send, where Textual reads it otherwise."""

import os
import string
from typing import NamedTuple

from textual._ansi_sequences import ANSI_SEQUENCES_KEYS


class _Key(NamedTuple):
    """A key as Textual's table has it: by the name that events carry."""

    value: str


def measure_the_terminal() -> None:
    """Have the size asked of the terminal itself, which COLUMNS and LINES would hide for good."""
    for name in ("COLUMNS", "LINES"):
        os.environ.pop(name, None)


def read_alt_keys() -> None:
    """Have Escape with a digit or letter read as alt and that key, at once.

    That is what terminals send for it. Textual 8.2 takes some for characters that one macOS
    terminal means ("™" for alt+2). For the others it waits, and where a key or an answer of the
    terminal comes right behind, it takes them for two characters.
    """
    sequences: dict[str, object] = ANSI_SEQUENCES_KEYS  # type: ignore[assignment]
    for digit in string.digits:
        sequences[f"\x1b{digit}"] = (_Key(f"alt+{digit}"),)
    for letter in string.ascii_lowercase:
        sequences.setdefault(f"\x1b{letter}", (_Key(f"alt+{letter}"),))
