"""One NVML child and its pipes, from its start to its end."""

import asyncio
import json
import mmap
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from console.core.edge import Edge
from console.core.gpu import Snapshot
from console.core.gpu_json import from_json
from console.sources.gpu.adopted import Adopted, adopt
from console.sources.gpu.early import EarlyReader
from console.sources.gpu.edge import edge_from
from console.sources.gpu.start import CHILD, LOOK_AGAIN, MOST_CARDS, Start

LONGEST_LINE_B = 1 << 20


@dataclass(frozen=True, slots=True)
class Said:
    """The child wrote a snapshot."""

    snapshot: Snapshot


@dataclass(frozen=True, slots=True)
class AskedAgain:
    """The child found another number of cards than at its start."""


@dataclass(frozen=True, slots=True)
class Gone:
    """The child ended, or what it wrote is no snapshot (`garbled`).

    `how` names a crash, None an end that asks to be started again. `suspects` are the indices of
    the cards it was calling the driver for.
    """

    how: str | None
    suspects: tuple[int, ...] = ()
    garbled: bool = False


News = Said | AskedAgain | Gone


class Reader:
    """A running child. `tell` hears its news in order; Gone is the last."""

    def __init__(
        self, process: Process | Adopted, flags: mmap.mmap, tell: Callable[[News], None]
    ) -> None:
        self.pid = process.pid
        self.latest: Snapshot | None = None
        self.lines = 0
        self._process = process
        self._flags = flags
        self._tell = tell
        self._edges: dict[str, list[Edge]] = {}
        self._arrived = asyncio.Event()
        self._reading = asyncio.create_task(self._read())

    @classmethod
    async def start(
        cls,
        interval_s: float,
        tell: Callable[["Reader", News], None],
        *,
        without: tuple[int, ...] = (),
        one_by_one: bool = False,
        sysfs: str = "/sys",
    ) -> "Reader":
        """Start a child that does not touch the cards `without`; raises OSError."""
        memory = os.memfd_create("llmconsole-gpu")
        try:
            os.ftruncate(memory, MOST_CARDS)
            flags = mmap.mmap(memory, MOST_CARDS)
            start = Start(
                interval_s=interval_s,
                flags_fd=memory,
                without=without,
                one_by_one=one_by_one,
                sysfs=sysfs,
            )
            # It imports from where this process does (so that -S need not look for packages), and
            # never from where the operator stands (-P). In a process group of its own: ctrl+c at
            # the terminal is the console's alone.
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-P", "-S", "-m", CHILD, start.argument()),
                stdin=PIPE,
                stdout=PIPE,
                stderr=DEVNULL,
                process_group=0,
                pass_fds=(memory,),
                limit=LONGEST_LINE_B,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            )
        finally:
            os.close(memory)
        reader = cls(process, flags, lambda news: tell(reader, news))
        return reader

    @classmethod
    async def adopt(cls, early: EarlyReader, tell: Callable[["Reader", News], None]) -> "Reader":
        """Go on with a child that was started before there was a loop."""
        process = await adopt(early, LONGEST_LINE_B)
        reader = cls(process, early.flags, lambda news: tell(reader, news))
        return reader

    def order(self, line: str) -> None:
        """Send an order; a child that ended hears nothing."""
        stdin = self._process.stdin
        if stdin is not None and not stdin.is_closing():
            stdin.write(f"{line}\n".encode())

    async def edges(self, id: str, ticks: int, cards: int, wait_s: float) -> list[Edge]:
        """Watch the counters until they ticked; fewer than `cards` where some did not answer."""
        answers = self._edges[id] = []
        try:
            self.order(f"edge {id} {ticks}")
            with suppress(TimeoutError):
                async with asyncio.timeout(wait_s):
                    while len(answers) < cards and not self._reading.done():
                        self._arrived.clear()
                        await self._arrived.wait()
        finally:
            del self._edges[id]
        return answers

    async def end(self) -> None:
        """Kill the child, and wait a moment for it."""
        self._reading.cancel()
        process = self._process
        assert process.stdin is not None and process.stdout is not None
        process.stdin.close()
        if process.returncode is None:
            # Not process.kill(): it reaps a child that has just ended, and asyncio then misses it.
            with suppress(ProcessLookupError):
                os.kill(process.pid, signal.SIGKILL)
        # A process inside a driver that hangs in the kernel outlives SIGKILL: nobody waits for it.
        with suppress(TimeoutError):
            async with asyncio.timeout(1):
                await asyncio.wait([self._reading])
                await process.wait()
                while await process.stdout.read(65536):
                    pass
        with suppress(OSError):
            await process.stdin.wait_closed()
        self._flags.close()

    async def _read(self) -> None:
        assert self._process.stdout is not None
        try:
            while line := await self._process.stdout.readline():
                self._take(line)
        except (ValueError, KeyError, TypeError):
            self._tell(Gone("nonsense", garbled=True))
            return
        finally:
            self._arrived.set()
        suspects = tuple(index for index in range(MOST_CARDS) if self._flags[index])
        self._tell(Gone(_ending(await self._process.wait()), suspects))

    def _take(self, line: bytes) -> None:
        # Anything but a snapshot begins with its own name.
        if line.startswith(b'{"edge"'):
            answer = json.loads(line)
            answers = self._edges.get(answer["edge"])
            if answers is not None:
                answers.append(edge_from(answer))
                self._arrived.set()
            return
        if line.startswith(b'{"again"'):
            self._tell(AskedAgain())
            return
        self.latest = from_json(line)
        self.lines += 1
        self._tell(Said(self.latest))


def _ending(status: int) -> str | None:
    """How a child ended; None for one that asks to be started again."""
    if status == LOOK_AGAIN:
        return None
    if status < 0:
        with suppress(ValueError):
            return signal.Signals(-status).name
    return f"status {status}"
