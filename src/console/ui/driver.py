"""Textual's driver of a terminal, for one that others have written to or taken away meanwhile."""

import os
import signal
import termios
from contextlib import suppress
from typing import ClassVar

from console.ui.opening.terminal import Taken
from console.ui.sleeping import SleepingDriver

_OTHER_SCREEN = "\x1b[?1049h"

_AS_WE_LEAVE_IT = (
    "\x0f\x1b(B"  # letters, not lines
    "\x1b[0m\x1b[4l\x1b[?6l\x1b[r"  # plain, no insertion, no margins
    f"{_OTHER_SCREEN}\x1b[2J"  # the other screen, empty
    "\x1b[?25l\x1b[?7l"  # no cursor, no wrapping
    "\x1b[?1004h\x1b[?2004h"  # told of the focus and of pastes
)
"""What brings a terminal back to the modes that the console draws and reads in."""


class TerminalDriver(SleepingDriver):
    """Comes back from every stop, and takes the terminal back when it is told to.

    `taken` is the terminal that the console has taken already, with its first frame on it.
    """

    taken: ClassVar[Taken | None] = None
    _took_over: Taken | None = None
    _keeps_screen = False

    def start_application_mode(self) -> None:
        """Take the terminal; where it is taken already, without emptying its other screen."""
        taken, TerminalDriver.taken = self.taken, None
        if taken is None:
            super().start_application_mode()  # type: ignore[no-untyped-call]
            return
        self._keeps_screen = taken.entered
        super().start_application_mode()  # type: ignore[no-untyped-call]
        self._keeps_screen = False
        self.attrs_before = taken.attributes
        self._took_over = taken

    def stop_application_mode(self) -> None:
        """Give it back."""
        super().stop_application_mode()
        if self._took_over is not None:
            self._took_over.left()

    def write(self, data: str) -> None:
        """Write to the terminal."""
        if not (self._keeps_screen and data == _OTHER_SCREEN):
            super().write(data)

    def take_back(self) -> None:
        """Set the terminal up anew, and empty it."""
        with suppress(termios.error):
            modes = termios.tcgetattr(self.fileno)
            modes[0] = self._patch_iflag(modes[0])
            modes[3] = self._patch_lflag(modes[3])
            termios.tcsetattr(self.fileno, termios.TCSANOW, modes)
        self.write(_AS_WE_LEAVE_IT)
        self._enable_mouse_support()
        self.flush()

    def _sigcont_application(self, *_: object) -> None:
        """Go on after a stop.

        One by SIGSTOP leaves no time to give the terminal back, and Textual 8.2 would read it with
        two threads afterwards, each with half of the keys.
        """
        if not self._auto_restart:
            return
        if not self._must_signal_resume:
            if not self._in_foreground():
                os.kill(os.getpid(), signal.SIGSTOP)
                return
            self.suspend_application_mode()
            self._must_signal_resume = True
        self.resume_application_mode()

    def _in_foreground(self) -> bool:
        try:
            return os.tcgetpgrp(self.fileno) == os.getpgrp()
        except OSError:
            return True


def has_shell() -> bool:
    """Whether a shell with job control has started this process, which can wake it again."""
    parent = os.getppid()
    try:
        return os.getsid(parent) == os.getsid(0) and os.getpgid(parent) != os.getpgrp()
    except OSError:
        return False
