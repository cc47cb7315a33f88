"""The comparison on the screen: blind until a verdict, then told in full, then gone on with."""

import asyncio

import pytest

from console.core.chat import Delta, FailureKind, ModelFailure, Reported
from console.core.routing.request import Request
from console.core.tier import Tier
from console.core.verdict import Judgement
from console.services.compare import Pair
from console.ui.blind import Blind
from console.ui.draw.compare import facts_lines
from console.ui.draw.line import plain
from console.ui.screens.compare import CompareScreen
from console.ui.widgets.prompt import Prompt
from tests.patience import PATIENCE_S, until_shown
from tests.screen_text import screen_text
from tests.ui.conftest import NOW, entry, shown

TELLTALE = ("local", "api", "llama", "sonnet", "claude", "ollama", "$", "tok/s", " ms")
LOCAL = (Delta("From the box."), Reported({"prompt_eval_count": 9, "eval_count": 3}, final=True))
API = (
    Delta("From the cloud."),
    Reported({"input_tokens": 9, "output_tokens": 4}, final=True, model="claude-sonnet-5-5"),
)


def scripted(parts, local=LOCAL, api=API):
    parts.tiers[Tier.LOCAL].script, parts.tiers[Tier.API].script = local, api


async def compare(app, pilot, text="Why?"):
    app.query_one(Prompt).put(text)
    await pilot.press("f6")
    await pilot.pause()


async def ended(app, pilot):
    await until_shown(pilot, lambda: app.screen._blind.ended)
    app.screen._paint()
    await pilot.pause()


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (200, 60)])
async def test_nothing_on_the_screen_tells_who_is_who_before_the_verdict(parts, size):
    hold = asyncio.Event()
    scripted(parts, (Delta("One "), hold, *LOCAL), (Delta("Two words "), hold, *API))
    async with shown(parts, size) as (app, pilot):
        await compare(app, pilot)
        assert isinstance(app.screen, CompareScreen)
        await until_shown(pilot, lambda: all(s.chars for s in app.screen._blind.sides.values()))
        app.screen._paint()
        await pilot.pause()
        running = screen_text(app).lower()
        hold.set()
        await ended(app, pilot)
        complete = screen_text(app).lower()
        assert "from the box." in complete and "from the cloud." in complete
        for text in (running, complete):
            assert not [word for word in TELLTALE if word in text.replace("from the", "")]
        await pilot.press("a")
        # Names bring rows of their own, which have no place before the screen is laid out again.
        words = ("local", "llama3.1:8b", "api", "$0.00006", "A is better", "local 1")
        await until_shown(pilot, lambda: all(word in screen_text(app) for word in words))


async def test_both_are_shown_at_the_pace_of_the_slower_one(parts):
    never = asyncio.Event()
    scripted(parts, (Delta("abc"), never), (Delta("0123456789"), never))
    async with shown(parts) as (app, pilot):
        await compare(app, pilot)
        await until_shown(pilot, lambda: all(s.chars for s in app.screen._blind.sides.values()))
        app.screen._paint()
        await pilot.pause()
        text = screen_text(app)
        assert "abc" in text and "012" in text and "0123" not in text
        await pilot.press("escape")
        await ended(app, pilot)


@pytest.mark.parametrize(
    ("key", "judgement", "kept"),
    [("a", Judgement.A, "box"), ("b", Judgement.B, "cloud"), ("t", Judgement.TIE, "box"),
     ("n", Judgement.BOTH_BAD, None)],
)  # fmt: skip
async def test_the_better_reply_continues_the_conversation(parts, key, judgement, kept):
    scripted(parts)
    async with shown(parts) as (app, pilot):
        await compare(app, pilot)
        await ended(app, pilot)
        await pilot.press(key)
        await until_shown(pilot, lambda: parts.ledger.said)
        await pilot.press("enter")
        await pilot.pause()
        assert parts.ledger.said["pair"].judgement is judgement
        pane = app.screen.current
        said = ["Why?", f"From the {kept}."] if kept else []
        assert [turn.text for turn in pane.conversation.turns] == said
        async with asyncio.timeout(PATIENCE_S):
            while kept and not await parts.console.archive.listed():
                await pilot.pause()
        again = await parts.console.archive.load(pane.conversation.id)
        assert [turn.text for turn in (again.turns if again else [])] == said
        assert all(each.asked_ms == parts.clock.now_ms() for each in pane.conversation.exchanges)
        assert app.query_one(Prompt).text == ("" if kept else "Why?"), "nothing typed is lost"


@pytest.mark.parametrize(("a_tier", "best"), [(Tier.LOCAL, "A"), (Tier.API, "B")])
def test_of_two_even_replies_the_one_that_stayed_on_the_box_goes_on(a_tier, best):
    blind = Blind(Pair(id="p", request=Request(task="Why?"), a_tier=a_tier))
    blind.judgement = Judgement.TIE
    assert blind.best == best


async def test_no_verdict_is_taken_before_both_are_complete(parts):
    never = asyncio.Event()
    scripted(parts, LOCAL, (Delta("Two"), never))
    async with shown(parts) as (app, pilot):
        await compare(app, pilot)
        await pilot.press("a")
        await pilot.pause()
        assert "Not yet" in screen_text(app) and not parts.ledger.said
        await pilot.press("escape")
        await ended(app, pilot)
        assert "nothing to judge" in screen_text(app)
        await pilot.press("escape")
        await pilot.pause()
        assert app.query_one(Prompt).text == "Why?"


async def test_a_side_that_fails_is_told_and_cannot_be_judged(parts):
    scripted(parts, LOCAL, (ModelFailure(FailureKind.OVERLOADED, "It is overloaded."),))
    async with shown(parts) as (app, pilot):
        await compare(app, pilot)
        await ended(app, pilot)
        assert "It is overloaded." in screen_text(app) and "nothing to judge" in screen_text(app)
        await pilot.press("a")
        await pilot.pause()
        assert not parts.ledger.said
        assert [t.text for t in app.screen.current.conversation.turns] == ["Why?", "From the box."]


async def test_a_pinned_conversation_is_never_compared(parts):
    async with shown(parts) as (app, pilot):
        await pilot.press("ctrl+o")
        await compare(app, pilot)
        await until_shown(pilot, lambda: "Compare is off here" in screen_text(app))
        assert not isinstance(app.screen, CompareScreen)
        assert "Compare is off here: pinned" in screen_text(app)
        assert app.query_one(Prompt).text == "Why?"
        assert not parts.tiers[Tier.API].prompts


@pytest.mark.parametrize("width", [42, 60, 80, 118])
def test_the_facts_fit_and_keep_tier_time_and_dollars(width):
    entries = {
        "A": entry(1, Tier.LOCAL, ended_ms=NOW + 1_000, model="llama3.1:8b-instruct-q4_K_M"),
        "B": entry(2, Tier.API, ended_ms=NOW + 2_000, cost_nano=3_670_000),
    }
    lines = [plain(line) for line in facts_lines(entries, "A", width)]
    assert all(len(line) <= width for line in lines)
    assert all(title in lines[0] for title in ("tier", "model", "time", "$"))
    assert "✓ A" in lines[1] and "local" in lines[1] and "$0.00367" in lines[2]
    assert ("joules" in lines[0]) is (width >= 80)
