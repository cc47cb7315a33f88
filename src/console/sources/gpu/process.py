"""The console's side of the NVML child: starts it, reads it, replaces it."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncGenerator
from contextlib import suppress
from dataclasses import dataclass, replace

from console.core.gpu import Card, Snapshot
from console.core.gpu_json import from_json
from console.sources.gpu import Clock
from console.sources.gpu import child as reader

SILENT = "The GPU driver does not answer; looking again."
GARBLED = "The GPU reader sent something that is no snapshot; looking again."


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long a child may be silent and how long to wait before the next one, in seconds.

    `opening_s` is for its first line: opening the driver wakes every card, which takes seconds
    on a box without persistence mode. Waits double from `wait_s` to `wait_most_s`, and start
    again at `wait_s` after a child that lived longer than that.
    """

    silent_s: float = 3.0
    opening_s: float = 20.0
    wait_s: float = 1.0
    wait_most_s: float = 30.0


class NvmlSource:
    """The box's own GPUs, read by a child process; one stream at a time.

    While there is trouble a snapshot comes per look, not per interval.
    """

    def __init__(self, clock: Clock, patience: Patience | None = None) -> None:
        self._clock = clock
        self._patience = patience or Patience()
        self._interval_s = 1.0
        self._child: Process | None = None
        self._known: dict[int, Card] = {}

    async def snapshots(self, interval_s: float) -> AsyncGenerator[Snapshot, None]:
        """One snapshot per interval, for ever; closing the iterator ends the child."""
        self._interval_s = interval_s
        patience, loop = self._patience, asyncio.get_running_loop()
        wait_s = patience.wait_s
        while True:
            began = loop.time()
            healthy = False
            trouble: str | None = None
            try:
                self._child = await self._start()
                allowed_s: float | None = patience.opening_s
                while line := await self._line(self._child, allowed_s):
                    snapshot = self._named(from_json(line))
                    healthy, allowed_s = snapshot.trouble is None, None
                    yield snapshot
                async with asyncio.timeout(patience.silent_s):
                    trouble = _ending(await self._child.wait())
            except TimeoutError:
                trouble = SILENT
            except ValueError:
                trouble = GARBLED
            except OSError as error:
                trouble = f"The GPU reader cannot be started ({error.strerror}); looking again."
            finally:
                await self._end()
            if trouble:
                yield Snapshot(at_ms=self._clock.now_ms(), trouble=trouble)
            elif healthy:
                continue  # only a card was lost: its neighbours are not kept waiting
            if loop.time() - began > patience.wait_most_s:
                wait_s = patience.wait_s
            await asyncio.sleep(wait_s)
            wait_s = min(2 * wait_s, patience.wait_most_s)

    def set_interval(self, interval_s: float) -> None:
        """Change the pace of the stream that is under way."""
        self._interval_s = interval_s
        if self._child is not None and self._child.stdin is not None:
            self._child.stdin.write(f"interval {interval_s}\n".encode())

    async def _start(self) -> Process:
        # It imports from where this process does, and never from where the operator stands (-P).
        # In a process group of its own: ctrl+c at the terminal is the console's alone.
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", reader.__name__, str(self._interval_s)),
            stdin=PIPE,
            stdout=PIPE,
            stderr=DEVNULL,
            process_group=0,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        )

    async def _line(self, child: Process, allowed_s: float | None) -> bytes:
        """The next line, or b"" at the end. Raises TimeoutError when the child is silent."""
        assert child.stdout is not None
        # Two halves: after this process itself was stopped for a while (ctrl+z, a suspended
        # laptop) the first runs out although the line is there, and the second finds it.
        for _ in range(2):
            half_s = (allowed_s or max(self._patience.silent_s, 3 * self._interval_s)) / 2
            with suppress(TimeoutError):
                async with asyncio.timeout(half_s):
                    return await child.stdout.readline()
        raise TimeoutError

    async def _end(self) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        assert child.stdin is not None and child.stdout is not None
        child.stdin.close()
        with suppress(ProcessLookupError):
            child.kill()
        # A process inside a driver that hangs in the kernel outlives SIGKILL: nobody waits for it.
        with suppress(TimeoutError):
            async with asyncio.timeout(1):
                await child.wait()
                while await child.stdout.read(65536):
                    pass
        with suppress(OSError):
            await child.stdin.wait_closed()

    def _named(self, snapshot: Snapshot) -> Snapshot:
        """The snapshot with cards that cannot say who they are named as they were before."""
        cards = []
        for card in snapshot.cards:
            before = self._known.get(card.index)
            if card.uuid:
                self._known[card.index] = card
            elif before is not None:
                card = replace(card, uuid=before.uuid, name=before.name)
            cards.append(card)
        return replace(snapshot, cards=tuple(cards))


def _ending(status: int) -> str | None:
    """What an exit status means in a sentence; None for a child that asks to be started again."""
    if status == reader.LOOK_AGAIN:
        return None
    how = f"status {status}"
    if status < 0:
        with suppress(ValueError):
            how = signal.Signals(-status).name
    return f"The GPU reader crashed ({how}); looking again."
