"""Whole screens as text, held to goldens; `pytest --goldens` writes them anew."""

import math
from pathlib import Path

import pytest

from console.core.chat import Delta, Reported
from console.core.entry import Ending
from console.core.tier import Tier
from console.core.usage import Usage
from tests.screen_text import screen_text
from tests.ui.conftest import NOW, Parts, card, drawn, entry, sampled, shown, snapshot

GOLDEN = Path(__file__).parents[1] / "golden"
CASES = {
    "chat-200x60": ((200, 60), ["f1", "f3"]),
    "chat-120x40": ((120, 40), ["f1", "f3"]),
    "chat-80x24": ((80, 24), ["f1", "f3"]),
    "gpu-80x24": ((80, 24), ["f1"]),
    "gpu-zoomed-120x40": ((120, 40), ["f1", "z"]),
    "gpu-40x12": ((40, 12), ["f1"]),
    "ledger-120x40": ((120, 40), ["f2", "j"]),
    "ledger-80x24": ((80, 24), ["f2", "j"]),
    "ledger-40x12": ((40, 12), ["f2", "j"]),
    "ledger-zoomed-200x60": ((200, 60), ["f2", "z"]),
    "help-80x24": ((80, 24), ["f2", "question_mark"]),
    "row-120x40": ((120, 40), ["f2", "j", "x"]),
    "palette-120x40": ((120, 40), ["f2", "colon"]),
}


def rows(parts):
    return list(parts.ledger.rows.values())


@pytest.mark.parametrize("name", CASES)
async def test_the_screen_is_as_it_was(name, request):
    size, keys = CASES[name]
    parts = Parts()
    parts.tiers[Tier.LOCAL].script = (
        Delta("Run `nvidia-smi -i 1 -pl 250` as root."),
        Reported({"prompt_eval_count": 21, "eval_count": 14}, final=True, model="llama3.1:8b"),
    )
    for number in range(1, 60):
        parts.ledger.open_entry(entry(number, Tier.API if number % 3 == 1 else Tier.LOCAL))
    for number, values in {
        5: {"ending": Ending.CANCELLED},
        7: {"ending": Ending.ERROR, "usage": Usage(), "cost_nano": None, "ttft_ms": None},
    }.items():
        parts.ledger.open_entry(entry(number, Tier.API, **values))
    async with shown(parts, size) as (app, pilot):
        await sampled(
            parts,
            pilot,
            *(
                snapshot(
                    card(0, util_pct=50 + 40 * math.sin(step / 9), power_w=300 + 4 * step),
                    card(1, util_pct=40 + 30 * math.sin(step / 5), power_w=250.0),
                    at_ms=NOW - 300_000 + 5_000 * step,
                )
                for step in range(60)
            ),
        )
        if name.startswith("chat"):
            await pilot.press("f1", "f3", *"cap gpu1?", "enter")
            while not any(row.id.startswith("new") and row.ending for row in rows(parts)):
                await pilot.pause()
            await drawn(parts, pilot)
            await drawn(parts, pilot)
        await pilot.press(*keys)
        await drawn(parts, pilot)
        text = screen_text(app) + "\n"
    await parts.books.aclose()
    path = GOLDEN / f"{name}.txt"
    if request.config.getoption("--goldens"):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")
