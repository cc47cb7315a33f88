"""One thread per card, so that a card that hangs keeps nobody waiting but itself."""

import time
from collections.abc import Callable
from enum import Enum, auto
from mmap import mmap
from queue import SimpleQueue
from threading import Condition, Semaphore, Thread
from typing import NamedTuple

from console.core.gpu import Card
from console.sources.gpu.drawn import Drawn
from console.sources.gpu.nvml import Refusal
from console.sources.gpu.reading import UNNAMED, CardReader

HANGS = "hangs"
HUNG_AFTER_S = 10.0
"""A card that did not answer for so long has a fault; until then its values grow old."""

TURN_S = 0.2
POLL_S = 0.01
EDGE_MOST_S = 0.25
"""How finely and how long the energy counter is watched for its next tick."""


class EdgeOrder(NamedTuple):
    """Watch the energy counter until it ticked so many times; `id` names the answer."""

    id: str
    ticks: int


class Ticks(NamedTuple):
    """A card's counter at the moment it was asked, and when it next ticked to what.

    Times are seconds since the epoch, `asked_j` and `tick_j` joules, `length_s` from this tick to
    the one after, if that was watched for. Watts are of the instants of asking and of the tick.
    Of a card without a counter the sum of its power stands for it: see console.core.edge.
    """

    uuid: str
    asked_s: float
    asked_j: float
    tick_s: float | None
    tick_j: float | None
    length_s: float | None
    asked_w: float | None
    tick_w: float | None
    since_s: float | None = None
    off_j: float = 0.0
    lag_s: float = 0.0


class Task(Enum):
    """What a card's thread is asked for, beside edges."""

    READ = auto()
    LOOK = auto()
    END_LOOKING = auto()


class Watch:
    """A card's thread, its last word, and since when it has been asked without an answer.

    `told` hears of every edge. `flags` has a byte per card that is 1 while the driver is called
    for it: after a crash they tell on whose account it was. With `turn` cards take turns. `adds_up`
    tells whether power stands for a counter that is not there.
    """

    def __init__(
        self,
        reader: CardReader,
        done: Condition,
        flags: mmap,
        turn: Semaphore | None,
        told: Callable[[EdgeOrder, Ticks], None],
        adds_up: Callable[[], bool],
    ) -> None:
        self.reader = reader
        self.late = False
        self._done = done
        self._flags = flags
        self._turn = turn
        self._told = told
        self._adds_up = adds_up
        self._card: Card | None = None
        self._asked_s: float | None = None
        self._drawn = Drawn()
        self._looks = False
        self._orders: SimpleQueue[EdgeOrder | Task] = SimpleQueue()
        Thread(target=self._run, daemon=True).start()

    @property
    def busy(self) -> bool:
        """Whether it was asked to read and has not yet."""
        return self._asked_s is not None

    def ask(self) -> None:
        """Have it read once, unless it is still at it."""
        if self.busy:
            self.late = True
            return
        self.late = False
        self._asked_s = time.monotonic()
        self._orders.put(Task.READ)

    def edge(self, order: EdgeOrder) -> None:
        """Have it watch its counter; a card that is late is not asked."""
        if not self.late:
            self._orders.put(order)

    def look(self) -> None:
        """Have it look at its power, unless it has a counter or is at it; every 0.1 s or so."""
        card = self._card
        counts = card is None or card.energy_j is not None or card.power_w is None
        if not counts and not self.late and not self._looks:
            self._looks = True
            self._orders.put(Task.LOOK)

    def end_looking(self) -> None:
        """Have it add up its power no longer."""
        self._orders.put(Task.END_LOOKING)

    def card(self) -> Card:
        """Its last word, or that it hangs."""
        card, asked_s = self._card, self._asked_s
        if asked_s is not None and time.monotonic() - asked_s > HUNG_AFTER_S:
            index = self.reader.index
            uuid, name = (card.uuid, card.name) if card else ("", UNNAMED)
            return Card(index=index, uuid=uuid, name=name, fault=HANGS)
        if card is None:
            return Card(index=self.reader.index, uuid="", name=UNNAMED, fault="has not answered")
        return card

    def _run(self) -> None:
        while True:
            order = self._orders.get()
            # A card that hangs on its turn must not keep the others from theirs.
            mine = self._turn is not None and self._turn.acquire(timeout=TURN_S)
            self._flags[self.reader.index] = 1
            match order:
                case EdgeOrder():
                    ticks = _watched(self.reader, order.ticks)
                    if ticks is None and self._adds_up():
                        ticks = self._drawn_until_now()
                    if ticks is not None:
                        self._told(order, ticks)
                case Task.READ:
                    card = self._read()
                    with self._done:
                        self._card, self._asked_s = card, None
                        self._done.notify()
                case Task.LOOK:
                    self._drawn_until_now()
                    self._looks = False
                case Task.END_LOOKING:
                    self._drawn.end()
            self._flags[self.reader.index] = 0
            if mine and self._turn is not None:
                self._turn.release()

    def _drawn_until_now(self) -> Ticks | None:
        """The sum of the card's power; None where it has a counter, or tells no power."""
        card = self._card
        if card is None or card.energy_j is not None:
            return None
        try:
            at_s = time.time()
            power = self.reader.read_power()
        except Refusal:
            return None
        if power is None:
            return None
        watts, lag_s = power
        self._drawn.take(at_s, watts)
        return Ticks(
            uuid=self.reader.uuid(),
            asked_s=at_s,
            asked_j=self._drawn.joules,
            tick_s=None,
            tick_j=None,
            length_s=None,
            asked_w=watts,
            tick_w=watts,
            since_s=self._drawn.since_s,
            off_j=self._drawn.off_j,
            lag_s=lag_s,
        )

    def _read(self) -> Card:
        try:
            return self.reader.read()
        except Exception as error:
            # A thread that ends would look like a card that hangs.
            why = f"cannot be read ({type(error).__name__})"
            uuid = self.reader.uuid()
            name = self._card.name if self._card else UNNAMED
            return Card(index=self.reader.index, uuid=uuid, name=name, fault=why)


def _watched(reader: CardReader, wanted: int) -> Ticks | None:
    """The counter now and at its next ticks; None where there is none."""
    try:
        began_s = time.time()
        first = reader.read_meter()
        if first is None:
            return None
        seen = Ticks(
            uuid=reader.uuid(),
            asked_s=began_s,
            asked_j=first[0] / 1000,
            tick_s=None,
            tick_j=None,
            length_s=None,
            asked_w=first[1],
            tick_w=None,
        )
        last_s, last_mj = began_s, first[0]
        while last_s - began_s < EDGE_MOST_S * wanted:
            time.sleep(POLL_S)
            at_s = time.time()
            now = reader.read_meter()
            if now is None:
                return None
            if now[0] != last_mj:
                # It ticked between the last look and this one.
                tick_s = (last_s + at_s) / 2
                if seen.tick_s is not None:
                    return seen._replace(length_s=tick_s - seen.tick_s)
                seen = seen._replace(tick_s=tick_s, tick_j=now[0] / 1000, tick_w=now[1])
                if wanted == 1:
                    break
            last_s, last_mj = at_s, now[0]
        return seen
    except Refusal:
        return None
