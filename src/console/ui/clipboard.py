"""Texts for the operator to take along: in the terminal's clipboard, or in a file."""

from collections.abc import Callable
from typing import NamedTuple

from textual.notifications import SeverityLevel

from console.services.ports import Clock, Copies

CLIPBOARD_BYTES = 56_000
"""Bytes that terminals take for their clipboard in one sequence: 74,994 in base64 is where the
first of them stop."""


class Said(NamedTuple):
    """What became of a text, for a toast of so many seconds; None for as long as any."""

    text: str
    severity: SeverityLevel = "information"
    timeout_s: float | None = None


class Clipboard:
    """`send` hands a text to the terminal, which does not answer."""

    def __init__(self, send: Callable[[str], None], copies: Copies, clock: Clock) -> None:
        self._send = send
        self._copies = copies
        self._clock = clock

    def copy(self, text: str) -> Said:
        """Send a text to the terminal's clipboard; one that is too long for it into a file."""
        if not text:
            return Said("There is nothing to copy here yet.")
        if len(text.encode(errors="replace")) > CLIPBOARD_BYTES:
            return self.keep(text, "Too long for a terminal's clipboard. ")
        self._send(text)
        return Said(f"Sent {len(text):,} characters to your terminal's clipboard.")

    def keep(self, text: str, why: str = "") -> Said:
        """Write a text into a file."""
        try:
            path = self._copies.keep(text, self._clock.now_ms())
        except OSError as error:
            return Said(f"Not written: {error.strerror or error}.", "error")
        return Said(f"{why}Written to {path}, for your eyes only.", timeout_s=10)
