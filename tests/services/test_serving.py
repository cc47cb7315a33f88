"""What processes serve, learned beside the samples."""

import asyncio

from console.core.gpu import Card, Process, Snapshot
from console.core.serving import Loaded
from console.services.serving import Serving


class Clock:
    s = 0.0

    def monotonic(self):
        return self.s

    def now_ms(self):
        return int(self.s * 1000)


def box(*processes):
    return Snapshot(at_ms=0, cards=(Card(index=0, uuid="a", name="x", processes=processes),))


PLAIN = Process(pid=510, command="python3 serve.py")
TRAINING = Process(pid=645, command="python3 train.py --model big")


def serving(own, models=("random-8b",)):
    """Naming with a server that owns some pids; the pids and the times it was asked."""
    looked, asked = [], []

    async def ask():
        asked.append(1)
        return [Loaded(name) for name in models]

    def find_own(pids):
        looked.append(pids)
        return frozenset(own) & pids

    clock = Clock()
    return Serving(ask, clock, find_own), clock, looked, asked


async def settled(naming, snapshot):
    naming.named(snapshot)
    await naming._asking
    return [process.model for process in naming.named(snapshot).cards[0].processes]


async def test_a_process_behind_the_configured_port_serves_what_the_server_lists():
    naming, clock, looked, asked = serving({510})
    assert await settled(naming, box(PLAIN, TRAINING)) == ["random-8b", None]
    for clock.s in range(1, 29):
        naming.named(box(PLAIN, TRAINING))
    assert looked == [frozenset({510, 645})] and asked == [1], "only when the processes changed"
    clock.s = 31
    assert await settled(naming, box(PLAIN, TRAINING)) == ["random-8b", None]
    assert len(looked) == 2
    assert await settled(naming, box(TRAINING)) == [None]
    assert len(asked) == 2, "without a process of its own the server is not asked"


async def test_which_of_several_models_it_serves_is_not_guessed():
    naming, *_ = serving({510}, models=("a", "b"))
    assert await settled(naming, box(PLAIN)) == [None]


async def test_nothing_is_looked_up_of_processes_that_name_themselves_or_cannot_be_seen():
    naming, _, looked, asked = serving({1, 2, 3})
    naming.named(box(
        Process(pid=1, command="vllm serve Qwen/Qwen3-8B"),
        Process(pid=2, hidden="in another PID namespace"),
        Process(pid=3, kind="graphics", command="/usr/lib/xorg/Xorg"),
    ))  # fmt: skip
    await asyncio.sleep(0)
    assert not looked and not asked and naming._asking is None
