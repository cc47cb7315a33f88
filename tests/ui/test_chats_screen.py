"""The list of conversations: found as it is typed, renamed, deleted only when asked twice."""

import pytest
from textual.app import SuspendNotSupported

from console.core.kept import Listed
from console.ui.draw.chats import chats_lines, when
from console.ui.draw.line import plain
from console.ui.screens.chats import ChatsScreen
from console.ui.widgets.dialogue import Dialogue
from console.ui.widgets.prompt import Prompt
from tests.patience import until_shown
from tests.screen_text import screen_text
from tests.ui.conftest import NOW, shown


async def asked(app, pilot, *tasks):
    """Ask each in a conversation of its own."""
    for task in tasks:
        await pilot.press("ctrl+n")
        app.query_one(Prompt).put(task)
        await pilot.press("enter")
        await until_shown(pilot, lambda: app.query_one(Dialogue).conversation.exchanges)


MINE = ("_look", "_rename", "_delete", "_export", "_resume", "on_edit_text")


async def settled(app, pilot):
    """Wait for what the list and the editor began; the console's own work never ends."""
    await pilot.pause()
    while begun := [worker for worker in app.workers if worker.name in MINE]:
        await app.workers.wait_for_complete(begun)
        await pilot.pause()
    await pilot.pause()


async def opened(app, pilot, words=""):
    await pilot.press("f8", *words)
    await settled(app, pilot)
    assert isinstance(app.screen, ChatsScreen)


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (200, 60), (40, 12)])
async def test_conversations_are_found_as_they_are_typed_and_gone_on_with(parts, size):
    async with shown(parts, size) as (app, pilot):
        await asked(app, pilot, "basil in the sun", "cards and racks")
        await opened(app, pilot)
        assert "basil" in screen_text(app) and "cards" in screen_text(app)
        await pilot.press(*"bas")
        await settled(app, pilot)
        assert "basil" in screen_text(app)
        await pilot.press("enter")
        await settled(app, pilot)
        chat = app.query_one(Dialogue).conversation
        assert chat.called == "basil in the sun" and app.query_one(Prompt).has_focus


async def test_a_title_is_changed_and_escape_leaves_it(parts):
    async with shown(parts) as (app, pilot):
        await asked(app, pilot, "first words")
        await opened(app, pilot)
        await pilot.press("ctrl+r", *" more", "escape")
        await settled(app, pilot)
        assert "first words more" not in screen_text(app)
        await pilot.press("ctrl+r", *" more", "enter")
        await settled(app, pilot)
        assert "first words more" in screen_text(app)
        await pilot.press("escape")
        assert app.query_one(Dialogue).conversation.title == "first words more"


async def test_deleting_takes_two_presses_and_moving_takes_it_back(parts):
    async with shown(parts) as (app, pilot):
        await asked(app, pilot, "one", "two")
        await opened(app, pilot)
        await pilot.press("ctrl+x")
        assert "^x again deletes “two” for good." in screen_text(app)
        await pilot.press("down", "ctrl+x")
        assert "^x again deletes “one” for good." in screen_text(app)
        await pilot.press("ctrl+x")
        await settled(app, pilot)
        assert [each.title for each in await parts.console.archive.listed()] == ["two"]
        await pilot.press("ctrl+x", "ctrl+x")
        await settled(app, pilot)
        assert "No conversation yet." in screen_text(app)
        await pilot.press("escape")
        assert app.query_one(Dialogue).conversation.exchanges == []


async def test_an_export_says_where_it_is(parts):
    async with shown(parts) as (app, pilot):
        await asked(app, pilot, "one")
        await opened(app, pilot)
        await pilot.press("ctrl+e")
        await settled(app, pilot)
        (name,) = parts.console.files.texts
        assert name.startswith("one-") and name.endswith(".md")
        assert f"Written to /{name}." in screen_text(app)


async def test_how_long_conversations_are_kept_is_said(parts):
    async with shown(parts) as (app, pilot):
        await opened(app, pilot)
        assert "kept until this console ends; chat.store = true keeps them" in screen_text(app)
        await pilot.press(*"zzz")
        await settled(app, pilot)
        assert "Nothing holds 'zzz'." in screen_text(app)


async def test_an_editor_that_cannot_have_the_terminal_is_a_sentence(parts):
    async with shown(parts) as (app, pilot):
        app.query_one(Prompt).put("text")
        await pilot.press("ctrl+g")
        await settled(app, pilot)
        with pytest.raises(SuspendNotSupported), app.suspend():
            pass
        assert app.query_one(Prompt).text == "text"
        assert "cannot be handed to an editor" in screen_text(app)


def test_a_title_cannot_act_and_the_chosen_one_is_in_view():
    listed = [
        Listed(id=str(n), title=f"[/x]\x1b]0;t\x07 {n}", updated_ms=NOW, messages=n, pinned="p")
        for n in range(50)
    ]
    lines = chats_lines(listed, 49, {"49"}, rows=10, width=60, now_ms=NOW, zone="UTC")
    assert len(lines) == 10 and all("\x1b" not in plain(line) for line in lines)
    assert "[/x]␛]0;t␇ 49" in plain(lines[-1]) and "replying" in plain(lines[-1])
    assert {len(plain(line)) for line in lines[:-1]} == {len(plain(lines[0]))}


def test_times_are_as_wide_as_each_other():
    day = 86_400_000
    told = [when(NOW - ms, NOW, "UTC") for ms in (0, day, 400 * day)]
    assert told == ["     12:04", "    17 Nov", "2025-10-14"]
