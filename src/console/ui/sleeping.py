"""A driver of the terminal that sleeps until a key comes."""

import codecs
import os
import selectors
import time
from collections.abc import Iterable
from typing import Any

from textual import constants
from textual._xterm_parser import XTermParser
from textual.app import App
from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message

TICK_S = 0.1
"""How often what has begun to come is looked at: an Escape alone is known by what follows not."""

QUIET_S = max(1.0, 10 * constants.ESCAPE_DELAY)
"""Without a byte for so long, nothing has begun."""


class SleepingDriver(LinuxDriver):
    """Reads keys as Textual's does, which wakes ten times a second all day to see whether one came.

    That is a seventh of what the whole console takes at rest.
    """

    quiet_s = QUIET_S

    def __init__(
        self,
        app: App[Any],
        *,
        debug: bool = False,
        mouse: bool = True,
        size: tuple[int, int] | None = None,
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        # Open as long as the process: the terminal is given away and taken back meanwhile.
        self._woken, self._wake = os.pipe()

    def disable_input(self) -> None:
        """Wake the thread, which then sees within a tick that it is to end."""
        os.write(self._wake, b"!")
        super().disable_input()

    def run_input_thread(self) -> None:
        """Hand on what the terminal sends until it is to end."""
        parser = XTermParser(self._debug)
        decoded = codecs.getincrementaldecoder("utf-8")().decode
        quiet_at = time.monotonic() + self.quiet_s
        with selectors.SelectSelector() as selector:
            selector.register(self.fileno, selectors.EVENT_READ)
            selector.register(self._woken, selectors.EVENT_READ)
            while not self.exit_event.is_set():
                quiet = time.monotonic() >= quiet_at
                ready = {key.fd for key, _ in selector.select(None if quiet else TICK_S)}
                if ready:
                    quiet_at = time.monotonic() + self.quiet_s
                if self._woken in ready:
                    os.read(self._woken, 1)
                if self.fileno in ready:
                    sent = os.read(self.fileno, 4096)
                    if sent:
                        self._hand_on(parser.feed(decoded(sent)))
                    else:
                        # The terminal has gone, and would be ready to say so for ever.
                        selector.unregister(self.fileno)
                self._hand_on(parser.tick())

    def _hand_on(self, messages: Iterable[Message]) -> None:
        for message in messages:
            self.process_message(message)
