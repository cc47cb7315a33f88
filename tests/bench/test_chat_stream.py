"""What a long, quick reply costs: processor time and how long the event loop is held."""

import asyncio
import time
from statistics import quantiles

import pytest

from console.core.chat import Delta
from console.core.tier import Tier
from console.services.tiers import Tiers
from tests.ui.chat.host import chatting

TOKENS, PER_S = 6_000, 300
SENTENCE = "The card is **busy** with a batch of `matmul` calls, so its clock was lowered. "
PARAGRAPHS = (
    SENTENCE * 4 + "\n\n",
    "- one thing\n- and another\n- and `a third`\n\n",
    "```python\ndef cap(gpu, watts):\n    return run('nvidia-smi', gpu, watts)\n```\n\n",
    "| gpu | power |\n|---|---:|\n| 0 | 340 W |\n| 1 | 201 W |\n\n",
    "1. " + SENTENCE + "\n2. " + SENTENCE + "\n\n",
)
PROSE = "".join(PARAGRAPHS) * 70
CODE = "```python\n" + "value = compute(value, step=1)  # once more\n" * 600
LINE = "word " * 6_000


def tokens(text, count):
    return [text[at : at + 4] for at in range(0, len(text), 4)][:count]


class Paced:
    """A model that sends its tokens at a steady rate."""

    def __init__(self, source, pieces):
        self._source, self._pieces = source, pieces
        self.provider, self.model, self.shape = source.provider, source.model, source.shape

    async def stream(self, prompt):
        began = time.monotonic()
        for n, piece in enumerate(self._pieces):
            ahead = n / PER_S - (time.monotonic() - began)
            if ahead > 0:
                await asyncio.sleep(ahead)
            yield Delta(piece)


async def lags(into, every=0.005):
    """How late the loop wakes, in ms."""
    while True:
        due = time.monotonic() + every
        await asyncio.sleep(every)
        into.append((time.monotonic() - due) * 1000)


@pytest.mark.bench
@pytest.mark.parametrize(("name", "text"), [("prose", PROSE), ("code", CODE), ("line", LINE)])
async def test_streaming(name, text):
    async with chatting([Delta(PROSE)], size=(120, 40)) as bench:
        await bench.send("a conversation that is long already")
        await bench.settled()
        await bench.send("/tier local")
        pieces = tokens(text, TOKENS)
        paced = {Tier.LOCAL: Paced(bench.local, pieces), Tier.API: bench.api}
        bench.dispatcher.tiers = Tiers.of(paced)
        late = []
        watch = asyncio.create_task(lags(late))
        wall, cpu = time.monotonic(), time.process_time()
        await bench.send("go")
        await bench.app.workers.wait_for_complete()
        wall, cpu = time.monotonic() - wall, time.process_time() - cpu
        watch.cancel()
        cut = quantiles(late, n=100)
        print(f"\n{name}: {len(pieces)} tokens in {wall:.1f} s, {cpu / wall:.0%} of a core, "
              f"lag p50 {cut[49]:.1f} p99 {cut[98]:.1f} max {max(late):.1f} ms")  # fmt: skip


@pytest.mark.bench
async def test_resizing_a_long_conversation():
    async with chatting([Delta(PROSE * 3)], size=(120, 40)) as bench:
        await bench.send("go")
        began = time.monotonic()
        await bench.settled()
        drawn = time.monotonic() - began
        late = []
        watch = asyncio.create_task(lags(late))
        await bench.pilot.resize_terminal(80, 24)
        await asyncio.sleep(3)
        watch.cancel()
        print(f"\n{len(bench.transcript._rows)} rows drawn in {drawn * 1000:.0f} ms; "
              f"resize: lag max {max(late):.0f} ms")  # fmt: skip
