"""Failures on the screen: what happened, what it cost, what to do, and waits counted down."""

from dataclasses import replace

import pytest

from console.core.chat import Delta, FailureKind, ModelFailure, Reported
from console.core.entry import Ending, Entry
from console.core.routing.decide import decide
from console.core.tier import Tier
from console.core.usage import Usage, UsageSource
from console.services.conversation import Conversation
from console.services.events import (
    Checked,
    Checking,
    Done,
    Failed,
    FellBack,
    Retrying,
    Routed,
    SetAside,
)
from console.ui.draw.line import plain
from console.ui.talk import Chat
from console.ui.widgets.reader import Reader
from tests.ui.chat.host import chatting

WHAT = "api.example.com (claude) is limiting requests (429)."


def entry(id="e1", tier=Tier.API, **fields):
    return Entry(id=id, started_ms=0, zone="UTC", tier=tier, provider="anthropic", model="claude",
                 policy="article", reason="routine", **fields)  # fmt: skip


REFUSED = entry(ending=Ending.ERROR, usage=Usage(uncached=0, output=0))


@pytest.fixture
def reply():
    chat = Chat(conversation=Conversation(id="c"))
    _, made = chat.ask("Why?", "12:00", 0.0, 0)
    made.hear(Routed(entry(), decide(made.request)))
    return made


def said(reply, waited_s):
    reply.refresh(waited_s)
    return [plain(block.line) for block in reply.blocks]


def test_a_retry_is_counted_down_and_its_failure_kept(reply):
    reply.hear(Retrying(REFUSED, WHAT, "", FailureKind.RATE_LIMITED, 12.0, 1, 3))
    assert said(reply, 1.0)[1:] == [
        f"✗ {WHAT}",
        "  It was not served, so it cost nothing.",
        "asked again in 12 s (retry 1 of 3) · Esc stops",
    ]
    assert "asked again in 8 s" in said(reply, 5.2)[-1]
    reply.hear(Routed(entry("e2"), decide(reply.request)))
    assert said(reply, 13.0)[-1] == "waiting · 13 s · Esc stops"
    reply.hear(Delta("Because."))
    assert f"✗ {WHAT}" in said(reply, 14.0), "what the first attempt met stays"


def test_attempts_that_fail_alike_are_counted_and_not_said_again(reply):
    for attempt in (1, 2):
        reply.hear(Retrying(REFUSED, WHAT, "", FailureKind.RATE_LIMITED, 12.0, attempt, 2))
    assert said(reply, 1.0)[1:3] == [f"✗ 2× {WHAT}", "  It was not served, so it cost nothing."]
    reply.hear(Failed(REFUSED, decide(reply.request), WHAT, "Wait.", FailureKind.RATE_LIMITED))
    assert said(reply, 2.0)[1:] == [
        f"✗ 3× {WHAT}",
        "  Wait.",
        "  It was not served, so it cost nothing.",
    ]


def test_an_attempt_that_fails_otherwise_stands_beside_the_one_before(reply):
    reply.hear(Retrying(REFUSED, WHAT, "", FailureKind.RATE_LIMITED, 12.0, 1, 2))
    reply.hear(Failed(REFUSED, decide(reply.request), "It failed.", "", FailureKind.SERVER))
    assert [line for line in said(reply, 2.0) if "✗" in line] == [f"✗ {WHAT}", "✗ It failed."]


def test_a_fallback_is_shown_with_what_led_to_it(reply):
    reply.hear(FellBack(REFUSED, "No connection to the box.", "Start it.",
                        FailureKind.UNREACHABLE, Tier.API))  # fmt: skip
    assert said(reply, 1.0)[1:5] == [
        "✗ No connection to the box.",
        "  Start it.",
        "  It was not served, so it cost nothing.",
        "→ asking api instead",
    ]


def test_a_reply_that_was_set_aside_stays_readable(reply):
    local = entry("e2", tier=Tier.LOCAL)
    reply.hear(Routed(local, decide(reply.request), provisional=True))
    reply.hear(Delta("It is **16**."))
    reply.hear(Checking(local, "second"))
    assert said(reply, 1.0)[-1] == "asking second for a second opinion · Esc stops"
    reply.hear(SetAside(local, "second disagrees: 18, not 16; the api is asked"))
    reply.hear(Routed(entry("e3"), decide(reply.request)))
    reply.hear(Delta("It is 18."))
    reply.hear(Done(entry("e3", ending=Ending.DONE)))
    lines = said(reply, 2.0)
    first, why, second = (
        next(at for at, line in enumerate(lines) if words in line)
        for words in ("local", "→ second disagrees: 18, not 16", "api")
    )
    assert first < why and second <= why < len(lines) - 2
    assert reply.blocks[1].markdown == "It is **16**." and reply.text == "It is 18."
    assert reply.exchange.reply == "It is 18." and reply.exchange.entry == "e3"


def test_a_second_opinion_that_agrees_is_a_line_under_the_reply(reply):
    local = entry("e2", tier=Tier.LOCAL, ending=Ending.DONE)
    for event in (Delta("16"), Checking(local, "second"), Checked(local, "second agrees: 16"),
                  Done(local)):  # fmt: skip
        reply.hear(event)
    assert said(reply, 1.0)[-2] == "second opinion: second agrees: 16"


def test_the_wait_that_a_server_wishes_for_is_counted_down_after_the_end(reply):
    reply.hear(Failed(REFUSED, decide(reply.request), WHAT, "Send it again in 42 s.",
                      FailureKind.RATE_LIMITED, retry_after_s=42.0))  # fmt: skip
    assert said(reply, 2.0)[-1] == "  Send it again in 42 s." and reply.counting
    same = reply.blocks[-1]
    reply.refresh(2.5)
    assert reply.blocks[-1] is same, "nothing is drawn that says the same"
    assert said(reply, 30.0)[-1] == "  Send it again in 14 s."
    assert said(reply, 45.0)[-1] == "  It can be sent again now." and not reply.counting
    assert sum("Send it again" in line for line in said(reply, 45.0)) == 0


@pytest.mark.parametrize(
    ("failed", "cost"),
    [
        (None, "Nothing was sent, so it cost nothing."),
        (REFUSED, "It was not served, so it cost nothing."),
        (entry(ending=Ending.TIMEOUT, usage=Usage(uncached=900, output=0),
               usage_source=UsageSource.ESTIMATED, cost_nano=1_800_000),
         "~900 in · ~0 out · first token - · - tok/s · ~$0.00180 · perhaps billed"),
    ],
)  # fmt: skip
def test_what_a_failure_cost_is_always_said(reply, failed, cost):
    reply.hear(Failed(failed, decide(reply.request), "It failed.", "Do this.", FailureKind.TIMEOUT))
    lines = [line.replace("\xa0", " ").strip() for line in said(reply, 1.0)]
    assert lines[-3:] == ["✗ It failed.", "Do this.", cost]


def test_a_prompt_that_ollama_cut_is_told_with_the_numbers(reply):
    read = entry(tier=Tier.LOCAL, ending=Ending.DONE, usage=Usage(uncached=4_096, output=9))
    read = replace(read, provider="ollama")
    reply.request = replace(reply.request, task="word " * 4_000)
    reply.hear(Delta("Yes."))
    reply.hear(Done(read))
    lines = said(reply, 1.0)
    assert (
        "! Only 4,096 of about 5,000 tokens were read: Ollama cut the rest off silently." in lines
    )
    assert "  Send less, or raise tiers.local.num_ctx." in lines


async def test_the_countdown_ticks_on_the_screen_and_the_command_can_be_copied():
    missing = ModelFailure(
        FailureKind.UNKNOWN_MODEL, "127.0.0.1 (llama3.1:8b) does not have this model (404).",
        hint="Get it with `ollama pull llama3.1:8b`, or set tiers.local.model.",
    )  # fmt: skip
    async with chatting([missing]) as bench:
        await bench.send("go")
        await bench.settled()
        assert "Get it with `ollama pull llama3.1:8b`" in bench.said
        reader = bench.app.query_one(Reader)
        reader.focus()
        await bench.pilot.press("c")
        assert reader.picked == "ollama pull llama3.1:8b"


async def test_every_failure_of_the_stream_keeps_what_came():
    cut = ModelFailure(FailureKind.CUT, "The server broke the connection off.", hint="Send again.")
    async with chatting([Delta("half a "), Reported({"prompt_eval_count": 7}), cut]) as bench:
        await bench.send("go")
        await bench.settled()
        assert "half a\nThe reply breaks off here.\n✗ The server broke" in bench.said
        assert "7 in" in bench.said and "Send again." in bench.said


@pytest.mark.parametrize(
    ("stop_reason", "what", "todo"),
    [
        ("max_tokens", "! The reply ends at the longest that was asked for.",
         "  Raise tiers.api.max_tokens, or ask it to go on."),
        ("length", "! The reply ends at the longest that was asked for.",
         "  Raise tiers.api.max_tokens, or ask it to go on."),
        ("tool_use", "! The model stopped to call a tool, and none is offered here.", None),
        ("refusal", "! The model declines to answer this.", None),
    ],
)  # fmt: skip
def test_a_reply_that_stops_short_says_why(reply, stop_reason, what, todo):
    reply.hear(Delta("As I was"))
    reply.hear(Done(entry(ending=Ending.DONE), None, stop_reason))
    lines = said(reply, 1.0)
    assert what in lines and (todo is None or todo in lines)


def test_a_reply_that_ends_well_says_nothing_more(reply):
    reply.hear(Delta("Yes."))
    reply.hear(Done(entry(ending=Ending.DONE), None, "end_turn"))
    assert not [line for line in said(reply, 1.0) if line.startswith("!")]


async def test_what_cannot_be_kept_is_told_and_asked_all_the_same():
    async with chatting([Delta("Yes.")]) as bench:
        bench.local.model = "llama\ud800"
        await bench.send("go")
        await bench.settled()
        await bench.app.workers.wait_for_complete()
        await bench.pilot.pause()
        assert "Yes." in bench.said and "The console failed" not in bench.said
        assert "What is said here is not kept" in bench.said
