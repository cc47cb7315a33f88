"""A process that writes the ledger for tests: `python -m tests.sources.ledger.writer PATH HOW N`.

`many` opens and closes N rows. `requests` forks a process for each line of its input, which sends
requests the way the console does, for ever, and says on stdout where it stands; when it is gone,
that is said too. A line is the phase to stay in, or `race`, and a number of requests to end first.
"""

import asyncio
import itertools
import os
import sys
from dataclasses import replace
from pathlib import Path

from console.core.chat import Delta, Reported
from console.core.entry import Ending
from console.core.routing.request import Request
from console.core.settings import Settings
from console.core.tier import Tier
from console.core.usage import Usage, UsageSource, WireShape
from console.services.books import Books
from console.services.dispatcher import Dispatcher
from console.services.tiers import Tiers
from console.sources.ledger.store import SqliteLedger
from tests.services.fakes import Clock, ListedPrices
from tests.sources.ledger.test_store import NOW, entry

PHASES = ("opening", "streaming", "usage", "closing")
"""Before the row opens, while the reply streams, when its usage is known, while it closes."""


def say(what: str, about: object) -> None:
    """A line on stdout, whole or not at all, also when the process is killed while it speaks."""
    os.write(1, f"{what} {about}\n".encode())


class Standing:
    """Says where a request stands, and stays in one phase of one request until it is killed."""

    def __init__(self, phase: str, ended: int) -> None:
        self.phase, self.left, self.id = phase, ended, ""

    async def at(self, phase: str) -> None:
        say(phase, self.id)
        if phase == self.phase and not self.left:
            await asyncio.sleep(60)
        self.left -= phase == "closed"


class SayingModel:
    """A local model that says where its reply stands."""

    provider, model, shape = "ollama", "llama3.1:8b", WireShape.OLLAMA

    def __init__(self, standing: Standing) -> None:
        self.standing = standing

    async def ready(self):
        pass

    async def stream(self, prompt):
        for word in ("one", " two"):
            yield Delta(word)
            await self.standing.at("streaming")
        yield Reported({"prompt_eval_count": 1, "eval_count": 2}, final=True)
        await self.standing.at("usage")

    async def aclose(self):
        pass


class SayingBooks(Books):
    """Books that say when a row is about to open and to close."""

    standing: Standing

    async def opened(self, entry, so_far=None):
        self.standing.id = entry.id
        await self.standing.at("opening")
        await super().opened(entry, so_far)

    async def closed(self, entry):
        await self.standing.at("closing")
        await super().closed(entry)


async def send(path: Path, standing: Standing) -> None:
    """Send requests for ever, as a console that has just started does."""

    def opened() -> SqliteLedger:
        ledger = SqliteLedger(path, now_ms=NOW)
        ledger.mark_interrupted()
        return ledger

    clock = Clock(NOW)
    books = SayingBooks(opened, clock)
    books.standing = standing
    numbers = itertools.count()
    model = SayingModel(standing)
    dispatcher = Dispatcher(
        Tiers.of(dict.fromkeys(Tier, model)), books, ListedPrices(), clock, Settings(),
        new_id=lambda: f"{os.getpid()}-{next(numbers)}",
    )  # fmt: skip
    while True:
        await dispatcher.ask(Request(task="hello"), lambda event: None)
        await standing.at("closed")


def fork_for_each_line(path: Path) -> None:
    """Fork a sender per line of input, and say when it is gone."""
    for line in sys.stdin:
        phase, ended = line.split()
        child = os.fork()
        if child == 0:
            say("pid", os.getpid())
            try:
                asyncio.run(send(path, Standing(phase, int(ended))))
            finally:
                os._exit(1)
        os.waitpid(child, 0)
        say("gone", child)


def write_many(path: Path, count: int) -> None:
    """Open and close some rows."""
    ledger = SqliteLedger(path, now_ms=NOW)
    for number in range(count):
        row = entry(f"{os.getpid()}-{number}", started_ms=NOW + number)
        ledger.open_entry(row)
        done = replace(row, ending=Ending.DONE, ended_ms=row.started_ms + 1)
        ledger.close_entry(
            replace(done, usage=Usage(uncached=1, output=2), usage_source=UsageSource.REPORTED)
        )
    ledger.close()


if __name__ == "__main__":
    if sys.argv[2] == "many":
        write_many(Path(sys.argv[1]), int(sys.argv[3]))
    else:
        fork_for_each_line(Path(sys.argv[1]))
