"""The menu over the prompt: it follows what is typed, and Enter and Tab take from it."""

import pytest

from console.ui.commands import Choice
from console.ui.draw.line import plain
from console.ui.widgets.menu import MOST_ROWS, Menu, menu_lines
from tests.patience import until_shown
from tests.services.fakes import GivenFiles, GivenPrompts
from tests.ui.chat.host import chatting

FILES = GivenFiles({"src/a.py": "one", "src/b.py": "two", "notes.txt": "three"})


def offered(bench):
    return [choice.label for choice in bench.app.query_one(Menu).choices]


async def typed(bench, text):
    bench.prompt.put(text)
    await bench.app.workers.wait_for_complete()
    await bench.pilot.pause()


async def test_a_slash_shows_what_there_is_and_more_letters_fewer():
    async with chatting() as bench:
        await bench.pilot.press("slash")
        assert len(offered(bench)) > 15 and "/file PATH" in bench.screen
        await bench.pilot.press("t")
        assert offered(bench) == ["/tier auto|local|api"]
        await bench.pilot.press("backspace", "backspace")
        assert offered(bench) == [] and "/file" not in bench.screen


async def test_a_path_with_slashes_and_a_second_line_are_no_commands():
    async with chatting() as bench:
        await typed(bench, "/etc/passwd")
        assert offered(bench) == []
        await typed(bench, "/file\nx")
        assert offered(bench) == []


async def test_the_arrows_choose_and_enter_takes_and_runs():
    async with chatting() as bench:
        await bench.pilot.press("slash", "p", "down", "up")
        assert bench.prompt.text == "/p"
        await bench.pilot.press("enter")
        await bench.pilot.pause()
        assert bench.pane.conversation.pinned == "by hand" and bench.prompt.text == ""


async def test_enter_in_a_command_that_needs_more_asks_for_it():
    async with chatting() as bench:
        await bench.pilot.press("slash", "f", "enter")
        await bench.pilot.pause()
        assert bench.prompt.text == "/file " and "/file needs PATH." in bench.screen


async def test_tab_goes_as_far_as_it_is_certain_and_then_takes_the_chosen_one():
    async with chatting(files=FILES) as bench:
        await typed(bench, "/file s")
        assert offered(bench) == ["src/a.py", "src/b.py"]
        await bench.pilot.press("tab")
        await bench.app.workers.wait_for_complete()
        assert bench.prompt.text == "/file src/"
        await bench.pilot.press("down", "tab")
        await bench.pilot.pause()
        assert bench.prompt.text == "/file src/b.py"


async def test_the_menu_never_offers_what_no_longer_fits():
    async with chatting(files=FILES) as bench:
        await typed(bench, "/file ")
        assert "notes.txt" in offered(bench)
        bench.prompt.put("/file src/b")
        await bench.pilot.press("tab")
        await bench.app.workers.wait_for_complete()
        assert bench.prompt.text == "/file src/b.py"


async def test_escape_closes_the_menu_first_and_more_typing_opens_it_again():
    async with chatting() as bench:
        await bench.pilot.press("slash", "escape")
        assert offered(bench) == [] and bench.prompt.text == "/" and bench.prompt.has_focus
        await bench.pilot.press("c")
        assert offered(bench)
        await bench.pilot.press("escape", "escape")
        assert not bench.prompt.has_focus


async def test_values_that_only_the_running_console_knows():
    async with chatting(prompts=GivenPrompts(terse="Be brief.", long="Go on.")) as bench:
        await typed(bench, "/system ")
        assert offered(bench) == ["off", "long", "terse"]
        await typed(bench, "/tier ")
        assert offered(bench) == ["auto", "local", "api"]
        await bench.send("/file notes.txt")
        await bench.app.workers.wait_for_complete()
        await typed(bench, "/drop ")
        assert offered(bench) == ["notes.txt"]


async def test_a_completion_cannot_act():
    async with chatting(files=GivenFiles({"[/x]\x1b]0;t\x07": "y"})) as bench:
        await typed(bench, "/file [")
        assert "[/x]␛]0;t␇" in bench.screen


def test_long_lists_scroll_with_the_chosen_one_in_view():
    choices = [Choice(f"/{n}", f"label {n}", "help") for n in range(30)]
    first, last = menu_lines(choices, 0, MOST_ROWS, 58), menu_lines(choices, 29, MOST_ROWS, 58)
    assert len(first) == len(last) == MOST_ROWS
    assert "label 0 " in plain(first[0]) and "22 more · help" in plain(first[-1])
    assert "label 29" in plain(last[-1]) and last[-1][0][1] == "cursor"


@pytest.mark.parametrize("width", range(12, 60))
def test_how_many_more_there_are_is_told_at_any_width(width):
    choices = [Choice(f"/{n}", f"src/a/long/path/{n}.py", "help") for n in range(30)]
    last = plain(menu_lines(choices, 0, MOST_ROWS, width)[-1])
    assert "22 more" in last[:width]


async def test_how_many_more_there_are_is_told_again_when_the_terminal_becomes_narrow():
    paths = GivenFiles({f"a/path/of/many/letters/{n}.txt": "x" for n in range(20)})
    async with chatting(files=paths, size=(60, 30)) as bench:
        await typed(bench, "/file a/path/of/many/letters/")
        assert "12 more" in bench.screen
        await bench.pilot.resize_terminal(34, 30)
        await until_shown(bench.pilot, lambda: "12 more" in bench.screen)
