"""What terminals send, where Textual reads it otherwise."""

import os

from textual._ansi_sequences import ANSI_SEQUENCES_KEYS


def measure_the_terminal() -> None:
    """Have the size asked of the terminal itself, which COLUMNS and LINES would hide for good."""
    for name in ("COLUMNS", "LINES"):
        os.environ.pop(name, None)


def read_alt_digits() -> None:
    """Have Escape with a digit read as alt and that digit, which is what terminals send for it.

    Textual 8.2 takes it for the character that one macOS terminal means by it ("™" for alt+2).
    """
    sequences: dict[str, object] = ANSI_SEQUENCES_KEYS  # type: ignore[assignment]
    for digit in "0123456789":
        sequences.pop(f"\x1b{digit}", None)
