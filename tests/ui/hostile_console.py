"""The console where everything that comes from elsewhere tries to command the terminal.

`python -m tests.ui.hostile_console`: replies come one character at a time; the API fails.
"""

import asyncio
import sys
from dataclasses import replace

from console.core.chat import Delta, FailureKind, ModelFailure, Reported, Thinking
from console.core.entry import Ending, Price
from console.core.gpu import Process
from console.core.settings import Settings
from console.core.tier import Tier
from console.ui.app import run
from tests.ui.conftest import NOW, Parts, card, entry, snapshot
from tests.ui.hostile import ATTACKS, MARKUP

ALL = [*ATTACKS.values(), *MARKUP]
WHOLE = " ".join(ALL)
REPLY = "\n\n".join(
    [
        *ALL,
        *(f"**{text}** `{text}` [{text}](http://{text})" for text in ALL),
        *(f"# {text}\n\n> {text}\n\n- {text}\n  1. {text}" for text in ALL[:6]),
        "\n".join(["| a | b |", "|---|---|", *(f"| {text} | {text} |" for text in ALL[:6])]),
        f"```{WHOLE}\n{WHOLE}\n```",
        "the end of all attacks",
    ]
)


def rows():
    """Ledger rows whose every text is an attack."""
    for number, text in enumerate(ALL * 2):
        row = entry(number, Tier.API if number % 2 else Tier.LOCAL, model=text)
        yield replace(
            row,
            reason=text, conversation=text, tag=text, system_name=text, error=text,
            model_reported=text, model_digest=text, response_id=f"{number}{text}",
            provider=text, policy=text, usage_raw=text, origin=text,
            ending=Ending.ERROR if number % 5 == 0 else Ending.DONE,
            price=Price(text, text, text, text), shadow_price=Price(text, text, text, text),
        )  # fmt: skip


def processes(text):
    """Programs on a card that call themselves so."""
    shown = Process(pid=1, user=text, command=text, memory_b=1, model=text)
    return (shown, Process(pid=2, kind=text, hidden=text))


async def main():
    parts = Parts(Settings(theme=WHOLE, keys={WHOLE: WHOLE, "zoom": WHOLE}))
    parts.console = replace(parts.console, host=WHOLE)
    local, api = parts.tiers[Tier.LOCAL], parts.tiers[Tier.API]
    local.model, api.model = WHOLE, WHOLE
    local.script = (
        *(Thinking(c) for c in WHOLE),
        *(Delta(c) for c in REPLY),
        Reported({"prompt_eval_count": 9, "eval_count": 3}, final=True, model=WHOLE, digest=WHOLE),
    )
    api.script = (ModelFailure(FailureKind.SERVER, WHOLE, hint=WHOLE),)
    parts.ledger.notice = ATTACKS["clear and home"]
    for row in rows():
        parts.ledger.open_entry(row)
    for number, text in enumerate(ALL):
        parts.gpus.queue.put_nowait(
            snapshot(card(name=text, processes=processes(text)), card(1, name=WHOLE),
                     at_ms=NOW + number * 1000, trouble=text if number % 3 == 2 else None)
        )  # fmt: skip
    try:
        return await run(parts.console)
    finally:
        await parts.books.aclose()


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
