"""Reading a conversation with keys: marks, copies, thinking, and a view that stays put."""

import asyncio
import base64

import pytest

from console.core.chat import Delta, Thinking
from console.core.tier import Tier
from console.ui.clipboard import CLIPBOARD_BYTES
from console.ui.draw.fences import code_in
from console.ui.widgets.dialogue import Dialogue
from console.ui.widgets.prompt import Prompt
from console.ui.widgets.reader import Reader
from tests.patience import PATIENCE_S, until_shown
from tests.screen_text import screen_text
from tests.ui.chat.host import chatting
from tests.ui.conftest import shown

REPLY = "Two ways:\n\n```python\nfirst = 1\n```\n\nor\n\n```sh\nsecond\n```\n\nDone."


@pytest.mark.parametrize(
    ("markdown", "codes"),
    [
        ("a\n```python\nx = 1\n  y\n```\nb", ["x = 1\n  y"]),
        ("~~~\na\n```\nb\n~~~", ["a\n```\nb"]),
        ("- item\n  ```\n  a\n    b\n  ```\n- more\n  ```\n  c\n  ```", ["a\n  b", "c"]),
        ("> ```\n> quoted\n> ```", ["quoted"]),
        ("```\nnever closed", ["never closed"]),
        ("````\n```\ninner\n```\n````", ["```\ninner\n```"]),
        ("``` inline ``` and more", []),
        ("none", []),
    ],
)
def test_code_is_what_would_be_pasted(markdown, codes):
    assert list(code_in(markdown)) == codes


async def asked(app, pilot, text="Why?"):
    app.query_one(Prompt).put(text)
    await pilot.press("enter")
    dialogue = app.query_one(Dialogue)
    await until_shown(pilot, lambda: dialogue.conversation.exchanges and not dialogue.shown.running)
    dialogue.paint()
    await pilot.pause()
    app.query_one(Reader).focus()
    await pilot.pause()


def copied(app):
    return app.clipboard


async def test_code_and_messages_are_marked_and_copied(parts):
    parts.tiers[Tier.LOCAL].script = (Delta(REPLY),)
    async with shown(parts) as (app, pilot):
        await asked(app, pilot)
        reader = app.query_one(Reader)
        await pilot.press("y")
        assert copied(app) == REPLY, "without a mark, the last message"
        await pilot.press("c", "y")
        assert copied(app) == "second"
        await pilot.press("c", "y")
        assert copied(app) == "first = 1"
        await pilot.press("c", "C", "y")
        assert copied(app) == "second"
        await pilot.press("left_square_bracket", "y")
        assert copied(app) == REPLY
        await pilot.press("left_square_bracket", "y")
        assert copied(app) == "Why?"
        rows = reader.rows_of(reader.marked.message, 0, 9)
        assert "Why?" in "".join(reader._rows[row].text for row in rows)


async def test_the_marked_rows_stand_out_and_nothing_moves(parts):
    parts.tiers[Tier.LOCAL].script = (Delta(REPLY),)
    async with shown(parts) as (app, pilot):
        await asked(app, pilot)
        reader, before = app.query_one(Reader), screen_text(app)
        await pilot.press("c")
        await pilot.pause()
        grounds = {
            y: {s.style.bgcolor for s in reader.render_line(y) if s.style}
            for y in range(reader.size.height)
        }
        marked = [y for y in grounds if y + reader.scroll_offset.y in reader._marked_rows()]
        assert marked and all(grounds[y] != grounds[0] for y in marked)
        assert screen_text(app) == before
        assert reader.unmark() and not reader.unmark()


async def test_what_is_too_long_for_a_clipboard_goes_to_a_file(parts):
    text = "é" * (CLIPBOARD_BYTES // 2 + 1)
    parts.tiers[Tier.LOCAL].script = (Delta(text),)
    async with shown(parts) as (app, pilot):
        await asked(app, pilot)
        await pilot.press("y")
        await pilot.pause()
        assert parts.copies.texts == [text] and not copied(app)
        assert "Too long" in screen_text(app) and "/state/copies/1.txt" in screen_text(app)


async def test_a_copy_can_be_written_to_a_file_by_key(parts):
    parts.tiers[Tier.LOCAL].script = (Delta(REPLY),)
    async with shown(parts) as (app, pilot):
        await asked(app, pilot)
        await pilot.press("c", "w")
        await pilot.pause()
        assert parts.copies.texts == ["second"] and "Written to" in screen_text(app)


async def test_thinking_is_folded_until_a_key_shows_it(parts):
    parts.tiers[Tier.LOCAL].script = (Thinking("Hmm, \x1b[2Jlet me see."), Delta("Yes."))
    async with shown(parts) as (app, pilot):
        await asked(app, pilot)
        assert "▸ thought for 20 characters" in screen_text(app)
        assert "let me see" not in screen_text(app)
        await pilot.press("t")
        await pilot.pause()
        assert "▾ thought for 20" in screen_text(app) and "Hmm, ␛[2Jlet me see." in screen_text(app)
        await pilot.press("t")
        await pilot.pause()
        assert "let me see" not in screen_text(app)
        await pilot.press("y")
        assert copied(app) == "Yes.", "thoughts are no part of a copy"


async def test_the_view_moves_only_now_and_then_while_the_end_is_followed():
    hold = asyncio.Event()
    lines = [Delta(f"line {number}\n") for number in range(400)]
    async with chatting([hold, *lines], size=(80, 24)) as bench:
        moved, transcript = [], bench.transcript
        await bench.send("go")
        hold.set()
        seen = 0
        async with asyncio.timeout(PATIENCE_S):
            while not seen or bench.pane.dialogue.shown.running:
                await bench.painted()
                seen += 1
                moved.append(transcript.scroll_offset.y)
        assert transcript.following and f"line {399}" in bench.screen
        assert len(set(moved)) <= len(lines) / (transcript.size.height / 2) + 6


async def test_a_reader_who_has_scrolled_up_is_left_in_peace():
    never = asyncio.Event()
    lines = [Delta(f"line {number}\n\n") for number in range(80)]
    async with chatting([*lines, never], size=(80, 24)) as bench:
        await bench.send("go")
        await bench.painted()
        bench.transcript.focus()
        await bench.pilot.press("ctrl+u", "k")
        await bench.pilot.pause()
        top, shown_before = bench.transcript.scroll_offset.y, bench.transcript.render_line(0).text
        bench.local.script = ()
        for number in range(30):
            bench.pane.dialogue.shown.reply.hear(Delta(f"- more {number}\n"))
            await bench.painted()
        assert bench.transcript.scroll_offset.y == top
        assert bench.transcript.render_line(0).text == shown_before
        await bench.pilot.press("G")
        await bench.pilot.pause()
        assert bench.transcript.following and "more 29" in bench.screen


def test_a_clipboard_sequence_stays_below_what_terminals_take():
    assert len(base64.b64encode(b"x" * CLIPBOARD_BYTES)) <= 74_994


async def test_words_are_found_forwards_backwards_and_round(parts):
    lines = "\n\n".join(f"row {n} {'Needle' if n % 20 == 7 else ''}" for n in range(60))
    parts.tiers[Tier.LOCAL].script = (Delta(lines),)
    async with shown(parts) as (app, pilot):
        await asked(app, pilot)
        reader = app.query_one(Reader)
        await pilot.press("g", "slash", *"needle", "enter")
        await pilot.pause()

        def here():
            return reader._rows[reader._marked.start].text.strip()

        assert here() == "row 7 Needle" and "row 7 Needle" in screen_text(app)
        await pilot.press("n")
        assert here() == "row 27 Needle"
        await pilot.press("N", "N")
        assert here() == "row 47 Needle", "round, to the last"
        await pilot.press("escape")
        assert not reader._marked_rows()
        await pilot.press("slash", "escape", "n")
        await pilot.pause()
        assert reader.has_focus
