"""A whole console over small ends of the ports, under a clock that stands still."""

import asyncio
import itertools
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest

from console.core.chat import Delta, Reported
from console.core.entry import Ending, EnergySource, Entry, Price
from console.core.gpu import Card, Snapshot
from console.core.settings import Settings
from console.core.tier import Tier
from console.core.usage import Usage, UsageSource, WireShape
from console.services.archive import Archive
from console.services.books import Books
from console.services.calculator import Calculator
from console.services.compare import Comparer
from console.services.console import Console
from console.services.dispatcher import Dispatcher
from console.services.electricity import Electricity
from console.services.estimate import Estimator
from console.services.health import Health
from console.services.meter import Meter
from console.services.sampler import Sampler
from console.services.tiers import Tiers
from console.sources.conversations.store import SqliteConversations
from console.sources.ledger.traffic import LedgerTraffic
from console.sources.scenarios import Shelf
from console.ui.app import ConsoleApp
from tests.services.fakes import (
    Clock,
    GivenEditor,
    GivenFiles,
    GivenPrompts,
    ListedPrices,
    MemoryLedger,
    ScriptedModel,
)

NOW = 1_795_003_470_000  # 2026-11-18 12:04:30 UTC


class MemoryState:
    """What the operator left open, for one test."""

    def __init__(self, **values):
        self.values = values

    def get(self, name):
        return self.values.get(name)

    def put(self, name, value):
        self.values[name] = value


class KeptCopies:
    """Texts that were written to files, for one test."""

    def __init__(self):
        self.texts = []

    def keep(self, text, now_ms):
        self.texts.append(text)
        return f"/state/copies/{len(self.texts)}.txt"


class StillGpus:
    """A source of GPU snapshots that says what the test hands it."""

    def __init__(self):
        self.queue = asyncio.Queue()
        self.intervals = []
        self.open = 0

    async def edges(self, ticks):
        return []

    def profile(self, uuids):
        pass

    def integrate(self, on):
        pass

    def set_interval(self, interval_s):
        self.intervals.append(interval_s)

    async def snapshots(self, interval_s):
        self.open += 1
        try:
            while True:
                yield await self.queue.get()
        finally:
            self.open -= 1


class Ledger(MemoryLedger):
    """Rows in memory, also read from their old end."""

    def newer(self, limit, after=None):
        rows = self.recent(10**9)
        if after is not None:
            rows = [row for row in rows if (row.started_ms, row.id) > after]
        return rows[-limit:] if limit else []


def card(index=0, **values):
    fields = {
        "name": "NVIDIA H200", "util_pct": 64.0, "power_w": 340.0, "power_limit_w": 700.0,
        "temperature_c": 61.0,
        "memory_used_b": 43_057_000_000, "memory_total_b": 150_754_820_096,
    }  # fmt: skip
    return Card(index=index, uuid=f"GPU-{index}", **(fields | values))


def snapshot(*cards, at_ms=NOW, **values):
    return Snapshot(at_ms=at_ms, cards=cards, **values)


LIST = Price("genai-prices 0.2.3", "2026-10-01", "$ per 1M tokens: in 2, cache read 0.2, out 10")


def entry(number, tier=Tier.LOCAL, **values):
    """A finished request, a minute older for each number."""
    started = NOW - number * 61_000
    tokens = 200 + 37 * number
    row = Entry(
        id=f"{number:04d}",
        started_ms=started,
        zone="UTC",
        tier=tier,
        provider="ollama" if tier is Tier.LOCAL else "anthropic",
        model="llama3.1:8b" if tier is Tier.LOCAL else "claude-sonnet-5-5",
        policy="article",
        reason="routine" if tier is Tier.LOCAL else 'complex: "analyze"',
        ended_ms=started + 2_400 + 100 * number,
        ending=Ending.DONE,
        ttft_ms=180 + 9 * number,
        prompt_chars=4 * tokens,
        usage=Usage(uncached=tokens, output=80 + 11 * number),
        usage_source=UsageSource.REPORTED,
        reply_chars=900,
        reply_bytes=910,
    )
    if tier is Tier.API:
        row = replace(row, cost_nano=1_370_000 + 21_000 * number, price=LIST)
    else:
        row = replace(
            row, energy_j=812.0, energy_source=EnergySource.ESTIMATED, energy_nano=42_404,
            tariff_usd_per_kwh="0.188", shadow_nano=1_480_000, shadow_price=LIST,
        )  # fmt: skip
    return replace(row, **values)


class Parts:
    """The services of a console and the ends a test holds."""

    def __init__(self, settings=None, demo=False, state=None):
        self.clock = Clock(NOW)
        self.gpus = StillGpus()
        self.ledger = Ledger()
        self.settings = settings or Settings()
        self.state = state or MemoryState()
        self.copies = KeptCopies()
        reply = (Delta("Hello."), Reported({"prompt_eval_count": 9, "eval_count": 3}, final=True))
        self.tiers = {
            Tier.LOCAL: ScriptedModel(reply),
            Tier.API: ScriptedModel(
                reply, provider="anthropic", model="claude-sonnet-5-5", shape=WireShape.ANTHROPIC
            ),
        }
        ids = itertools.count()
        self.books = Books(lambda: self.ledger, self.clock)
        self.sampler = Sampler(self.gpus, self.clock)
        dispatcher = Dispatcher(
            Tiers.of(self.tiers), self.books, ListedPrices(), self.clock, self.settings,
            new_id=lambda: f"new{next(ids)}",
        )  # fmt: skip
        self.console = Console(
            settings=self.settings,
            clock=self.clock,
            sampler=self.sampler,
            meter=Meter(self.sampler, self.clock),
            electricity=Electricity(self.sampler, self.clock, self.settings.tariff),
            books=self.books,
            dispatcher=dispatcher,
            comparer=self.comparer(dispatcher, self.books),
            health=Health(Tiers.of(self.tiers), None),
            state=self.state,
            open_calculator=lambda: Calculator(
                prices=ListedPrices(), ledger=LedgerTraffic(Path("/nowhere/ledger.db")),
                clock=self.clock, settings=self.settings, shelf=Shelf(Path("/nowhere/whatif")),
            ),
            files=GivenFiles({}),
            prompts=GivenPrompts(),
            editor=GivenEditor(),
            archive=Archive(lambda: SqliteConversations(None, now_ms=1), self.clock,
                            lambda: f"new{next(ids)}", lasting=False),
            estimator=Estimator(Tiers.of(self.tiers), ListedPrices(), self.clock),
            copies=self.copies,
            new_id=lambda: f"new{next(ids)}",
            host="node7",
            demo=demo,
        )  # fmt: skip

    def comparer(self, dispatcher, books):
        """Compares with the local tier as A."""
        return Comparer(dispatcher, books, self.clock, new_id=lambda: "pair", coin=lambda: True)

    def replace_books(self, books):
        """Keep the books elsewhere."""
        dispatcher = Dispatcher(
            Tiers.of(self.tiers),
            books,
            ListedPrices(),
            self.clock,
            self.settings,
            new_id=self.console.new_id,
        )
        self.books = books
        self.console = replace(
            self.console,
            books=books,
            dispatcher=dispatcher,
            comparer=self.comparer(dispatcher, books),
        )


@pytest.fixture
async def parts():
    made = Parts()
    yield made
    await made.console.archive.aclose()
    await made.books.aclose()


@asynccontextmanager
async def shown(parts, size=(120, 40), **values):
    """The console on a screen of that size, once its first reading has been drawn."""
    app = ConsoleApp(parts.console, **values)
    async with app.run_test(size=size, notifications=True) as pilot:
        await drawn(parts, pilot)
        yield app, pilot
    await app.settle()


async def drawn(parts, pilot):
    """Wait until the ledger has been read and every message has been handled."""
    await pilot.pause()
    with suppress(OSError):
        await parts.books.change_stamp()
    await pilot.pause()
    await pilot.pause()


async def sampled(parts, pilot, *snapshots):
    """Let the sampler take snapshots in, and the panes draw them."""
    for each in snapshots:
        parts.gpus.queue.put_nowait(each)
    while not parts.gpus.queue.empty():
        await pilot.pause()
    await pilot.pause()


def pytest_addoption(parser):
    parser.addoption("--goldens", action="store_true", help="write the golden screens anew")
