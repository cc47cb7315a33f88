"""The first full frame: what is painted before Textual is there is what Textual then draws."""

import asyncio
import random

import pytest
from rich.color import Color, ColorSystem
from rich.console import Console
from rich.style import Style
from textual.color import Color as TextualColor
from textual.strip import Strip

from console.core.entry import Ending
from console.core.settings import Settings
from console.core.tier import Tier
from console.services.standing import first_standings
from console.ui import colours
from console.ui.app import ConsoleApp
from console.ui.draw.cells import cells_of
from console.ui.opening.boxes import layout
from console.ui.opening.frame import frame
from console.ui.opening.inks import Inks
from console.ui.opening.scene import Start, first_scene
from console.ui.picture import _of_layout
from console.ui.places import CHAT
from console.wire.first import has_all_colours
from tests.ui.conftest import MemoryState, Parts, card, entry, snapshot

SIZES = [(40, 12), (80, 24), (120, 40), (200, 60)]
ODD = [(41, 13), (99, 27), (100, 28), (101, 29), (133, 37), (179, 45), (180, 50), (211, 63)]
THEMES = [path.stem for path in sorted(colours.shipped().glob("*.toml"))]


class Drawn(asyncio.Event):
    """Set with the first full frame, whose cells it keeps."""

    def __init__(self, app, system):
        super().__init__()
        self.app = app
        self.cells = {}
        self.system = system

    def set(self):
        if not self.is_set():
            update = self.app.screen._compositor.render_update(full=True)
            for strip in (strip for line in update.strips for strip in line):
                for segment in strip:
                    # Styles keep what they looked like on the terminal of another test.
                    segment.style._ansi = None
            self.cells = {y: cells for y, _, cells in _of_layout(update, self.system)}
        super().set()


def filled(parts, rows=40):
    for number in range(1, rows):
        parts.ledger.open_entry(entry(number, Tier.API if number % 3 == 1 else Tier.LOCAL))
    parts.ledger.open_entry(entry(7, Tier.API, ending=Ending.ERROR, cost_nano=None))


async def both(parts, size, *, first=None, theme="slate", full=False, grey=False):
    """The cells of the opening and those of Textual's first full frame, by row."""
    system = ColorSystem.TRUECOLOR if full else ColorSystem.EIGHT_BIT
    if first is not None:
        parts.sampler.take(first)
    app = ConsoleApp(parts.console)
    whole = app.whole = Drawn(app, system)
    async with app.run_test(size=size):
        await asyncio.wait_for(whole.wait(), 20)
    await app.settle()
    console = parts.console
    start = Start(
        console.host, console.demo, console.settings, console.state, console.clock,
        first_standings(None),
    )  # fmt: skip
    (palette,) = [each for each in colours.load([colours.shipped()])[0] if each.name == theme]
    page = await parts.books.page(100)
    scene = first_scene(start, parts.sampler, console.electricity, page)
    mine = frame(scene, Inks(palette, full=full, grey=grey), *size)
    assert mine is not None
    await parts.console.archive.aclose()
    await parts.books.aclose()
    return [cells_of(row) for row in mine], [whole.cells[y] for y in range(size[1])]


def text(cells):
    return "".join(character for character, _ in cells)


def alike(mine, theirs):
    """The same cells, but for the line that says where a message would go."""
    assert len(mine) == len(theirs)
    told = 0
    for y, (one, other) in enumerate(zip(mine, theirs, strict=True)):
        assert len(one) == len(other), (y, text(one), text(other))
        start = text(other).find("→ ")
        if start >= 0 and text(one) != text(other):
            end = start + len(text(other)[start:].split("┃")[0].split("│")[0])
            assert text(one)[start:end].strip() == "", "nothing else may be there"
            one[start:end] = other[start:end]
            told += 1
        assert text(one) == text(other), y
        assert one == other, (y, text(one))
    return told


@pytest.mark.parametrize("size", SIZES + ODD, ids=str)
@pytest.mark.parametrize("rows", [0, 40])
@pytest.mark.parametrize("demo", [False, True])
async def test_textual_draws_the_very_cells_at_every_size(size, rows, demo):
    parts = Parts(demo=demo)
    filled(parts, rows) if rows else None
    told = alike(*await both(parts, size, first=snapshot(card(0), card(1))))
    assert told == 1


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("full", [False, True], ids=["256", "full"])
@pytest.mark.parametrize("grey", [False, True], ids=["colour", "grey"])
@pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=str)
async def test_in_every_theme_and_in_none(monkeypatch, theme, full, grey, size):
    if grey:
        monkeypatch.setenv("NO_COLOR", "1")
    parts = Parts(settings=Settings(theme=theme))
    filled(parts)
    alike(*await both(
        parts, size, first=snapshot(card(0), card(1)), theme=theme, full=full, grey=grey
    ))  # fmt: skip


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("pane", [1, 2, 3, 4])
@pytest.mark.parametrize("zoom", [False, True])
async def test_wherever_the_operator_was(size, pane, zoom):
    parts = Parts(state=MemoryState(pane=pane, zoom=zoom))
    filled(parts)
    alike(*await both(parts, size, first=snapshot(card(0), card(1))))


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("first", [
    snapshot(trouble="No NVIDIA GPU found: if this box has one, install the NVIDIA driver."),
    snapshot(card(0, fault="lost", util_pct=None), card(1)),
    snapshot(*[card(index, name=f"NVIDIA RTX {index}000 Ada Generation") for index in range(9)]),
    snapshot(card(0), simulated=True, origin="recorded on 2026-11-18"),
], ids=["none", "lost", "nine", "recorded"])  # fmt: skip
async def test_whatever_the_cards_are(size, first):
    alike(*await both(Parts(), size, first=first))


async def test_keys_of_the_operators_own():
    parts = Parts(settings=Settings(keys={"chat.tier": "ctrl+y", "palette": "ctrl+k"}))
    alike(*await both(parts, (120, 40), first=snapshot(card(0))))


@pytest.mark.parametrize("size", [(39, 30), (100, 11), (5, 3)])
def test_where_there_is_no_room_nothing_is_painted(size):
    assert layout(*size, CHAT, zoomed=False) is None


@pytest.mark.parametrize("seed", range(40))
def test_any_colour_is_the_one_that_rich_takes(seed):
    draw = random.Random(seed)
    rgb = tuple(draw.randrange(256) for _ in range(3)) if seed > 8 else (28 * seed,) * 3
    colour = "#{:02x}{:02x}{:02x}".format(*rgb)
    of = Color.parse(colour)
    palette = colours.Palette("any", True, {"foreground": colour, "background": colour})
    for grey, seen in ((False, of), (True, TextualColor.parse(colour).monochrome.rich_color)):
        for full, system in ((False, ColorSystem.EIGHT_BIT), (True, ColorSystem.TRUECOLOR)):
            inks = Inks(palette, full=full, grey=grey)
            style = Style(color=seen, bgcolor=seen, bold=True)
            assert inks.of("strong") == Strip.render_ansi(style, system)


@pytest.mark.parametrize(("environment", "full"), [
    ({"TERM": "xterm-256color"}, False), ({"TERM": "xterm-kitty"}, False),
    ({"TERM": "linux"}, None),
    ({"TERM": "xterm", "COLORTERM": "truecolor"}, True), ({"TERM": "xterm"}, None), ({}, None),
    ({"TERM": "xterm-256color", "TEXTUAL_COLOR_SYSTEM": "standard"}, None),
])  # fmt: skip
def test_a_terminal_has_the_colours_that_rich_sees(monkeypatch, environment, full):
    assert has_all_colours(environment) is full
    for name in ("TERM", "COLORTERM", "TEXTUAL_COLOR_SYSTEM"):
        monkeypatch.delenv(name, raising=False)
    system = Console(
        force_terminal=True, color_system=environment.get("TEXTUAL_COLOR_SYSTEM", "auto"),
        _environ=environment, legacy_windows=False,
    ).color_system  # fmt: skip
    assert {"truecolor": True, "256": False}.get(system) is full
