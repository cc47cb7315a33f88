"""What changed is drawn as the whole screen would be, and little else is."""

import random

import pytest
from textual._compositor import Compositor
from textual.geometry import Region

from console.ui.compositor import NarrowCompositor
from tests.ui.conftest import card, sampled, shown, snapshot


def text(chops, region):
    """The text of some chops inside a region."""
    rows = []
    for y in range(region.y, region.bottom):
        line = [" "] * 200
        for x, strip in chops[y].items():
            if strip is not None:
                line[x : x + strip.cell_length] = strip.text
        rows.append("".join(line[region.x : region.right]))
    return rows


@pytest.mark.parametrize("size", [(120, 40), (80, 24)])
async def test_a_part_is_drawn_as_it_is_in_the_whole(parts, size):
    draw = random.Random(size[0])
    async with shown(parts, size) as (app, pilot):
        await sampled(parts, pilot, snapshot(card(0), card(1)))
        compositor = app.screen._compositor
        assert isinstance(compositor, NarrowCompositor)
        whole = compositor._render_chops(compositor.size.region, lambda y: True)
        for _ in range(60):
            x, y = draw.randrange(size[0] - 1), draw.randrange(size[1] - 1)
            part = Region(x, y, draw.randrange(1, size[0] - x), draw.randrange(1, size[1] - y))
            drawn = compositor._render_chops(part, lambda y: True)
            assert text(drawn, part) == text(whole, part)


async def test_a_pane_that_did_not_change_is_not_drawn(parts):
    async with shown(parts) as (app, pilot):
        await sampled(parts, pilot, snapshot(card(0)))
        compositor = app.screen._compositor
        part = app.query_one("#gpu-rows").region
        rows = sum(len(strips) for _, _, strips in compositor._get_renders(part))
        stock = sum(len(strips) for _, _, strips in Compositor._get_renders(compositor, part))
        assert rows < stock / 2
