"""How the process that calls NVML is started; its parent imports no more of it."""

import json
from typing import NamedTuple

from console.sources.gpu import bus

CHILD = "console.sources.gpu.child"
LOOK_AGAIN = 75  # EX_TEMPFAIL
"""How a child ends that wants to be started again."""

MOST_CARDS = 64

DRIVER_GONE = "driver gone"
"""The fault of a card whose driver was unloaded or replaced, which the parent looks for."""


class Start(NamedTuple):
    """What a child is started with, as one argument of JSON.

    `flags_fd` is a file of MOST_CARDS bytes, shared with the parent: a card's is 1 while the
    driver is called for it. `without` are indices of cards that are not to be touched.
    `one_by_one` reads the cards in turn, so that after a crash only one card's flag stands.
    """

    interval_s: float
    flags_fd: int
    without: tuple[int, ...] = ()
    one_by_one: bool = False
    sysfs: str = bus.SYSFS

    def argument(self) -> str:
        """In the form of the command line."""
        return json.dumps(self._asdict())
