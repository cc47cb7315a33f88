"""The whole console driven by keys: focus, zoom, help, palette, themes, the ladder of Escape."""

import asyncio

import pytest
from textual.command import CommandPalette

from console.core.settings import Settings
from console.core.tier import Tier
from console.ui.keys import ACTIONS
from console.ui.panes.ledger import LedgerPane
from console.ui.screens.popup import Popup
from console.ui.widgets.keybar import KeyBar
from tests.screen_text import screen_text
from tests.ui.conftest import MemoryState, Parts, card, drawn, entry, sampled, shown, snapshot
from tests.ui.hostile import ATTACKS, MARKUP

KEYS = {1: ("f1", "alt+1", "1"), 2: ("f2", "alt+2", "2"), 3: ("f3", "alt+3", "3"),
        4: ("f4", "alt+4", "4")}  # fmt: skip


def focused(app):
    return app.screen.current.number


@pytest.mark.parametrize("number", KEYS)
@pytest.mark.parametrize("way", [0, 1, 2])
async def test_every_pane_is_one_key_away(parts, number, way):
    async with shown(parts) as (app, pilot):
        await pilot.press("f1" if number != 1 else "f2")
        await pilot.press(KEYS[number][way])
        assert focused(app) == number and not app.screen.has_class("-zoomed")
        pane = app.screen.current
        assert app.focused is pane.target
        assert pane.styles.border.top[0] == "heavy"


async def test_the_same_key_again_zooms_and_restores(parts):
    async with shown(parts) as (app, pilot):
        await pilot.press("f1", "f1")
        assert app.screen.has_class("-zoomed")
        await pilot.pause()
        assert "2 Ledger ─" not in screen_text(app) and "1 GPU" in screen_text(app)
        await pilot.press("f2")
        assert focused(app) == 2 and app.screen.has_class("-zoomed"), "zoom stays, the pane changes"
        await pilot.press("z")
        await pilot.pause()
        assert "1 GPU" in screen_text(app) and "3 Chat" in screen_text(app)
        assert parts.state.values["zoom"] is False and parts.state.values["pane"] == 2


async def test_what_was_left_open_comes_back():
    parts = Parts(state=MemoryState(pane=4, zoom=True, theme=["paper", "slate"]))
    async with shown(parts) as (app, _):
        assert focused(app) == 4 and app.screen.has_class("-zoomed") and app.theme == "paper"
    await parts.books.aclose()


@pytest.mark.parametrize("left", [{"pane": "x", "zoom": 3, "theme": 4}, {"pane": 9, "theme": []},
                                  {"theme": ["gone", "slate"]}])  # fmt: skip
async def test_what_was_left_open_may_be_nonsense(left):
    parts = Parts(state=MemoryState(**left))
    async with shown(parts) as (app, _):
        assert focused(app) == 3 and app.theme == "slate"
    await parts.books.aclose()


async def test_a_configured_theme_wins_over_a_choice_made_under_another():
    parts = Parts(Settings(theme="mono"), state=MemoryState(theme=["paper", "slate"]))
    async with shown(parts) as (app, _):
        assert app.theme == "mono"
    await parts.books.aclose()


async def test_letters_type_in_the_prompt_and_act_outside_it(parts):
    async with shown(parts) as (app, pilot):
        await pilot.press("f1", "f3")
        await pilot.press("q", "z", "T", "1", "question_mark", "colon", "y", "j")
        assert app.focused.text == "qzT1?:yj" and focused(app) == 3
        assert not app.screen.has_class("-zoomed") and app.theme == "slate"
        await pilot.press("f2", "z")
        assert app.screen.has_class("-zoomed")


async def test_digits_in_the_what_if_pane_edit_the_value(parts):
    async with shown(parts) as (app, pilot):
        await pilot.press("f4", "2", "5")
        assert focused(app) == 4 and app.screen.current.editing
        await pilot.press("escape")
        assert not app.screen.current.editing
        await pilot.press("j", "right", "u", "U")
        assert focused(app) == 4


async def test_help_shows_the_pane_and_its_keys_and_scrolls(parts):
    async with shown(parts, (100, 30)) as (app, pilot):
        await pilot.press("f2", "question_mark")
        await pilot.pause()
        text = screen_text(app)
        assert isinstance(app.screen, Popup)
        assert "Help: Ledger" in text and "To the older row" in text and "ledger.down" in text
        await pilot.press("G")
        await pilot.pause()
        assert "[keys]" in screen_text(app)
        await pilot.press("q")
        assert not isinstance(app.screen, Popup), "q closes what is open, not the console"


async def test_the_palette_lists_what_the_focused_pane_can_do(parts):
    async with shown(parts) as (app, pilot):
        await pilot.press("f1", "colon")
        await pilot.pause()
        assert isinstance(app.screen, CommandPalette)
        await pilot.press("escape")
        labels = [command.title for command in app.get_system_commands(app.screen)]
        assert any(label.startswith("Pause") for label in labels)
        assert "Theme paper" in labels and not any("Explain" in label for label in labels)
        await pilot.press("f3", "ctrl+p")
        await pilot.pause()
        assert isinstance(app.screen, CommandPalette), "also from the prompt"


async def test_every_command_of_the_palette_runs(parts):
    async with shown(parts) as (app, pilot):
        ran = set()
        for number in KEYS:
            app.screen.action_pane(number)
            for command in app.get_system_commands(app.screen):
                if command.title in ran or command.title.startswith("Quit"):
                    continue
                ran.add(command.title)
                result = command.callback()
                if result is not None:
                    await result
                await pilot.pause()
                while len(app.screen_stack) > 1:
                    await pilot.press("escape")
        assert len(ran) > len(ACTIONS) // 2 and app.is_running


async def test_themes_cycle_with_their_name_shown_and_are_kept(parts):
    async with shown(parts) as (app, pilot):
        await pilot.press("f1")
        seen = [app.theme]
        for _ in app._themes:
            await pilot.press("T")
            seen.append(app.theme)
            assert parts.state.values["theme"] == [app.theme, "slate"]
        await pilot.pause()
        assert seen[0] == seen[-1] and len(set(seen)) == len(seen) - 1 >= 3
        assert f"theme {app.theme}" in screen_text(app)


async def test_the_ladder_of_escape(parts):
    never = asyncio.Event()
    parts.tiers[Tier.LOCAL].script = (never,)
    async with shown(parts) as (app, pilot):
        await pilot.press("f1", "f3", "f3")
        await pilot.press("h", "i", "enter")
        await parts.tiers[Tier.LOCAL].prompted(1)
        await pilot.press("question_mark")
        await pilot.press("escape")
        while parts.tiers[Tier.LOCAL].closed == 0:
            await pilot.pause()
        assert app.screen.has_class("-zoomed") and app.screen.typing, "first the reply"
        await pilot.press("escape")
        for _ in range(3):
            if not app.screen.typing:
                break
            await pilot.press("escape")
        assert not app.screen.typing and app.screen.has_class("-zoomed"), "then the prompt"
        await pilot.press("escape")
        assert not app.screen.has_class("-zoomed"), "then the zoom"
        await pilot.press("escape")
        assert app.is_running


async def test_the_key_bar_names_what_works_now(parts):
    async with shown(parts) as (app, pilot):
        await pilot.press("f1")
        assert "space pause" in screen_text(app) and "q quit" in screen_text(app)
        await pilot.press("f3")
        await pilot.pause()
        bar = screen_text(app).splitlines()[-1]
        assert "^t tier" in bar and "q quit" not in bar and "^p find" in bar


async def test_remapped_keys_work_and_are_shown():
    parts = Parts(Settings(keys={"zoom": "Z", "chat.pin": "f9", "help": "ctrl+i"}))
    async with shown(parts) as (app, pilot):
        await pilot.press("f1", "z")
        assert not app.screen.has_class("-zoomed")
        await pilot.press("Z")
        assert app.screen.has_class("-zoomed")
        assert "Z zoom" in screen_text(app)
        assert "[keys] help: ^i cannot be used" in " ".join(screen_text(app).split())
        await pilot.press("f3", "f9")
        await pilot.pause()
        assert app.query_one("#chat").conversation.pinned
    await parts.books.aclose()


async def test_ctrl_c_says_how_to_quit_and_ctrl_q_quits_from_the_prompt(parts):
    async with shown(parts) as (app, pilot):
        await pilot.press("f1", "ctrl+c")
        await pilot.pause()
        assert "q quits; ^q does so from a text field too." in screen_text(app)
        await pilot.press("f3", "ctrl+q")
        assert app.return_code == 0 and not app.is_running


async def test_a_broken_theme_and_an_unknown_one_are_sentences(tmp_path):
    (tmp_path / "mine.toml").write_text("[/nope]\x1b")
    parts = Parts(Settings(theme="nowhere"))
    async with shown(parts, theme_folders=[tmp_path]) as (app, pilot):
        await pilot.pause()
        text = " ".join(screen_text(app).split())
        assert "theme mine is not TOML" in text and "theme nowhere does not exist" in text
        assert app.theme == "ember"
    await parts.books.aclose()


async def test_copy_sends_what_is_chosen(parts):
    parts.ledger.open_entry(entry(1, Tier.API))
    async with shown(parts) as (app, pilot):
        await pilot.press("f2", "y")
        assert "claude-sonnet-5-5" in app.clipboard and "0.00139" in app.clipboard
        await sampled(parts, pilot, snapshot(card(0)))
        await pilot.press("f1", "y")
        assert "340/700W" in app.clipboard


async def test_demo_is_said_at_every_size_and_in_every_state():
    parts = Parts(demo=True)
    async with shown(parts) as (app, pilot):
        for size in ((200, 60), (120, 40), (80, 24), (40, 12)):
            await pilot.resize_terminal(*size)
            await pilot.pause()
            for keys in (["f1", "z"], ["question_mark"], ["colon"]):
                await pilot.press(*keys)
                await pilot.pause()
                assert "DEMO" in screen_text(app).splitlines()[0], (size, keys)
                await pilot.press("escape")
    await parts.books.aclose()


async def test_nothing_simulated_is_unsaid(parts):
    async with shown(parts) as (app, pilot):
        said = snapshot(card(0), origin="trace: h200.jsonl, synthetic", simulated=True)
        await sampled(parts, pilot, said)
        assert "trace: h200.jsonl, synthetic" in screen_text(app)


async def test_a_storm_of_sizes(parts):
    for number in range(30):
        parts.ledger.open_entry(entry(number, Tier.API if number % 2 else Tier.LOCAL))
    async with shown(parts, (200, 60)) as (app, pilot):
        await sampled(parts, pilot, snapshot(card(0), card(1)))
        await pilot.press("f2")
        await pilot.pause()
        before = screen_text(app)
        sizes = [(200, 60), (40, 12), (99, 24), (100, 24), (39, 30), (180, 11), (1, 1), (3, 2)]
        for size in [*sizes, *sizes[::-1], (179, 60), (180, 60), (40, 12), (200, 60)]:
            await pilot.resize_terminal(*size)
            await pilot.pause()
        await pilot.pause()
        assert focused(app) == 2
        assert screen_text(app) == before


async def test_too_small_is_said(parts):
    async with shown(parts, (38, 11)) as (app, _):
        assert "too small" in screen_text(app)


async def test_one_pane_and_its_tabs_where_only_one_fits(parts):
    async with shown(parts, (80, 24)) as (app, pilot):
        for number, name in ((1, "GPU"), (2, "Ledger"), (3, "Chat"), (4, "What-if")):
            await pilot.press(f"f{number}")
            await pilot.pause()
            lines = screen_text(app).splitlines()
            assert f" {number} {name}" in lines[1] and lines[2].startswith(f"┏━ {number} {name}")
            assert sum("┏" in line for line in lines) == 1


async def test_hostile_words_everywhere_are_only_words():
    every = [*ATTACKS.values(), *MARKUP]
    texts = ["".join(every[start : start + 7]) for start in range(0, len(every), 7)]
    evil = "".join(MARKUP) + ATTACKS["clear and home"]
    parts = Parts(Settings(theme=evil, keys={evil: evil}))
    for number, text in enumerate(texts):
        parts.ledger.open_entry(
            entry(number, Tier.API, model=text, reason=text, error=text, provider=text, tag=text)
        )
    async with shown(parts, (180, 70)) as (app, pilot):
        await pilot.press("f2")
        for text in texts:
            await sampled(parts, pilot, snapshot(card(0, name=text), card(1, fault=text)))
            await pilot.press("x")
            await pilot.pause()
            assert isinstance(app.screen, Popup)
            assert not set(screen_text(app)) & set("\x1b\a\b\x9b\x9d\u202e\u200b")
            await pilot.press("escape", "j")
            await sampled(parts, pilot, snapshot(trouble=text))
            assert not set(screen_text(app)) & set("\x1b\a\b\x9b\x9d\u202e\u200b")
    await parts.books.aclose()


async def test_a_part_that_fails_says_so_and_the_rest_goes_on(parts):
    async with shown(parts) as (app, pilot):

        async def fail():
            raise RuntimeError("[/oops]\x1b[2J")

        app.run_worker(fail(), name="health", exit_on_error=False)
        await pilot.pause()
        await pilot.pause()
        assert "health stopped: [/oops]␛[2J." in screen_text(app)
        assert app.is_running


async def test_idle_panes_are_not_drawn_again(parts):
    parts.ledger.open_entry(entry(1))
    async with shown(parts) as (app, pilot):
        await sampled(parts, pilot, snapshot(card(0)))
        sent = []
        app._driver.write = sent.append
        await sampled(parts, pilot, snapshot(card(0)))
        await parts.books.change_stamp()
        app.query_one(LedgerPane)._stale.set()
        await drawn(parts, pilot)
        app.query_one(KeyBar).on_resize()
        await pilot.pause()
        assert "".join(sent).replace("\x1b[?2026h", "").replace("\x1b[?2026l", "") == ""
