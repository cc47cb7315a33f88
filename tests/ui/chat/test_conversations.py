"""Conversations in the pane: asked again, changed, resumed, exported, deleted; each its own."""

import asyncio
import json

from console.core.chat import Delta, FailureKind, ModelFailure, Reported
from console.core.exchange import Exchange
from console.core.kept import Kept
from console.core.tier import Tier
from console.sources.conversations.store import SqliteConversations
from tests.services.fakes import GivenPrompts
from tests.ui.chat.host import chatting

LOCAL = [Delta("From the box."),
         Reported(usage={"prompt_eval_count": 20, "eval_count": 6}, final=True)]  # fmt: skip
API = [Delta("From the api.")]
DOWN = ModelFailure(FailureKind.UNREACHABLE, "Ollama does not answer.", hint="Start it.")


async def done(bench):
    await bench.app.workers.wait_for_complete()
    await bench.pilot.pause()


async def asked(bench, *tasks):
    before = len(bench.app.heard) // 2
    for number, task in enumerate(tasks, before + 1):
        await bench.send(task)
        await bench.settled(number)
    await done(bench)


async def test_retry_asks_the_other_tier_and_its_reply_is_what_travels():
    async with chatting(LOCAL, API) as bench:
        await asked(bench, "one", "two")
        await bench.pilot.press("ctrl+r")
        await bench.settled(3)
        await done(bench)
        assert "again, on api" in bench.said and "From the api." in bench.said
        (prompt,) = bench.api.prompts
        assert [turn.text for turn in prompt.turns] == ["one", "From the box.", "two"]
        texts = [turn.text for turn in bench.pane.conversation.turns]
        assert texts == ["one", "From the box.", "two", "From the api."]
        rows = list(bench.ledger.rows.values())
        assert rows[2].parent == rows[1].id and rows[2].reason == "by hand: api"
        await bench.send("/retry local")
        await bench.settled(4)
        assert len(bench.local.prompts) == 3


async def test_a_message_that_nobody_answered_goes_to_the_other_tier_once():
    async with chatting([DOWN], API) as bench:
        await bench.send("hello")
        await bench.settled()
        assert bench.prompt.text == "hello"
        await bench.pilot.press("ctrl+r")
        await bench.settled(2)
        await done(bench)
        assert bench.prompt.text == ""
        texts = [turn.text for turn in bench.pane.conversation.turns]
        assert texts == ["hello", "From the api."]


async def test_retry_of_what_is_pinned_never_asks_the_api():
    async with chatting(LOCAL, API) as bench:
        await bench.send("/retry")
        assert "There is no message to ask again yet." in bench.screen
        await bench.send("/pin")
        await asked(bench, "one")
        await bench.send("/retry")
        assert "The api is refused: pinned (by hand)." in bench.screen and not bench.api.prompts


async def test_a_changed_message_is_sent_anew_and_the_old_conversation_stays():
    async with chatting(LOCAL) as bench:
        await bench.send("/file notes.txt")
        await done(bench)
        await asked(bench, "one", "two", "three")
        old = bench.pane.conversation.id
        await bench.pilot.press("f7")
        assert bench.prompt.text == "three" and "Message 3 of 3" in bench.screen
        await bench.pilot.press("f7", "f7")
        assert bench.prompt.text == "one" and "Message 1 of 3" in bench.screen
        bench.prompt.put("one, better")
        await bench.pilot.press("enter")
        await bench.settled(4)
        await done(bench)
        assert bench.pane.conversation.id != old
        assert bench.local.prompts[-1].text == "one, better\n\nContext: the notes say so"
        assert [each.task for each in bench.pane.conversation.exchanges] == ["one, better"]
        assert "two" not in bench.said
        kept = await bench.archive.load(old)
        assert [each.task for each in kept.exchanges] == ["one", "two", "three"]
        await bench.send("/back")
        assert "three" in bench.said


async def test_escape_leaves_an_earlier_message_as_it_was():
    async with chatting(LOCAL) as bench:
        await bench.send("/resend")
        assert "There is no message to change yet." in bench.screen
        await asked(bench, "one")
        await bench.send("/resend 2")
        assert "/resend takes a number from 1 to 1." in bench.screen
        await bench.send("/resend 1")
        await bench.pilot.press("escape")
        assert bench.prompt.text == ""
        await asked(bench, "two")
        assert [each.task for each in bench.pane.conversation.exchanges] == ["one", "two"]


async def test_a_kept_conversation_is_resumed_as_it_was_pin_prompt_models_and_all(tmp_path):
    path = tmp_path / "conversations.db"
    prompts = GivenPrompts(terse="Be brief.")
    async with chatting(LOCAL, store=lambda: SqliteConversations(path, now_ms=1), lasting=True,
                        prompts=prompts) as bench:  # fmt: skip
        await bench.send("/system terse")
        await bench.send("/model other:8b")
        await done(bench)
        await asked(bench, "one")
        await bench.send("/pin")
        await bench.send("/rename Plans for spring")
        await done(bench)
        id = bench.pane.conversation.id
    async with chatting(LOCAL, API, store=lambda: SqliteConversations(path, now_ms=1),
                        lasting=True, first_id=90, prompts=prompts) as bench:  # fmt: skip
        await done(bench)
        await bench.pilot.press("up")
        assert bench.prompt.text == "one", "the history is recalled"
        bench.prompt.put("half a thought")
        await bench.pane.kept.resume(id)
        await bench.pilot.pause()
        chat = bench.pane.conversation
        assert (chat.title, chat.pinned, chat.system.name) == (
            "Plans for spring",
            "by hand",
            "terse",
        )
        assert chat.models == {Tier.LOCAL: "other:8b"}
        assert "you · 11:06\none" in bench.said and "local · llama3.1:8b" in bench.said
        await asked(bench, "analyze")
        assert not bench.api.prompts
        assert [turn.text for turn in bench.local.prompts[0].turns][:2] == ["one", "From the box."]
        await bench.send("/back")
        assert bench.prompt.text == "half a thought"


async def test_a_message_whose_console_was_killed_is_shown_and_does_not_travel(tmp_path):
    store = SqliteConversations(tmp_path / "c.db", now_ms=1)
    store.begin(Kept(id="c9", title="lost"))
    store.ask("c9", Exchange(task="lost words", asked_ms=1))
    store.close()
    async with chatting(
        LOCAL, store=lambda: SqliteConversations(tmp_path / "c.db", now_ms=1), lasting=True
    ) as bench:
        await bench.pane.kept.resume("c9")
        await bench.pilot.pause()
        assert "lost words\nno reply was kept" in bench.said
        await asked(bench, "next")
        assert bench.local.prompts[0].text == "next"


async def test_an_export_is_written_in_the_form_its_name_says():
    async with chatting(LOCAL) as bench:
        await bench.send("/export")
        await done(bench)
        assert "There is nothing to export yet." in bench.screen
        await asked(bench, "one")
        for name in ("talk.md", "talk.json"):
            await bench.send(f"/export {name}")
            await done(bench)
            assert f"Written to /{name}." in bench.screen
        assert "## local · llama3.1:8b · routine\n\nFrom the box." in bench.files.texts["talk.md"]
        made = json.loads(bench.files.texts["talk.json"])
        assert made["exchanges"][0]["took"]["prompt_tokens"] == 20


async def test_a_deleted_conversation_is_gone_everywhere_but_not_while_it_answers():
    gate = asyncio.Event()
    async with chatting([gate, *LOCAL]) as bench:
        await bench.send("one")
        await bench.local.prompted(1)
        await bench.send("/delete")
        assert "A reply is still coming" in bench.screen
        gate.set()
        await bench.settled()
        id = bench.pane.conversation.id
        bench.prompt.put("/delete")
        await bench.pilot.press("enter")
        await done(bench)
        assert bench.pane.conversation.id != id and bench.said == ""
        assert await bench.archive.listed() == []


async def test_several_conversations_are_answered_at_once_and_the_pane_stays_live():
    gates = [asyncio.Event() for _ in range(3)]
    async with chatting(LOCAL) as bench:
        for number, gate in enumerate(gates, 1):
            bench.local.script = [gate, Delta(f"answer {number}")]
            await bench.send(f"task {number}")
            await bench.local.prompted(number)
            if number < 3:
                await bench.pilot.press("ctrl+n")
        assert "2 more running" in bench.pane.border_subtitle
        await bench.pilot.press(*"typed meanwhile")
        assert bench.prompt.text == "typed meanwhile"
        for gate in gates:
            gate.set()
        await bench.settled(3)
        await done(bench)
        assert "answer 3" in bench.said and "answer 1" not in bench.said
        listed = await bench.archive.listed()
        assert sorted(each.title for each in listed) == ["task 1", "task 2", "task 3"]
        bench.prompt.put("")
        await bench.pilot.pause()
        await bench.send("/back")
        assert "task 2" in bench.said and "answer 2" in bench.said


async def test_a_system_prompt_travels_and_its_version_is_in_the_ledger():
    prompts = GivenPrompts(terse="Be brief.", base="Be kind.")
    async with chatting(LOCAL, prompts=prompts, system="base") as bench:
        await done(bench)
        await asked(bench, "one")
        await bench.send("/system")
        await done(bench)
        assert "System prompt here: base (" in bench.screen and "base, terse" in bench.screen
        await bench.send("/system terse")
        await done(bench)
        await asked(bench, "two")
        await bench.send("/system off")
        await done(bench)
        await asked(bench, "three")
        await bench.send("/system nonsense")
        await done(bench)
        assert "There is no system prompt nonsense." in bench.screen
        assert [prompt.system for prompt in bench.local.prompts] == ["Be kind.", "Be brief.", None]
        names = [row.system_name for row in bench.ledger.rows.values()]
        assert names == ["base", "terse", None]
        assert len({row.system_hash for row in bench.ledger.rows.values()}) == 3


async def test_unpinning_needs_a_reason_and_is_written_down():
    async with chatting(LOCAL, API) as bench:
        await bench.send("/unpin because")
        assert "This conversation is not pinned." in bench.screen
        await bench.send("/pin")
        await bench.send("/unpin")
        assert "/unpin needs REASON." in bench.screen and bench.pane.conversation.pinned
        await bench.send("/unpin it was a mistake")
        await done(bench)
        assert bench.pane.conversation.pinned is None
        ((_, conversation, pin, reason),) = bench.ledger.unpinnings
        assert (conversation, pin, reason) == (
            bench.pane.conversation.id, "by hand", "it was a mistake",
        )  # fmt: skip


async def test_a_dear_request_is_sent_only_when_the_operator_agrees():
    async with chatting(LOCAL, API, above_nano=1_000_000) as bench:
        await bench.send("analyze this")
        await done(bench)
        assert "This may cost up to ~$0.01" in bench.screen and not bench.api.prompts
        assert bench.prompt.text == "analyze this"
        await bench.pilot.press("escape")
        assert "Not sent." in bench.screen
        await bench.pilot.press("enter")
        await done(bench)
        assert not bench.api.prompts, "after Escape it is asked for again"
        await bench.pilot.press("enter")
        await bench.settled()
        assert len(bench.api.prompts) == 1 and bench.prompt.text == ""
        await asked(bench, "hello")
        assert len(bench.local.prompts) == 1, "what costs nothing is not asked about"


async def test_a_changed_text_takes_the_agreement_back():
    async with chatting(LOCAL, API, above_nano=1_000_000) as bench:
        await bench.send("analyze this")
        await done(bench)
        await bench.pilot.press("x", "enter")
        await done(bench)
        assert not bench.api.prompts and "This may cost up to" in bench.screen


async def test_what_is_cheap_enough_is_sent_at_once():
    async with chatting(LOCAL, API, above_nano=1_000_000_000) as bench:
        await asked(bench, "analyze this")
        assert len(bench.api.prompts) == 1


async def test_the_preview_tells_tokens_and_the_range_of_dollars():
    async with chatting(LOCAL, API, size=(60, 20)) as bench:
        bench.prompt.put("analyze " + "word " * 100)
        await bench.pilot.pause()
        await done(bench)
        assert '→ api · complex: "anal' in bench.screen
        assert "~127 in · ~$0.00025–0.01" in bench.screen
        bench.prompt.put("hello")
        await bench.pilot.pause()
        assert "→ local · routine · ~2 in" in bench.screen and "$" not in bench.screen
