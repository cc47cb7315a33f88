"""The driver that sleeps until a key comes, on a real pseudo-terminal."""

import os
import pty
import selectors
import signal
import sys
import threading
import tty
from types import SimpleNamespace

import pytest
from textual.events import Key

from console.ui import sleeping as module
from console.ui.sleeping import TICK_S, SleepingDriver
from tests.patience import PATIENCE_S

HANDLED = (signal.SIGTSTP, signal.SIGCONT, signal.SIGWINCH)
"""What a driver handles of its own."""


class Watched(selectors.SelectSelector):
    """Says with which patience it was asked."""

    asked: list = []  # noqa: RUF012
    slept = threading.Event()

    def select(self, timeout=None):
        self.asked.append(timeout)
        if timeout is None:
            self.slept.set()
        return super().select(timeout)


@pytest.fixture
async def terminal(monkeypatch):
    """The operator's end of a terminal, and the driver on the other, not yet reading."""
    ours, theirs = pty.openpty()
    tty.setraw(theirs)
    its_end = SimpleNamespace(fileno=lambda: theirs, isatty=lambda: True)
    monkeypatch.setattr(sys, "__stdin__", its_end)
    monkeypatch.setattr(module.selectors, "SelectSelector", Watched)
    handlers = {each: signal.getsignal(each) for each in HANDLED}
    Watched.asked, Watched.slept = [], threading.Event()
    driver = SleepingDriver(SimpleNamespace())
    driver.quiet_s = 0.0
    driver.keys, driver.came = [], threading.Event()

    def take(message):
        if isinstance(message, Key):
            driver.keys.append(message.key)
            driver.came.set()

    driver.process_message = take
    driver._disable_mouse_support = lambda: None
    driver._key_thread = threading.Thread(target=driver.run_input_thread, daemon=True)
    yield ours, driver
    driver.close()
    os.close(theirs)
    os.close(ours)
    for number, handler in handlers.items():
        signal.signal(number, handler)


async def test_it_sleeps_until_a_key_comes_and_until_it_is_to_end(terminal):
    ours, driver = terminal
    driver._key_thread.start()
    assert Watched.slept.wait(PATIENCE_S)
    os.write(ours, b"a")
    assert driver.came.wait(PATIENCE_S)
    driver.disable_input()
    assert not driver._key_thread.is_alive()
    assert driver.keys == ["a"]


async def test_an_escape_alone_is_known_by_a_tick(terminal):
    ours, driver = terminal
    driver.quiet_s = PATIENCE_S
    driver._key_thread.start()
    os.write(ours, b"\x1b")
    assert driver.came.wait(PATIENCE_S)
    driver.disable_input()
    assert driver.keys == ["escape"]
    assert None not in Watched.asked and TICK_S in Watched.asked


def test_the_pause_is_longer_than_an_escape_waits():
    from textual.constants import ESCAPE_DELAY

    assert module.QUIET_S >= 5 * ESCAPE_DELAY
