"""The first full frame, row by row: lines, frames and titles in a theme's inks."""

from collections.abc import Iterator

from rich.cells import cell_len, set_cell_size

from console.ui.draw.chat import ASK, ROOM_FOR_RULE, ROUTED
from console.ui.draw.keybar import key_line, tab_line
from console.ui.draw.line import Line, Run
from console.ui.draw.status import status_line
from console.ui.opening.boxes import Box, layout
from console.ui.opening.inks import Inks
from console.ui.opening.scene import Scene
from console.ui.places import CHAT

Inked = list[Run]
"""A row, its runs with what stands between CSI and m instead of a style's name."""

_ROUND, _HEAVY = tuple("╭─╮│╰╯"), tuple("┏━┓┃┗┛")
"""A frame's upper left corner, edge, upper right corner, side, and lower corners."""


def frame(scene: Scene, inks: Inks, width: int, height: int) -> list[Inked] | None:
    """The whole screen in rows; None where there is no room for the panes."""
    laid = layout(width, height, scene.current, zoomed=scene.zoomed)
    if laid is None:
        return None
    rows: list[Inked] = [[] for _ in range(height)]
    rows[0] = _line(status_line(scene.glance, width), inks, width, "bar")
    if laid.tabs:
        rows[1] = _line(tab_line(scene.current.number, width), inks, width, "bar")
    for box in sorted(laid.boxes, key=lambda box: box.x):
        for y, row in enumerate(_pane(scene, inks, box), box.y):
            rows[y] += row
    keys = key_line(scene.current.context, scene.typing, scene.keymap, width)
    rows[-1] = _line(keys, inks, width, "bar")
    return rows


def _pane(scene: Scene, inks: Inks, box: Box) -> Iterator[Inked]:
    current = box.place is scene.current
    left, edge, right, side, low_left, low_right = _HEAVY if current else _ROUND
    ink = inks.of("accent" if current else "faint")
    inner = box.width - 2
    said = _cut(scene.title(box.place), inner)
    before, after = _beside(said, edge, inner)
    worn = inks.mixed("accent" if current else "dim", "background", bold=current)
    yield [(left + before, ink), (said, worn), (after + right, ink)]
    blank = inks.mixed(None, "background")
    for row in _inside(scene, inks, box, inner - 2, box.height - 2):
        yield [(side, ink), (" ", blank), *row, (" ", blank), (side, ink)]
    said = _cut(ROUTED, inner) if box.place is CHAT else ""
    after, before = _beside(said, edge, inner)
    yield [(low_left + before, ink), (said, inks.of("dim")), (after + low_right, ink)]


def _inside(scene: Scene, inks: Inks, box: Box, width: int, height: int) -> Iterator[Inked]:
    """What the frame of a pane holds."""
    below = list(_prompt(scene, inks, width, height)) if box.place is CHAT else []
    lines = scene.lines(box.place, width, height)
    for y in range(height - len(below)):
        yield _line(lines[y] if y < len(lines) else (), inks, width)
    yield from below


def _prompt(scene: Scene, inks: Inks, width: int, height: int) -> Iterator[Inked]:
    """The line that will say where a message goes, and a prompt that is empty."""
    if height >= ROOM_FOR_RULE:
        yield [("─" * width, inks.faded("dim", 0.4))]
    yield _line((), inks, width)
    said = set_cell_size(ASK, width).rstrip()
    row = [(said, inks.faded("foreground", 0.4))]
    if scene.typing:
        # The cursor stands on the first letter of what the prompt says.
        row = [(said[:1], inks.cursor), (said[1:], row[0][1])]
    yield [*row, (" " * (width - cell_len(said)), inks.mixed(None, "background"))]


def _line(line: Line, inks: Inks, width: int, ground: str = "background") -> Inked:
    """A line in exactly so many cells."""
    row: Inked = []
    room = width
    for text, style in line:
        cells = cell_len(text)
        if cells > room:
            text, cells = set_cell_size(text, room), room
        row.append((text, inks.of(style, ground)))
        room -= cells
    return [*row, (" " * room, inks.of("", ground))]


def _beside(said: str, edge: str, inner: int) -> tuple[str, str]:
    """One cell of a frame's edge on a title's near side, if there is one, and the rest."""
    space = inner - cell_len(said)
    return edge * min(space, 1), edge * (space - 1)


def _cut(title: str, width: int) -> str:
    """A title between blanks, cut to `width` cells."""
    if cell_len(title) > width - 2:
        title = set_cell_size(title, width - 3) + "…"
    return f" {title} "
