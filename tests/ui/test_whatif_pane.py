"""The what-if pane driven by keys: every keystroke shows in the figures, and slips lose nothing."""

import re
import threading

import pytest
from textual.app import App

from console.core.whatif.scenario import Scenario
from console.ui import colours, theme
from console.ui.draw.line import plain, text_of
from console.ui.panes.whatif import WhatifPane
from console.ui.widgets.rows import Rows
from tests.patience import until_shown

from ..services.calculators import calculator


class Bench(App):
    CSS = "Screen { layout: vertical; }"

    def __init__(self, engine):
        super().__init__()
        self.engine = engine
        self.shown, self.said, self.copied = [], [], []

    def get_theme_variable_defaults(self):
        return theme.variables(colours.FALLBACK)

    def compose(self):
        yield WhatifPane(lambda: self.engine, id="whatif")

    begins_here = True

    def on_mount(self):
        if self.begins_here:
            self.query_one(WhatifPane).focus()

    def on_answer(self, message):
        self.shown.append((message.title, text_of(message.drawn(100))))
        for width in (30, 60):
            assert all(len(plain(line)) <= max(width, 85) for line in message.drawn(width))

    def on_say(self, message):
        self.said.append(message.text)

    def on_copy_text(self, message):
        self.copied.append(message.text)

    @property
    def text(self):
        return text_of(self.query_one(Rows).lines)


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    return calculator(tmp_path_factory.mktemp("pane"))


class Elsewhere(Bench):
    AUTO_FOCUS = None
    begins_here = False


async def test_the_price_list_is_read_at_first_use(tmp_path):
    engine = calculator(tmp_path)
    app = Elsewhere(engine)
    async with app.run_test(size=(110, 40)) as pilot:
        pane = app.query_one(WhatifPane)
        await until_shown(pilot, lambda: pane.desk.scenario.base == "my-ledger")
        assert not engine.priced and "prices built in" in app.text
        assert pane.desk.row("api.input").source.text.startswith("built in: ")
        pane.focus()
        await until_shown(pilot, lambda: "prices built in" not in app.text)
        assert engine.priced
        assert pane.desk.row("api.input").source.text.startswith("genai-prices")


async def test_it_says_that_it_reads_and_reads_the_ledger_once(tmp_path, monkeypatch):
    engine = calculator(tmp_path)
    go_on, reads = threading.Event(), []
    read = engine._ledger.traffic

    def slow(*window):
        reads.append(window)
        assert go_on.wait(30)
        return read(*window)

    monkeypatch.setattr(engine._ledger, "traffic", slow)
    app = Bench(engine)
    async with app.run_test(size=(110, 40)) as pilot:
        pane = app.query_one(WhatifPane)
        await until_shown(pilot, lambda: "reading your ledger" in app.text)
        await pilot.press("j", "7")
        assert "7" in app.text, "it does not wait with keys"
        assert pane.step_back()
        go_on.set()
        await until_shown(pilot, lambda: pane.desk.scenario.base == "my-ledger" and engine.priced)
        await until_shown(pilot, lambda: "reading your ledger" not in app.text)
    assert len(reads) == 1


@pytest.fixture
async def bench(engine):
    app = Bench(engine)
    async with app.run_test(size=(110, 40)) as pilot:
        pane = app.query_one(WhatifPane)
        await until_shown(pilot, lambda: pane.desk.scenario.base == "my-ledger")
        assert pane.desk.figures.rows[pane._cursor].name == "workload.requests_per_day"
        await pilot.press("k")
        yield app, pane, pilot


@pytest.fixture
async def article(bench):
    _app, pane, pilot = bench
    pane.desk.put(Scenario("article"))
    pane.changed(True)
    await pilot.pause()
    return bench


@pytest.fixture
async def homelab(bench):
    _app, pane, pilot = bench
    pane.desk.put(Scenario("homelab"))
    pane.changed(True)
    await pilot.pause()
    return bench


async def test_it_starts_from_the_operators_own_traffic(bench):
    app, _pane, _pilot = bench
    assert "my-ledger" in app.text and "you are here: " in app.text and "measured" in app.text


async def test_the_article_to_the_dollar_recomputed_at_each_keystroke(article):
    app, pane, pilot = article
    assert all(figure in app.text for figure in ("1,275", "1,800", "693", "388"))
    assert "5,438" in app.text and "2,157" in app.text
    await pilot.press("j", "1")
    assert "$/month at 1/day" in app.text
    await pilot.press("0", "0", "k")
    assert "$/month at 100,000/day" in app.text and "12,750" in app.text
    assert not pane.desk.scenario.changes, "nothing is kept before Enter"
    await pilot.press("enter")
    assert pane.desk.scenario.changes == {"workload.requests_per_day": 100_000}
    await pilot.press("x")
    assert "$120 →       $128" in app.shown[-1][1] and "400 input tokens" in app.shown[-1][1]
    assert "16.4×" in app.shown[-1][1]


async def test_escape_restores_and_a_slip_keeps_the_last_good_figures(article):
    app, pane, pilot = article
    await pilot.press("j", "5", ".", ".")
    assert "stale" in app.text and "1,275" not in app.text and "$/month at 5/day" in app.text
    assert "requests/day: " in app.text
    pane.action_field(1)
    assert pane.editing, "a slip is not left behind silently"
    assert pane.step_back() and not pane.step_back()
    assert "1,275" in app.text and not pane.editing


async def test_steps_undo_redo_default_and_the_preset_row(homelab):
    app, pane, pilot = homelab
    await pilot.press("right")
    assert pane.desk.scenario.base == "rented"
    await pilot.press("left", "j", "right", "right", "left")
    assert pane.desk.scenario.changes == {"workload.requests_per_day": 15_000}
    await pilot.press("u", "u")
    assert pane.desk.scenario.changes == {"workload.requests_per_day": 15_000}
    await pilot.press("U", "U", "0")
    assert pane.desk.scenario.changes == {}
    await pilot.press("pageup")
    assert pane.desk.scenario.changes == {"workload.requests_per_day": 100_000}
    await pilot.press("asterisk")
    assert 30 < pane.desk.scenario.changes["workload.requests_per_day"] < 70
    assert "✎" in app.text and "typed" in app.text


async def test_a_range_a_share_and_a_fraction(homelab):
    app, pane, pilot = homelab
    rows = [row.name for row in pane.desk.figures.rows]
    for name, keys, value in (
        ("self_host.usd_per_kwh", ".189", 0.189),
        ("workload.cache_read_share", "12%", 0.12),
        ("self_host.spare_replicas", "1", 1),
    ):
        pane._move_to(rows.index(name))
        await pilot.press(*keys, "enter")
        assert pane.desk.scenario.changes[name] == value
    pane._move_to(rows.index("self_host.replica_rps"))
    await pilot.press(*"1.3..4.3", "enter")
    assert "1.3..4.3" in app.text


async def test_every_crossover_has_its_interval_and_is_refined(homelab):
    app, pane, pilot = homelab
    told = re.findall(r"[▲▼] ([\d,]+)/day (\[[\d,]+–[\d,]+\])", app.text)
    assert told and told[0][0] == "38,268"
    await until_shown(pilot, lambda: not pane.desk.figures.spread.quick)
    await until_shown(pilot, lambda: "payback never" in app.text)
    await pilot.pause()
    assert "P5–P95 ~" not in app.text and "CO₂ " in app.text


async def test_letters_open_their_answers(homelab):
    app, _pane, pilot = homelab
    await pilot.press("j", "x", "t", "d", "S")
    await pilot.pause()
    titles = [title for title, _ in app.shown]
    assert titles == ["Why", "Tornado", "The decision", "Goal seek: requests/day"]
    why, tornado, decision, seek = (text for _, text in app.shown)
    assert "self_host.total $313.14 = capital" in why and "a rule of thumb: three years" in why
    assert "ops hours" in tornado and "flips" in tornado
    assert decision.count("yours to judge") >= 8 and "numbers" in decision
    assert "38,268.3" in seek
    await pilot.press("M")
    await until_shown(pilot, lambda: app.shown[-1][0] == "Monte Carlo")
    assert "seed 1" in app.shown[-1][1] and "2,000 draws" in app.shown[-1][1]
    await pilot.press("r", "enter")
    await until_shown(pilot, lambda: app.shown[-1][0].startswith("Replay"))
    assert "everything at Haiku 5.5" in app.shown[-1][1] and "low" in app.shown[-1][1]
    assert "queueing not checked: no request goes to the rig" in app.shown[-1][1]


async def test_everything_is_said_in_words_and_nothing_is_cut(homelab):
    app, pane, pilot = homelab
    await until_shown(pilot, lambda: not pane.desk.figures.spread.quick)
    await pilot.press("v")
    title, text = app.shown[-1]
    assert title == "In words"
    said = " ".join(text.split())
    for duel in pane.desk.figures.results.duels:
        for crossover in duel.breakeven.crossovers:
            assert duel.reason(crossover) in said
    for warning in pane.desk.figures.advice:
        assert warning in said
    assert "escalated $3.31" in said and "…" not in said.replace(" … ", "")


async def test_small_screens_say_how_much_they_leave_out(engine):
    app = Bench(engine)
    async with app.run_test(size=(40, 12)) as pilot:
        pane = app.query_one(WhatifPane)
        await until_shown(pilot, lambda: pane.desk.scenario.base == "my-ledger")
        pane.desk.put(Scenario("homelab"))
        pane.changed(True)
        await pilot.pause()
        bills = [line for line in app.text.splitlines() if "◂" in line]
        assert len(bills) == 1 and "Llama 8B" in bills[0]
        assert app.text.count("more lines: v") == 2 and "▲ 38.3k [" in app.text


async def test_a_replay_is_asked_for_by_policy_days_and_prices(homelab, engine):
    app, _pane, pilot = homelab
    mine = engine.shelf.folder / "policies" / "mine.toml"
    mine.parent.mkdir(parents=True, exist_ok=True)
    mine.write_text('rules = [{ when = { route = "local" }, to = "keep" }, { to = "opus" }]\n'
                    'targets = { opus = { model = "anthropic/claude-opus-5-5" } }\n')  # fmt: skip
    await pilot.press("r")
    assert "mine" in app.text and "all-api 30 now▏" in app.text
    await pilot.press("up", "up")
    assert "short-local 30 now" not in app.text and "mine 30 now▏" in app.text.replace("  ", " ")
    for key in ("backspace",) * 6:
        await pilot.press(key)
    await pilot.press("5", "space", "r", "o", "w", "enter")
    await until_shown(pilot, lambda: app.shown and app.shown[-1][0] == "Replay")
    assert "the last 5 days again: mine" in app.shown[-1][1]
    assert "prices of row" in app.shown[-1][1]
    await pilot.press("r")
    assert "mine 5 row▏" in app.text
    for key in ("backspace",) * 3:
        await pilot.press(key)
    await pilot.press("s", "o", "o", "n", "enter")
    await until_shown(pilot, lambda: app.said)
    assert app.said[-1] == "Not replayed: prices can be those of now, row or a date, not soon."
    mine.unlink()


async def test_pins_show_only_what_differs(homelab):
    app, _pane, pilot = homelab
    await pilot.press("a", "j", "right", "b")
    await pilot.pause()
    title, text = app.shown[-1]
    assert title == "Pinned scenarios"
    assert text.splitlines()[0].split() == ["A", "B"]
    assert text.splitlines()[1].split() == ["requests/day", "10,000", "15,000"]
    assert "Δ to A" in text and "peak" not in text
    assert "pinned AB" in app.text


async def test_save_open_export_and_the_command(homelab):
    app, pane, pilot = homelab
    await pilot.press("j", "right", "w", *"mine", "enter")
    await pilot.pause()
    assert app.said[-1].startswith("Saved as ")
    await pilot.press("right", "o", *"mine", "enter")
    assert pane.desk.scenario.changes == {"workload.requests_per_day": 15_000}
    await pilot.press("o", *"none", "enter")
    await pilot.pause()
    assert "There is no file" in app.said[-1]
    await pilot.press("e", "Y")
    await pilot.pause()
    assert "whatif.json" in app.said[-1] and "whatif.md" in app.said[-1]
    assert app.copied == [
        "llmconsole whatif --preset homelab --set workload.requests_per_day=15000"]  # fmt: skip


@pytest.mark.parametrize("base", ["article", "my-ledger", "team"])
@pytest.mark.parametrize("size", [(200, 60), (116, 34), (76, 18), (58, 14), (40, 12), (24, 6),
                                  (10, 3)])  # fmt: skip
async def test_every_size(bench, size, base):
    app, pane, pilot = bench
    pane.desk.put(Scenario(base))
    await pilot.resize_terminal(*size)
    for _ in range(2):
        await pilot.press("V", "L")
        rows = app.query_one(Rows)
        assert len(rows.lines) <= rows.size.height
        assert all(len(plain(line)) <= rows.size.width for line in rows.lines)
        if base == "team" and size[0] >= 40:
            assert re.search(r"[▲▼]", text_of(rows.lines))


async def test_the_cursor_moves_and_stays_inside(homelab):
    app, pane, pilot = homelab
    await pilot.press("G")
    assert "▸ " in app.text and pane._cursor == len(pane.desk.figures.rows) - 1
    await pilot.press("j", "g", "k")
    assert pane._cursor == 0
    await pilot.press("ctrl+d", "ctrl+d")
    assert pane.desk.figures.rows[pane._cursor].name == "api.model"
