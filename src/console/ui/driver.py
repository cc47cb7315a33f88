"""Textual's driver of a terminal, for one that others have written to or taken away meanwhile."""

import os
import signal
import termios
from contextlib import suppress

from console.ui.sleeping import SleepingDriver

_AS_WE_LEAVE_IT = (
    "\x0f\x1b(B"  # letters, not lines
    "\x1b[0m\x1b[4l\x1b[?6l\x1b[r"  # plain, no insertion, no margins
    "\x1b[?1049h\x1b[2J"  # the other screen, empty
    "\x1b[?25l\x1b[?7l"  # no cursor, no wrapping
    "\x1b[?1004h\x1b[?2004h"  # told of the focus and of pastes
)
"""What brings a terminal back to the modes that the console draws and reads in."""


class TerminalDriver(SleepingDriver):
    """Comes back from every stop, and takes the terminal back when it is told to."""

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
