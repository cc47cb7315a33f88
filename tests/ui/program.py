"""The console over the tests' small parts as a program of its own, for a real terminal.

`python -m tests.ui.program` [samples per second] [what a model says]
"""

import asyncio
import math
import sys

from console.core.chat import Delta
from console.core.tier import Tier
from console.ui.app import run
from tests.ui.conftest import NOW, Parts, card, entry, snapshot


async def main(per_second=1.0, says="Hello."):
    parts = Parts(demo=True)
    never = asyncio.Event()
    parts.tiers[Tier.LOCAL].script = (Delta(says), never)
    for number in range(40):
        tier = Tier.API if number % 3 == 1 else Tier.LOCAL
        parts.ledger.open_entry(entry(number, tier, model=says if number == 3 else "llama3.1:8b"))
    feeding = asyncio.create_task(feed(parts, per_second, says))
    try:
        return await run(parts.console)
    finally:
        feeding.cancel()
        await parts.books.aclose()


async def feed(parts, per_second, says):
    number = 0
    while per_second:
        cards = [
            card(place, util_pct=50 + 40 * math.sin(number / 9 + place), name=says)
            for place in range(2)
        ]
        parts.gpus.queue.put_nowait(snapshot(*cards, at_ms=NOW + number * 1000))
        number += 1
        await asyncio.sleep(1 / per_second)


if __name__ == "__main__":
    arguments = sys.argv[1:]
    sys.exit(asyncio.run(main(float(arguments[0]) if arguments else 1.0, *arguments[1:])))
