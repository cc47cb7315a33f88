"""What travels with a message: files, large pastes, and what cannot be read."""

from textual.events import Paste

from console.core.chat import Delta
from tests.patience import until_shown
from tests.services.fakes import GivenFiles
from tests.ui.chat.host import chatting


async def attached(bench, command="/file notes.txt"):
    await bench.send(command)
    await bench.app.workers.wait_for_complete()
    await bench.pilot.pause()


async def test_a_file_is_attached_shown_and_sent_once():
    async with chatting([Delta("ok")]) as bench:
        await attached(bench)
        assert "attached  notes.txt 16 characters" in bench.screen and bench.prompt.text == ""
        await bench.send("what do they say?")
        await bench.settled()
        (prompt,) = bench.local.prompts
        assert prompt.text == "what do they say?\n\nContext: the notes say so"
        assert "with notes.txt 16 characters" in bench.said
        assert "attached" not in bench.screen


async def test_a_file_that_cannot_be_read_is_a_sentence_and_the_prompt_stays():
    async with chatting() as bench:
        await attached(bench, "/file other.txt")
        assert "other.txt does not exist." in bench.screen
        assert bench.prompt.text == "/file other.txt"
        await bench.send("/file")
        assert "/file needs PATH." in bench.screen


async def test_a_key_attaches_and_gives_the_draft_back():
    async with chatting() as bench:
        bench.prompt.put("half a thought")
        await bench.pilot.press("f5", *"notes", "full_stop", *"txt", "enter")
        await until_shown(bench.pilot, lambda: bench.pane.conversation.attachments)
        await bench.pilot.pause()
        assert bench.prompt.text == "half a thought"
        assert len(bench.pane.conversation.attachments) == 1
        await bench.pilot.press("f5", "escape")
        assert bench.prompt.text == "half a thought"


async def test_a_large_paste_becomes_context_at_once():
    async with chatting([Delta("ok")], [Delta("deep")]) as bench:
        text = "line of a log\n" * 7_200
        bench.prompt.post_message(Paste(text))
        await bench.pilot.pause()
        assert f"attached  pasted text {len(text):,} characters" in bench.screen
        assert "→ api · complex: context of 100,800 characters, over 4,000" in bench.screen
        await bench.pilot.press("enter")
        assert "Say what to do with what is attached." in bench.screen
        await bench.send("/drop")
        assert "attached" not in bench.screen and not bench.api.prompts


async def test_a_paste_of_many_short_lines_becomes_context_too():
    async with chatting() as bench:
        bench.prompt.post_message(Paste("\r\n".join("abc"[:2] for _ in range(30))))
        await bench.pilot.pause()
        (pasted,) = bench.pane.conversation.attachments
        assert pasted.text.count("\n") == 29 and "\r" not in pasted.text


async def test_a_small_paste_goes_in_printable_and_does_not_send():
    async with chatting() as bench:
        bench.prompt.post_message(Paste("two\r\nlines\x1b[2J"))
        await bench.pilot.pause()
        assert bench.prompt.text == "two\nlines␛[2J" and not bench.local.prompts


async def test_a_name_cannot_act():
    name = "[/x]\x1b]0;t\x07"
    async with chatting(files=GivenFiles({name: "y"})) as bench:
        bench.pane.conversation.attach(GivenFiles({name: "y"}).attach(name).files)
        bench.prompt.put("look")
        await bench.pilot.pause()
        assert "attached  [/x]␛]0;t␇ 1 characters" in bench.screen
