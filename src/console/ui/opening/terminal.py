"""The terminal from the first moment on, until Textual has it or the console ends without that."""

import os
import signal
import sys
import termios
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any, NoReturn

from console.ui.draw.picture import Picture

ENDING = (signal.SIGTERM, signal.SIGHUP)
"""Signals that end the console as its quit key does."""

_ENTER = "\x1b[?1049h\x1b[?25l\x1b[?7l"
"""The other screen, no cursor, no wrapping: as Textual 8.2 has it."""

_LEAVE = "\x1b[?2004l\x1b[?7h\x1b[?1004l\x1b[<u\x1b[?1049l\x1b[?25h"
"""Out of whatever Textual had begun, too."""

_AT_ONCE, _DONE = "\x1b[?2026h", "\x1b[?2026l"
"""Between these a terminal that can shows nothing of what it is told."""


class Taken:
    """A terminal that types nothing by itself; `attributes` are those it had."""

    def __init__(self) -> None:
        self.keys = sys.__stdin__.fileno() if sys.__stdin__ else 0
        self.screen = sys.__stderr__.fileno() if sys.__stderr__ else 2
        self.attributes: list[Any] = termios.tcgetattr(self.keys)
        self.entered = False
        """Whether it shows the other screen."""
        self._held = True
        modes = termios.tcgetattr(self.keys)
        modes[0] &= ~(termios.IXON | termios.IXOFF | termios.ICRNL | termios.INLCR | termios.IGNCR)
        modes[3] &= ~(termios.ECHO | termios.ICANON | termios.IEXTEN | termios.ISIG)
        modes[6][termios.VMIN] = 1
        termios.tcsetattr(self.keys, termios.TCSANOW, modes)

    @property
    def size(self) -> tuple[int, int]:
        """Columns and rows."""
        return os.get_terminal_size(sys.__stdout__.fileno() if sys.__stdout__ else 1)

    def show(self, painting: str) -> None:
        """Enter the other screen with something on it, in one write."""
        data = (_ENTER + _AT_ONCE + painting + _DONE).encode()
        self.entered = True
        while data:
            data = data[os.write(self.screen, data) :]

    def left(self) -> None:
        """Whoever took it over has given it back."""
        self._held = False

    def give_back(self) -> None:
        """Leave it as it was; what was typed for the console is not for the shell."""
        if not self._held:
            return
        self._held = False
        if self.entered:
            with suppress(OSError):
                os.write(self.screen, _LEAVE.encode())
        with suppress(termios.error):
            termios.tcsetattr(self.keys, termios.TCSAFLUSH, self.attributes)


class Opening:
    """A terminal that is taken, and the picture that it shows; None while it shows none.

    `error` is why none could be painted, which is no reason not to go on.
    """

    def __init__(self, taken: Taken) -> None:
        self.taken = taken
        self.picture: Picture | None = None
        self.size = (0, 0)
        self.error: Exception | None = None


@contextmanager
def take() -> Iterator[Taken | None]:
    """Take the terminal, and give it back whatever happens; None where it cannot be taken."""
    try:
        taken = Taken()
    except (OSError, ValueError, termios.error):
        yield None
        return
    before = {number: signal.signal(number, _end) for number in ENDING}
    try:
        yield taken
    finally:
        taken.give_back()
        for number, handler in before.items():
            signal.signal(number, handler)


def _end(number: int, frame: FrameType | None) -> NoReturn:
    raise SystemExit(128 + number)
