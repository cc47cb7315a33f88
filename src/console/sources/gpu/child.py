"""The process that calls NVML, so that a call that hangs or crashes is no one else's.

It writes one snapshot as a line of JSON per interval to its standard output. Between them stand
`{"edge": ID, …}`, a card's answer to an `edge` order, and `{"again": true}` when the number of
cards is another than at its start: a process that opened the driver sees no card come or return.

Its standard input takes orders, one a line: `interval SECONDS`; `edge ID TICKS`, to watch the
energy counters until they ticked; `integrate on` or `off`, to add up the power of cards without a
counter; `profile INDEX …`, to read the profiling metrics of these cards and of no others. The end
of that input means the parent is gone, and ends the process, whatever call it is in.
"""

import json
import mmap
import os
import signal
import sys
import threading
import time
from collections.abc import Sequence
from typing import NoReturn

from console.core.gpu import Card, Snapshot
from console.core.gpu_json import to_line
from console.sources.gpu import bus
from console.sources.gpu.nvml import NO_CARDS, Driver, Refusal
from console.sources.gpu.reading import UNNAMED, CardReader
from console.sources.gpu.start import LOOK_AGAIN, MOST_CARDS, Start
from console.sources.gpu.watch import EdgeOrder, Ticks, Watch

CRASHES = "crashes the driver's library"
PATIENCE_S = 0.25
"""How long a tick waits for a card that answered the tick before; a late one is not waited for."""

OPENING_S = 2.0
"""The same of the first tick: to be opened takes a card its time."""

COUNT_EVERY_S = 5.0
LOOK_EVERY_S = 0.1
"""How often the power of cards without a counter is read while it is added up."""


class Pace:
    """The interval between snapshots, which another thread may change."""

    def __init__(self, interval_s: float) -> None:
        self.interval_s = interval_s
        self._changed = threading.Event()

    def change(self, interval_s: float) -> None:
        """Set the interval and end a wait that is under way."""
        self.interval_s = interval_s
        self._changed.set()

    def wait_until(self, due: float) -> None:
        """Sleep until a monotonic time, or until the interval changes."""
        self._changed.wait(max(0.0, due - time.monotonic()))
        self._changed.clear()


class Wishes:
    """What the parent wants until it says otherwise; it can say so before any card is open."""

    def __init__(self) -> None:
        self.profiled: frozenset[str] = frozenset()
        self.adding_up = threading.Event()


def look(wishes: Wishes, watches: Sequence[Watch]) -> NoReturn:
    """Have cards without an energy counter look at their power, while that is wanted."""
    while True:
        if not wishes.adding_up.is_set():
            for watch in watches:
                watch.end_looking()
            wishes.adding_up.wait()
        for watch in watches:
            watch.look()
        time.sleep(LOOK_EVERY_S)


class Out:
    """Whole lines to the parent, from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()

    def line(self, text: str) -> None:
        """Write one line; without a parent this process ends."""
        data = text.encode() + b"\n"
        with self._lock:
            try:
                while data:
                    data = data[os.write(1, data) :]
            except BrokenPipeError:
                os._exit(0)

    def edge(self, order: EdgeOrder, ticks: Ticks) -> None:
        """Write a card's answer to an order."""
        self.line(json.dumps({"edge": order.id, **ticks._asdict()}))


def obey(pace: Pace, wishes: Wishes, watches: Sequence[Watch]) -> NoReturn:
    """Follow the parent's orders, and end this process when no more can come."""
    unread = b""
    while data := os.read(0, 4096):
        *lines, unread = (unread + data).split(b"\n")
        for line in lines:
            match line.decode().split():
                case ["interval", seconds]:
                    pace.change(float(seconds))
                case ["integrate", wanted]:
                    if wanted == "on":
                        wishes.adding_up.set()
                    else:
                        wishes.adding_up.clear()
                case ["profile", *indices]:
                    wishes.profiled = frozenset(indices)
                    for watch in watches:
                        _profile(watch, wishes)
                case ["edge", id, ticks]:
                    for watch in watches:
                        watch.edge(EdgeOrder(id, int(ticks)))
    # A thread ends the process although the main thread may never come back from its call.
    os._exit(0)


def listen(driver: Driver, watches: Sequence[Watch], count: int, out: Out) -> None:
    """Hear of Xid events, and of cards that came or went."""
    by_index = {watch.reader.index: watch for watch in watches}
    pause_s = 0.1
    while True:
        event = None
        try:
            event = driver.next_xid(COUNT_EVERY_S)
        except Refusal:
            # At first no card is open yet; later none may report events.
            time.sleep(pause_s)
            pause_s = min(2 * pause_s, COUNT_EVERY_S)
        if event is not None and event[0] in by_index:
            by_index[event[0]].reader.struck(event[1])
        driver.read_versions()
        try:
            if driver.count() != count:
                out.line(json.dumps({"again": True}))
        except Refusal:
            continue  # every card says the same at its next turn


def main(start: Start) -> NoReturn:
    """Write snapshots until the parent goes, or until it is time to look again."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    flags = mmap.mmap(start.flags_fd, MOST_CARDS)
    pace, wishes, out, driver = Pace(start.interval_s), Wishes(), Out(), Driver()
    watches: list[Watch] = []
    threading.Thread(target=obey, args=(pace, wishes, watches), daemon=True).start()
    slots = bus.slots(start.sysfs)
    if slots and all(slot.asleep for slot in slots):
        _let_sleep(slots, start.sysfs, pace, out)
    count, trouble = _open(driver)
    if trouble:
        out.line(to_line(Snapshot(at_ms=_now_ms(), trouble=trouble)))
        os._exit(LOOK_AGAIN)
    done = threading.Condition()
    turn = threading.Semaphore() if start.one_by_one else None
    for index in range(count):
        if index not in start.without:
            slot = slots[index] if len(slots) == count else None
            reader = CardReader(
                driver, index, slot, monotonic=time.monotonic, wall=time.time, sysfs=start.sysfs
            )
            watches.append(Watch(reader, done, flags, turn, out.edge, wishes.adding_up.is_set))
            _profile(watches[-1], wishes)
    threading.Thread(target=look, args=(wishes, watches), daemon=True).start()
    threading.Thread(target=listen, args=(driver, watches, count, out), daemon=True).start()
    left_out = [
        Card(index=index, uuid="", name=UNNAMED, fault=CRASHES)
        for index in start.without
        if index < count
    ]
    patience_s = OPENING_S
    while True:
        tick = time.monotonic()
        for watch in watches:
            watch.ask()
        with done:
            done.wait_for(lambda: not any(w.busy and not w.late for w in watches), patience_s)
        patience_s = PATIENCE_S
        cards = [*left_out, *(watch.card() for watch in watches)]
        cards.sort(key=lambda card: card.index)
        out.line(to_line(Snapshot(
            at_ms=_now_ms(), cards=tuple(cards), driver=driver.version, cuda=driver.cuda
        )))  # fmt: skip
        pace.wait_until(tick + pace.interval_s)


def _profile(watch: Watch, wishes: Wishes) -> None:
    watch.reader.profile.wanted = str(watch.reader.index) in wishes.profiled


def _open(driver: Driver) -> tuple[int, str | None]:
    """How many cards there are, or the trouble."""
    trouble = driver.open()
    if trouble:
        return 0, trouble
    try:
        count = min(driver.count(), MOST_CARDS)
    except Refusal as refusal:
        return 0, refusal.trouble
    driver.read_versions()
    return count, None if count else NO_CARDS


def _let_sleep(slots: Sequence[bus.Slot], sysfs: str, pace: Pace, out: Out) -> None:
    """Tell of cards that sleep without opening the driver, until one wakes."""
    cards = tuple(
        Card(index=index, uuid="", name=UNNAMED, pci=slot.pci, fault=bus.ASLEEP)
        for index, slot in enumerate(slots)
    )
    while all(bus.is_asleep(slot.pci, sysfs) for slot in slots):
        tick = time.monotonic()
        out.line(to_line(Snapshot(at_ms=_now_ms(), cards=cards)))
        pace.wait_until(tick + pace.interval_s)


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


if __name__ == "__main__":
    main(Start(**json.loads(sys.argv[1])))
