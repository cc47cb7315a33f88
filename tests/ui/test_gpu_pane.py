"""The GPU pane: each card's state, its history, and what is said when there is none."""

from console.ui.panes.gpu import GpuPane
from tests.screen_text import screen_text
from tests.ui.conftest import NOW, card, sampled, shown, snapshot


async def test_a_card_in_figures(parts):
    async with shown(parts, (180, 50)) as (app, pilot):
        await sampled(parts, pilot, snapshot(card(0), card(1, util_pct=None, power_w=None)))
        text = screen_text(app)
        assert "1 GPU · 2 × H200 · 1 s" in text
        assert "64%" in text and "340/700W" in text and "40.1/140G" in text and "61°C" in text
        assert "-%" in text and "-/700W" in text, "unknown is never 0"


async def test_the_chart_moves_only_when_a_bucket_opens(parts):
    async with shown(parts) as (app, pilot):

        async def at(after_ms, util_pct):
            parts.clock.ms = NOW + after_ms
            await sampled(parts, pilot, snapshot(card(0, util_pct=util_pct), at_ms=NOW + after_ms))

        for step in range(12):
            await at(5000 * step, 8 * step)
        pane = app.query_one(GpuPane)
        drawn = pane._shows.charts._drawn
        (charts,) = drawn.values()
        await at(57_500, 99)
        assert next(iter(drawn.values())) is charts and "99%" in screen_text(app)
        await at(60_000, 99)
        assert next(iter(drawn.values())) is not charts
        assert "util %" in screen_text(app) and "power W" in screen_text(app)


async def test_trouble_is_a_sentence_and_passes(parts):
    async with shown(parts) as (app, pilot):
        await sampled(parts, pilot, snapshot(trouble="No NVIDIA driver answers [/x]."))
        text = screen_text(app)
        assert "No NVIDIA driver answers [/x]." in text and "looking again by itself" in text
        assert "today" in text and "4 What-if" in text
        await sampled(parts, pilot, snapshot(card(0)))
        assert "64%" in screen_text(app) and "driver" not in screen_text(app)


async def test_a_lost_card_is_said_and_the_others_go_on(parts):
    async with shown(parts) as (app, pilot):
        await sampled(parts, pilot, snapshot(card(0, fault="lost: reboot"), card(1)))
        assert "H200: lost: reboot" in screen_text(app) and "64%" in screen_text(app)


async def test_a_pause_releases_the_driver_and_is_shown(parts):
    async with shown(parts) as (app, pilot):
        await sampled(parts, pilot, snapshot(card(0)))
        await pilot.press("f1", "space")
        while parts.gpus.open:
            await pilot.pause()
        assert "PAUSED" in screen_text(app) and "64%" in screen_text(app)
        await pilot.press("space")
        await sampled(parts, pilot, snapshot(card(0, util_pct=7)))
        assert "PAUSED" not in screen_text(app) and "7%" in screen_text(app)


async def test_interval_and_window(parts):
    async with shown(parts) as (app, pilot):
        await sampled(parts, pilot, snapshot(card(0)))
        await pilot.press("f1", "plus")
        assert parts.gpus.intervals == [0.5] and "· 0.5 s" in screen_text(app)
        await pilot.press("plus", "minus", "minus")
        await pilot.pause()
        assert parts.gpus.intervals[-1] == 2.0 and "· 2 s" in screen_text(app)
        assert "-10m" in screen_text(app)
        await pilot.press("w")
        await pilot.pause()
        assert "-30m" in screen_text(app)
        await pilot.press("w", "w")
        await pilot.pause()
        assert "-30s" in screen_text(app)


async def test_more_cards_than_rows_scroll(parts):
    async with shown(parts, (60, 14)) as (app, pilot):
        await sampled(parts, pilot, snapshot(*(card(place) for place in range(16))))
        await pilot.press("f1")
        assert "▸ 0 " in screen_text(app) and "15 " not in screen_text(app)
        await pilot.press(*["j"] * 20)
        await pilot.pause()
        assert "▸15 " in screen_text(app)


async def test_profiling_metrics_are_read_only_of_the_card_that_is_looked_at(parts):
    asked = []
    parts.sampler.look_at = asked.append
    async with shown(parts) as (app, pilot):
        await sampled(parts, pilot, snapshot(card(0), card(1)))
        await pilot.press("f1", "enter", "j")
        assert "1 H200" not in screen_text(app) and asked == [("GPU-0",), ("GPU-1",)]
        await pilot.press("escape")
        assert asked[-1] == ()
        await pilot.press("z")
        await pilot.pause()
        assert asked[-1] == ("GPU-1",), "zoomed, a card is shown in full"
        await pilot.press("f3")
        await sampled(parts, pilot, snapshot(card(0), card(1)))
        assert asked[-1] == (), "another pane hides it"


async def test_cards_stay_with_their_age_while_the_driver_is_silent(parts):
    async with shown(parts) as (app, pilot):
        await sampled(parts, pilot, snapshot(card(0, read_ms={"fast": NOW})))
        assert "ago" not in screen_text(app)
        parts.clock.ms = NOW + 12_000
        app.query_one(GpuPane)._tick()
        await pilot.pause()
        assert "12 s ago" in screen_text(app)
        trouble = snapshot(trouble="The GPU driver does not answer; looking again.")
        await sampled(parts, pilot, trouble)
        assert "The GPU driver does not answer" in screen_text(app) and "ago" in screen_text(app)
        parts.clock.ms = NOW + 20_000
        fresh = card(0, read_ms={"fast": NOW + 20_000})
        await sampled(parts, pilot, snapshot(fresh, at_ms=NOW + 20_000))
        assert "ago" not in screen_text(app) and "does not answer" not in screen_text(app)


async def test_a_key_keeps_the_cards_from_rest_and_a_rest_is_said(parts):
    touched = []
    parts.sampler.touch = lambda: touched.append(True)
    async with shown(parts) as (app, pilot):
        await pilot.press("f1")
        assert touched
        parts.sampler.resting = True
        await sampled(parts, pilot, snapshot(card(0)))
        parts.sampler.resting = True
        app.query_one(GpuPane)._sampled(parts.sampler.latest, False)
        await pilot.pause()
        assert "driver released: idle" in screen_text(app)


async def test_back_in_time_and_forth(parts):
    async with shown(parts) as (app, pilot):
        await sampled(parts, pilot, snapshot(card(0)))
        await pilot.press("f1", "left_square_bracket")
        await pilot.pause()
        assert (
            "until 11:57" in screen_text(app) and "now" not in screen_text(app).split("2 Ledger")[0]
        )
        parts.clock.ms += 120_000
        await sampled(parts, pilot, snapshot(card(0)))
        assert "until 11:57" in screen_text(app), "the past stands still"
        await pilot.press("right_square_bracket")
        await pilot.pause()
        assert "until" not in screen_text(app), "what is near enough to now is now"
        await pilot.press("left_square_bracket", "escape")
        await pilot.pause()
        assert "until" not in screen_text(app)
