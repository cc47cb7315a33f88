"""Small in-memory ends of the ports, for tests that watch the services themselves."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from console.core.chat import Attached, Attachment, Probe, SystemPrompt
from console.core.pricing import PriceCard
from console.core.usage import WireShape
from tests.sums import scan


class Clock:
    """A clock that moves only when told."""

    def __init__(self, now_ms=1_795_000_000_000):
        self.ms = now_ms

    def now_ms(self):
        return self.ms

    def monotonic(self):
        return self.ms / 1000

    def zone(self):
        return "UTC"

    def midnight_ms(self, days_ago=0):
        return self.ms - self.ms % 86_400_000 - days_ago * 86_400_000

    def month_start_ms(self):
        return self.midnight_ms(23)


class GivenFiles:
    """Files by name and text, and what was written."""

    def __init__(self, texts):
        self.texts = dict(texts)

    def attach(self, pattern):
        if pattern not in self.texts:
            raise ValueError(f"{pattern} does not exist.")
        return Attached((Attachment(pattern, self.texts[pattern], None, f"/{pattern}"),))

    def complete(self, start):
        return sorted(name for name in self.texts if name.startswith(start))

    def write(self, path, text):
        self.texts[path] = text
        return f"/{path}"


class GivenEditor:
    """An editor that changes a text as it was told to."""

    def __init__(self, change=str.upper):
        self.change = change

    def edit(self, text):
        return self.change(text)


class GivenPrompts:
    """System prompts by name, and which were used."""

    def __init__(self, **texts):
        self.texts = texts
        self.seen = []

    def names(self):
        return sorted(self.texts)

    def read(self, name):
        if name not in self.texts:
            raise ValueError(f"There is no system prompt {name}.")
        return SystemPrompt(name, self.texts[name])

    def used(self, prompt):
        self.seen.append(prompt)


class MemoryLedger:
    """Rows in a dict, with a log of every write; `broken` makes each use fail."""

    notice = None

    def __init__(self):
        self.rows = {}
        self.writes = []
        self.said = {}
        self.broken = None
        self.unpinnings = []

    def _use(self):
        if self.broken:
            raise OSError(self.broken)

    def open_entry(self, entry):
        self._use()
        self.writes.append(("open", entry))
        self.rows[entry.id] = entry

    def close_entry(self, entry):
        self._use()
        self.writes.append(("close", entry))
        self.rows[entry.id] = entry

    def keep_verdict(self, verdict):
        self._use()
        self.said[verdict.pair] = verdict

    def keep_unpinning(self, at_ms, conversation, pin, reason):
        self._use()
        self.unpinnings.append((at_ms, conversation, pin, reason))

    def verdicts(self):
        return sorted(self.said.values(), key=lambda verdict: (verdict.at_ms, verdict.pair))

    def recent(self, limit, before=None):
        self._use()
        rows = sorted(self.rows.values(), key=lambda row: (row.started_ms, row.id), reverse=True)
        return [row for row in rows if before is None or (row.started_ms, row.id) < before][:limit]

    def get(self, id):
        self._use()
        found = [row for key, row in self.rows.items() if key.startswith(id)]
        return found[0] if len(found) == 1 else None

    def kin(self, entry):
        family = {entry.id, entry.parent} - {None}
        rows = [row for row in self.rows.values() if {row.id, row.parent} & family]
        return sorted(rows, key=lambda row: (row.started_ms, row.id))

    def reader(self):
        return self

    def first_ms(self):
        return min((row.started_ms for row in self.rows.values()), default=None)

    def totals(self, since_ms=None, until_ms=None):
        self._use()
        window = range(since_ms or 0, until_ms or 2**62)
        return scan([row for row in self.rows.values() if row.started_ms in window])

    def change_stamp(self):
        self._use()
        return len(self.writes)

    def close(self):
        pass


@dataclass
class ScriptedModel:
    """A model source that plays a script: chunks, failures, or an Event to wait for."""

    script: Iterable = ()
    provider: str = "ollama"
    model: str = "llama3.1:8b"
    shape: WireShape = WireShape.OLLAMA
    prompts: list = field(default_factory=list)
    closed: int = 0
    arrived: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def prompted(self, times):
        """Wait until that many prompts have come."""
        async with self.arrived:
            await self.arrived.wait_for(lambda: len(self.prompts) >= times)

    async def stream(self, prompt):
        self.prompts.append(prompt)
        async with self.arrived:
            self.arrived.notify_all()
        try:
            for step in self.script:
                if isinstance(step, BaseException):
                    raise step
                if isinstance(step, asyncio.Event):
                    await step.wait()
                    continue
                await asyncio.sleep(0)
                yield step
        finally:
            self.closed += 1

    async def probe(self):
        return Probe(ok=True)

    async def ready(self):
        pass

    async def residence(self):
        return None

    async def count(self, prompt):
        self.prompts.append(prompt)
        return 7

    async def loaded(self):
        return ()

    async def aclose(self):
        pass


SONNET = PriceCard(provider="anthropic", model="claude-sonnet-5-5", input=Decimal(2),
                   output=Decimal(10), source="test list", effective="2026-10-01")  # fmt: skip


class ListedPrices:
    """Knows one card."""

    def card(self, provider, model, at_ms):
        return SONNET if (provider, model) == (SONNET.provider, SONNET.model) else None
