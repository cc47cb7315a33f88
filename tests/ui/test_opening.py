"""The first full frame: what is painted before Textual is there is what Textual then draws."""

import asyncio

import pytest
from rich.color import ColorSystem

from console.core.entry import Ending
from console.core.tier import Tier
from console.services.standing import first_standings
from console.ui import colours
from console.ui.app import ConsoleApp
from console.ui.draw.cells import cells_of
from console.ui.opening.frame import frame
from console.ui.opening.inks import Inks
from console.ui.opening.scene import Start, first_scene
from console.ui.picture import _of_layout
from tests.ui.conftest import Parts, card, entry, snapshot

SIZES = [(40, 12), (80, 24), (120, 40), (200, 60)]
ODD = [(41, 13), (99, 27), (100, 28), (101, 29), (133, 37), (179, 45), (180, 50), (211, 63)]
THEMES = [path.stem for path in sorted(colours.shipped().glob("*.toml"))]
AIM = "where a message goes"


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
    mine = frame(scene, Inks(palette.colours, full=full, grey=grey), *size)
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
