"""The chat pane: what a message shows from Enter to its end, and who is told."""

import asyncio

import pytest

from console.core.chat import Delta, FailureKind, ModelFailure, Reported, Thinking
from console.core.entry import Ending
from console.core.tier import Tier
from console.ui.widgets.dialogue import Dialogue
from tests.ui.chat.host import chatting

LOCAL = [Delta("It is"), Delta(" **fine**."),
         Reported(usage={"prompt_eval_count": 20, "eval_count": 6}, final=True)]  # fmt: skip
API = [Reported(usage={"input_tokens": 100, "output_tokens": 1}), Delta("Deep."),
       Reported(usage={"output_tokens": 50}, final=True)]  # fmt: skip
DOWN = ModelFailure(FailureKind.UNREACHABLE, "Ollama does not answer.", hint="Start it.")


async def test_a_routine_message_is_answered_locally_and_says_so():
    async with chatting(LOCAL) as bench:
        await bench.send("hello there")
        await bench.settled()
        assert bench.said.split("\n") == [
            "", "you · 11:06", "hello there", "", "local · llama3.1:8b · routine", "It is fine.",
            "20 in · 6 out · first token 0.00 s · - tok/s · $ - electricity",
        ]  # fmt: skip
        assert bench.prompt.text == ""
        asked, settled = bench.app.heard
        assert isinstance(asked, Dialogue.Asked) and isinstance(settled, Dialogue.Settled)
        assert settled.entry.ending is Ending.DONE
        assert settled.conversation == asked.conversation == settled.entry.conversation
        assert bench.health.standings[Tier.LOCAL].ok


async def test_a_complex_message_goes_to_the_api_and_says_why():
    async with chatting(LOCAL, API) as bench:
        await bench.send("Analyze this")
        await bench.settled()
        assert 'api · claude-sonnet-5-5 · complex: "analyze"\nDeep.' in bench.said
        assert "$0.00070" in bench.said
        assert not bench.local.prompts


async def test_the_preview_follows_the_text():
    async with chatting() as bench:
        assert "→ local · routine" in bench.screen
        await bench.pilot.press(*"evaluate")
        assert '→ api · complex: "evaluate"' in bench.screen
        await bench.pilot.press("ctrl+t")
        assert "→ local · by hand" in bench.screen
        await bench.pilot.press("ctrl+t")
        assert "→ api · by hand" in bench.screen
        await bench.pilot.press("ctrl+t")
        assert '→ api · complex: "evaluate"' in bench.screen
        await bench.pilot.press("ctrl+o")
        assert "→ local · pinned to local" in bench.screen
        assert bench.pane.border_subtitle == "pinned to local"


async def test_the_preview_warns_of_a_tier_in_trouble():
    async with chatting(missing_key="ANTHROPIC_API_KEY is not set.") as bench:
        await bench.pilot.press(*"compare")
        assert "! ANTHROPIC_API_KEY is not set." in bench.screen
        bench.health.met(Tier.API, None)
        await bench.pilot.pause()
        assert "!" not in bench.screen


@pytest.mark.parametrize("draft", ["", "hello"])
async def test_what_is_wrong_with_a_tier_is_told_to_its_end(draft):
    async with chatting(size=(60, 24)) as bench:
        why = "No connection to 127.0.0.1:11434. Start it with `ollama serve`, or set its address."
        bench.health.met(Tier.LOCAL, why)
        bench.prompt.put(draft)
        await bench.pilot.pause()
        assert why in " ".join(bench.screen.replace("│", " ").split())


async def test_text_appears_in_order_while_it_streams():
    gates = [asyncio.Event() for _ in range(3)]
    script = [gates[0], Delta("one\n\ntw"), gates[1], Delta("o\n\nthree"), gates[2]]
    async with chatting([*script, *LOCAL[2:]]) as bench:
        await bench.send("go")
        await bench.painted()
        assert "waiting · 0 s · Esc stops" in bench.said
        bench.clock.ms += 3_000
        await bench.painted()
        assert "waiting · 3 s · Esc stops" in bench.said
        gates[0].set()
        await bench.pilot.pause()
        await bench.painted()
        assert bench.said.endswith("routine\none\n\ntw")
        gates[1].set()
        await bench.pilot.pause()
        await bench.painted()
        assert bench.said.endswith("routine\none\n\ntwo\n\nthree")
        gates[2].set()
        await bench.settled()
        assert "routine\none\n\ntwo\n\nthree\n20 in" in bench.said


async def test_thinking_is_counted_not_shown():
    gate = asyncio.Event()
    async with chatting([Thinking("hm" * 50), gate, *LOCAL]) as bench:
        await bench.send("go")
        await bench.painted()
        assert "thinking, 100 characters · 0 s" in bench.said
        gate.set()
        await bench.settled()
        assert "▸ thought for 100 characters · t shows it\nIt is fine.\n" in bench.said


async def test_escape_stops_the_reply_and_keeps_what_came():
    async with chatting([Delta("half of"), asyncio.Event()]) as bench:
        await bench.send("go")
        await bench.pilot.press("escape")
        await bench.settled()
        assert "half of\nstopped, what came is kept\n~1 in · ~2 out" in bench.said
        assert bench.local.closed == 1
        (row,) = bench.ledger.rows.values()
        assert row.ending is Ending.CANCELLED
        assert [turn.text for turn in bench.pane.conversation.turns] == ["go", "half of"]
        assert bench.prompt.text == ""


async def test_stopping_before_anything_came_gives_the_message_back():
    async with chatting([asyncio.Event()]) as bench:
        await bench.send("/file notes.txt")
        await bench.app.workers.wait_for_complete()
        await bench.send("go")
        await bench.pilot.press("escape")
        await bench.settled()
        assert bench.prompt.text == "go"
        assert [each.name for each in bench.pane.conversation.attachments] == ["notes.txt"]
        assert bench.pane.conversation.turns == []


async def test_escape_leaves_the_prompt_when_nothing_is_coming():
    async with chatting() as bench:
        await bench.pilot.press("escape")
        assert bench.transcript.has_focus
        assert bench.pane.step_back() is False
        await bench.pilot.press("i")
        assert bench.prompt.has_focus


async def test_a_failure_is_a_sentence_and_the_message_comes_back():
    async with chatting([DOWN]) as bench:
        await bench.send("hello [/there]")
        await bench.settled()
        assert bench.said.endswith(
            "✗ Ollama does not answer.\n  Start it.\n  It was not served, so it cost nothing."
        )
        assert bench.prompt.text == "hello [/there]"
        assert bench.health.standings[Tier.LOCAL].trouble == "Ollama does not answer."
        assert "! Ollama does not answer." in bench.screen


async def test_a_failed_message_is_one_key_away_when_another_is_being_written():
    gate = asyncio.Event()
    async with chatting([gate, DOWN]) as bench:
        await bench.send("/file notes.txt")
        await bench.app.workers.wait_for_complete()
        await bench.send("first")
        await bench.pilot.press(*"next")
        gate.set()
        await bench.settled()
        assert bench.prompt.text == "next" and not bench.pane.conversation.attachments
        await bench.pilot.press("up")
        assert bench.prompt.text == "first"
        assert [each.name for each in bench.pane.conversation.attachments] == ["notes.txt"]
        await bench.pilot.press("down")
        assert bench.prompt.text == "next"


async def test_a_cut_reply_keeps_its_text_marked():
    cut = ModelFailure(FailureKind.CUT, "The connection was cut.", hint="Send it again.")
    async with chatting([Delta("Half a"), cut]) as bench:
        await bench.send("go")
        await bench.settled()
        assert "Half a\nThe reply breaks off here.\n✗ The connection was cut." in bench.said
        assert "~2 out" in bench.said
        assert bench.prompt.text == ""
        await bench.pilot.press("up")
        assert bench.prompt.text == "go"


async def test_a_ledger_that_cannot_be_written_stops_the_message_with_a_sentence():
    async with chatting(LOCAL) as bench:
        bench.ledger.broken = "the disk is full"
        await bench.send("go")
        await bench.settled()
        assert "✗ Not sent: the disk is full" in bench.said
        assert bench.prompt.text == "go" and not bench.local.prompts


async def test_a_reply_whose_row_cannot_be_closed_says_so():
    gate = asyncio.Event()
    async with chatting([gate, *LOCAL]) as bench:
        await bench.send("go")
        bench.ledger.broken = "the disk is full"
        gate.set()
        await bench.settled()
        assert "It is fine." in bench.said
        assert "✗ The ledger has no end for this request: the disk is full" in bench.said


async def test_an_error_of_the_console_itself_is_a_line_not_an_exit():
    async with chatting([ZeroDivisionError("oh [/no]")]) as bench:
        await bench.send("go")
        await bench.settled()
        assert "✗ The console failed: ZeroDivisionError: oh [/no]" in bench.said
        assert bench.prompt.text == "go"


async def test_one_reply_at_a_time_in_a_conversation():
    async with chatting([asyncio.Event()]) as bench:
        await bench.send("one")
        await bench.send("two")
        assert "A reply is still coming: Esc stops it" in bench.screen
        assert bench.prompt.text == "two" and len(bench.local.prompts) == 1


async def test_conversations_in_flight_do_not_mix():
    first, second = asyncio.Event(), asyncio.Event()
    async with chatting([Delta("local "), first, Delta("reply")],
                        [Delta("api "), second, Delta("answer")]) as bench:  # fmt: skip
        await bench.send("hello")
        bench.prompt.put("kept draft")
        await bench.pilot.press("ctrl+n")
        assert bench.prompt.text == "" and bench.said == ""
        await bench.send("analyze")
        await bench.painted()
        assert "api " in bench.said and "local " not in bench.said
        assert "1 more running" in bench.pane.border_subtitle
        first.set()
        await bench.settled()
        assert "reply" not in bench.said
        await bench.send("/back")
        assert "local reply" in bench.said and "api" not in bench.said
        assert bench.prompt.text == "kept draft"
        second.set()
        await bench.settled(2)
        bench.prompt.put("")
        await bench.send("/back")
        assert "api answer" in bench.said
        names = [entry.conversation for entry in bench.ledger.rows.values()]
        assert len(set(names)) == 2


async def test_history_travels_with_the_next_message():
    async with chatting(LOCAL) as bench:
        await bench.send("one")
        await bench.settled()
        await bench.send("two")
        await bench.settled(2)
        assert [turn.text for turn in bench.local.prompts[1].turns] == [
            "one", "It is **fine**.", "two",
        ]  # fmt: skip
        await bench.send("/clear")
        assert bench.said == ""
        await bench.send("three")
        await bench.settled(3)
        assert [turn.text for turn in bench.local.prompts[2].turns] == ["three"]


async def test_leaving_closes_the_rows_of_replies_that_are_coming():
    async with chatting([Delta("half"), asyncio.Event()]) as bench:
        await bench.send("go")
        await bench.local.prompted(1)
        await bench.pilot.pause()
    (row,) = bench.ledger.rows.values()
    assert row.ending is Ending.CANCELLED and bench.local.closed == 1


async def test_copy_hands_the_last_reply_to_the_parent():
    async with chatting([Delta("take\x1b[2J this")]) as bench:
        await bench.send("/copy")
        assert "There is no reply to copy yet." in bench.screen
        bench.prompt.put("")
        await bench.send("go")
        await bench.settled()
        await bench.send("/copy")
        assert bench.app.heard[-1].text == "take␛[2J this"


async def test_help_and_unknown_commands():
    async with chatting() as bench:
        await bench.send("/help")
        assert "/tier auto|local|api  who serves what follows" in bench.said
        await bench.send("/teir api")
        assert "There is no /teir; did you mean /tier?" in bench.screen
        assert bench.prompt.text == "/teir api"
        await bench.send("/tier cloud")
        assert "/tier needs auto, local or api." in bench.screen
        await bench.send("/tier api")
        assert bench.pane.conversation.forced is Tier.API and bench.prompt.text == ""


async def test_tab_completes_a_command():
    async with chatting() as bench:
        await bench.pilot.press("slash", "t", "tab", "a", "u", "tab")
        assert bench.prompt.text == "/tier auto"


@pytest.mark.parametrize("size", [(40, 12), (30, 8), (200, 60)])
async def test_any_size_stays_usable(size):
    async with chatting([Delta("word " * 300)], size=size) as bench:
        await bench.send("go")
        await bench.settled()
        bench.prompt.put("a\nb\nc\nd\ne\nf\ng\nh")
        await bench.pilot.pause()
        assert bench.prompt.region.bottom <= size[1] and bench.transcript.size.height > 0
        assert "→ local" in bench.screen
