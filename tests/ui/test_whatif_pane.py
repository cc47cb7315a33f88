"""The what-if pane driven by keys: every keystroke shows in the figures, and slips lose nothing."""

import pytest
from textual.app import App

from console.ui import theme
from console.ui.draw.line import text_of
from console.ui.panes.whatif import WhatifPane
from console.ui.widgets.rows import Rows


class Bench(App):
    CSS = "Screen { layout: vertical; }"

    def get_theme_variable_defaults(self):
        return theme.variables(theme.FALLBACK)

    def compose(self):
        yield WhatifPane(id="whatif")

    def on_mount(self):
        self.query_one(WhatifPane).focus()

    @property
    def text(self):
        return text_of(self.query_one(Rows).lines)


@pytest.fixture
async def bench():
    app = Bench()
    async with app.run_test(size=(100, 30)) as pilot:
        pane = app.query_one(WhatifPane)
        await pilot.pause()
        yield app, pane, pilot


async def test_typing_recomputes_at_each_keystroke(bench):
    app, pane, pilot = bench
    await pilot.press("1")
    assert "$/month at 1/day" in app.text
    await pilot.press("0", "0", "k")
    assert "$/month at 100,000/day" in app.text and "12,750" in app.text
    assert not pane.sheet.typed, "nothing is kept before Enter"
    await pilot.press("enter")
    assert pane.sheet.value("requests_per_day") == 100_000


async def test_escape_restores_and_a_slip_keeps_the_last_good_figures(bench):
    app, pane, pilot = bench
    await pilot.press("5", ".", ".")
    assert "stale" in app.text and "1,275" not in app.text and "$/month at 5/day" in app.text
    assert "requests/day: " in app.text
    pane.action_field(1)
    assert pane.editing, "a slip is not left behind silently"
    pane.step_back()
    assert "1,275" in app.text and not pane.editing


async def test_steps_undo_redo_and_default(bench):
    _app, pane, _pilot = bench
    pane.action_step(1)
    assert pane.sheet.value("requests_per_day") == 15_000
    pane.action_step(-1)
    pane.action_step(-1)
    assert pane.sheet.value("requests_per_day") == 7_000
    pane.action_undo()
    pane.action_undo()
    assert pane.sheet.value("requests_per_day") == 15_000
    pane.action_redo()
    assert pane.sheet.value("requests_per_day") == 10_000
    pane.action_step(1)
    pane.action_default()
    assert not pane.sheet.typed


async def test_the_cursor_moves_and_stays_inside(bench):
    app, pane, _pilot = bench
    for _ in range(40):
        pane.action_field(1)
    assert "▸ set-up" in app.text or "▸ Llama 8B set-up" in app.text
    for _ in range(40):
        pane.action_field(-1)
    assert "▸ requests/day" in app.text


async def test_explain_shows_where_the_article_differs(bench):
    app, pane, _pilot = bench
    pane.action_explain()
    assert "$120 →       $128" in app.text and "400 input tokens" in app.text
    assert "5,000–10,000 →  3,852/day" in app.text and "16.4×" in app.text


@pytest.mark.parametrize("size", [(200, 60), (80, 24), (58, 16), (40, 12), (24, 6), (10, 3)])
async def test_every_size(bench, size):
    app, pane, pilot = bench
    await pilot.resize_terminal(*size)
    await pilot.pause()
    for _ in range(2):
        lines = app.query_one(Rows).lines
        assert len(lines) <= app.query_one(Rows).size.height
        pane.action_explain()
