"""The console with a model that sends a long reply at a steady rate, for a real terminal.

`python -m tests.bench.streaming (prose|code|line) TOKENS PER_SECOND`; the first message gets a
long reply at once, so that the second one grows below a long conversation.
"""

import asyncio
import sys
import time

from console.core.chat import Delta
from console.core.tier import Tier
from console.ui.app import run
from tests.ui.conftest import Parts

SENTENCE = "The card is **busy** with a batch of `matmul` calls, so its clock was lowered. "
PARAGRAPHS = (
    SENTENCE * 4 + "\n\n",
    "- one thing\n- and another\n- and `a third`\n\n",
    "```python\ndef cap(gpu, watts):\n    return run('nvidia-smi', gpu, watts)\n```\n\n",
    "| gpu | power |\n|---|---:|\n| 0 | 340 W |\n| 1 | 201 W |\n\n",
    "1. " + SENTENCE + "\n2. " + SENTENCE + "\n\n",
)
TEXTS = {
    "prose": "".join(PARAGRAPHS) * 70,
    "code": "```python\n" + "value = compute(value, step=1)  # once more\n" * 600,
    "line": "word " * 6_000,
}


def tokens(text, count):
    """A text as that many pieces of four characters, the usual length of a token."""
    return [text[at : at + 4] for at in range(0, len(text), 4)][:count]


class Paced:
    """A model that sends its tokens at a steady rate."""

    def __init__(self, source, pieces, per_s):
        self._source, self._pieces, self._per_s = source, pieces, per_s
        self.provider, self.model, self.shape = source.provider, source.model, source.shape

    async def probe(self):
        return await self._source.probe()

    async def ready(self):
        pass

    async def stream(self, prompt):
        if len(prompt.turns) == 1:
            yield Delta(TEXTS["prose"])
            return
        began = time.monotonic()
        for n, piece in enumerate(self._pieces):
            ahead = n / self._per_s - (time.monotonic() - began)
            if ahead > 0:
                await asyncio.sleep(ahead)
            yield Delta(piece)


async def main(kind="prose", count="6000", per_s="300"):
    parts = Parts()
    pieces = tokens(TEXTS[kind], int(count))
    parts.tiers[Tier.LOCAL] = Paced(parts.tiers[Tier.LOCAL], pieces, float(per_s))
    parts.clock.monotonic = time.monotonic
    parts.console.dispatcher.tiers = type(parts.console.dispatcher.tiers).of(parts.tiers)
    try:
        return await run(parts.console)
    finally:
        await parts.books.aclose()


if __name__ == "__main__":
    sys.exit(asyncio.run(main(*sys.argv[1:])))
