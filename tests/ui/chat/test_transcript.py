"""The transcript: each block drawn once, the end followed, the reader never moved."""

import asyncio

from textual.theme import Theme

from console.core.chat import Delta
from console.core.text import printable
from console.ui.widgets.transcript import Transcript
from tests.patience import PATIENCE_S
from tests.ui.chat.host import COLOURS, chatting
from tests.ui.chat.hostile import HOSTILE

CONTROLS = {chr(code) for code in (*range(0x20), *range(0x7F, 0xA0))} | set("\u202e\u2066\u200b")


def tokens(text, size=5):
    return [Delta(text[at : at + size]) for at in range(0, len(text), size)]


async def test_the_end_is_followed_and_a_reader_further_up_is_not_moved():
    gates = [asyncio.Event(), asyncio.Event()]
    script = [
        Delta("- a line\n" * 60),
        gates[0],
        Delta("- more\n" * 30),
        gates[1],
        Delta("\n\nend"),
    ]
    async with chatting(script, size=(60, 20)) as bench:
        await bench.send("go")
        await bench.painted()
        assert bench.transcript.following
        await bench.pilot.press("pageup", "pageup")
        before, row = bench.screen.split("\n")[1:8], bench.transcript.scroll_offset.y
        gates[0].set()
        await bench.pilot.pause()
        await bench.painted()
        assert bench.transcript.scroll_offset.y == row
        assert bench.screen.split("\n")[1:8] == before
        gates[1].set()
        await bench.settled()
        assert bench.transcript.scroll_offset.y == row
        await bench.send("next")
        await bench.settled(2)
        assert bench.transcript.following, "a message of one's own goes to the end"


async def test_a_long_reply_costs_each_block_once_and_nothing_when_nothing_came(monkeypatch):
    drawn = []
    draw = Transcript._draw

    def counting(self, cell):
        drawn.append(cell.block)
        draw(self, cell)

    monkeypatch.setattr(Transcript, "_draw", counting)
    paragraphs = [f"Paragraph {n} of **many** words.\n\n" for n in range(200)]
    code = "```python\n" + "x = 1\n" * 400 + "```\n\n"
    gate, hold = asyncio.Event(), asyncio.Event()
    steps = []
    for text in (*paragraphs, code):
        steps += tokens(text, 4)
    async with chatting([*steps, gate, Delta("end"), hold]) as bench:
        await bench.send("go")
        async with asyncio.timeout(PATIENCE_S):
            while len(bench.pane.dialogue.shown.reply.text) < sum(len(s.text) for s in steps):
                await bench.pilot.pause()
                await bench.painted()
            # What is out of view is drawn when there is time.
            while sum(block.markdown is not None for block in drawn) < 201:
                await bench.pilot.pause()
        paints = len(drawn)
        markdown = [block for block in drawn if block.markdown is not None]
        assert len(markdown) == len(set(map(id, markdown))) == 201
        await bench.painted()
        await bench.painted()
        assert len(drawn) == paints
        gate.set()
        await bench.pilot.pause()
        await bench.painted()
        assert len(drawn) == paints + 1


async def test_hostile_replies_are_text_on_the_screen():
    async with chatting(size=(40, 16)) as bench:
        for n, (name, text) in enumerate(HOSTILE.items(), 1):
            bench.local.script = tokens(text, 3)
            await bench.send(f"{printable(text)[:40]} ?")
            await bench.settled(n)
            assert all(printable(row) == row for row in bench.said.split("\n")), name
            assert not set(bench.said + bench.screen) - {"\n"} & CONTROLS, name
            await bench.send("/clear")


async def test_hostile_names_and_errors_are_text():
    from console.core.chat import FailureKind, ModelFailure

    evil = "".join(HOSTILE[name] for name in ("markup", "title", "bidirectional", "clear and move"))
    failure = ModelFailure(FailureKind.SERVER, printable(evil), hint=printable(evil))
    async with chatting([failure]) as bench:
        bench.local.model = evil
        await bench.send("go")
        await bench.settled()
        assert "[/nope]" in bench.said and not set(bench.said) - {"\n"} & CONTROLS


async def test_a_new_width_lays_everything_out_again_and_keeps_the_end_in_view():
    text = "".join(f"Paragraph {n} of several words that wrap.\n\n" for n in range(300))
    async with chatting([Delta(text)], size=(100, 20)) as bench:
        await bench.send("go")
        await bench.settled()
        await bench.app.workers.wait_for_complete()
        await bench.pilot.resize_terminal(40, 20)
        while {cell.width for cell in bench.transcript._every_cell()} != {
            bench.transcript.size.width
        }:
            await bench.pilot.pause()
        width = bench.transcript.size.width
        assert all(row.cell_length <= width for row in bench.transcript._rows)
        assert bench.transcript.following
        cells = sum(len(cell.rows) for cell in bench.transcript._every_cell())
        assert cells == len(bench.transcript._rows)
        assert bench.said.count("Paragraph") == 300


async def test_a_new_theme_draws_the_colours_again():
    async with chatting([Delta("ok")]) as bench:
        await bench.send("go")
        await bench.settled()

        def hues():
            return {
                segment.style.color.name
                for row in bench.transcript._rows
                for segment in row
                if segment.style and segment.style.color
            }

        assert COLOURS["local"] in hues()
        other = Theme("other", primary="#ffffff", variables={**COLOURS, "local": "#00ff00"})
        bench.app.register_theme(other)
        bench.app.theme = "other"
        await bench.pilot.pause()
        assert "#00ff00" in hues() and COLOURS["local"] not in hues()
