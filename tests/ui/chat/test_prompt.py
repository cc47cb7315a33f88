"""The prompt: what sends, what makes a line, and the way back to earlier texts."""

import pytest

from console.core.chat import Delta
from tests.ui.chat.host import chatting


@pytest.mark.parametrize("key", ["alt+j", "alt+enter", "shift+enter"])
async def test_some_keys_make_a_new_line(key):
    async with chatting() as bench:
        await bench.pilot.press("a", key, "b")
        assert bench.prompt.text == "a\nb" and not bench.local.prompts


async def test_a_backslash_before_enter_makes_a_new_line():
    async with chatting() as bench:
        await bench.pilot.press("a", "backslash", "enter", "b")
        assert bench.prompt.text == "a\nb" and not bench.local.prompts


async def test_enter_in_the_middle_sends_all_of_it():
    async with chatting([Delta("ok")]) as bench:
        await bench.pilot.press("a", "alt+j", "b", "up", "enter")
        await bench.settled()
        assert bench.local.prompts[0].text == "a\nb"


async def test_an_empty_prompt_sends_nothing():
    async with chatting() as bench:
        await bench.pilot.press("space", "enter")
        assert not bench.local.prompts and bench.said == ""


async def test_up_and_down_at_the_edges_walk_the_history_and_keep_the_draft():
    async with chatting([Delta("ok")]) as bench:
        for n, task in enumerate(("one", "two\nlines"), 1):
            await bench.send(task)
            await bench.settled(n)
        await bench.pilot.press(*"new", "up")
        assert bench.prompt.text == "two\nlines"
        await bench.pilot.press("up")
        assert bench.prompt.text == "two\nlines", "within a text, up moves the cursor"
        await bench.pilot.press("up")
        assert bench.prompt.text == "one"
        await bench.pilot.press("up")
        assert bench.prompt.text == "one"
        await bench.pilot.press("down", "down", "down")
        assert bench.prompt.text == "new"


async def test_the_cursor_does_not_blink():
    async with chatting() as bench:
        assert not bench.prompt.cursor_blink


async def test_page_keys_move_through_the_conversation_from_the_prompt():
    async with chatting([Delta("- line\n" * 100)], size=(60, 20)) as bench:
        await bench.send("go")
        await bench.settled()
        end = bench.transcript.scroll_offset.y
        await bench.pilot.press("pageup")
        assert bench.transcript.scroll_offset.y == end - (bench.transcript.size.height - 1)
        assert "lines below" in bench.pane.border_subtitle
        await bench.pilot.press("pagedown")
        assert bench.transcript.scroll_offset.y == end
        assert "below" not in bench.pane.border_subtitle
