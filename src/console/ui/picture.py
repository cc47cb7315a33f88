"""Updates of Textual's as updates of the picture that the terminal shows.

Textual 8.2 sends each widget that was refreshed whole, and with a part that was refreshed all that
stands left of it. Over a slow line that is most of the bytes of a console that ticks.
"""

from collections.abc import Iterator
from typing import cast

from rich.color import ColorSystem
from rich.console import Console, RenderableType
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate
from textual.strip import Strip

from console.ui.draw.cells import Cell, cells_of
from console.ui.draw.picture import Picture, Piece

_FORMS = {
    ChopsUpdate: ("self", "chops", "spans", "chop_ends"),
    LayoutUpdate: ("self", "strips", "region"),
}
"""What the updates of Textual 8.2 are made of. To ask for its version would take longer than to
import half of it."""


def is_known() -> bool:
    """Whether this Textual's updates have the form that is read here; others pass unchanged."""
    made_of = {made: vars(made)["__init__"].__code__ for made in _FORMS}
    return all(
        code.co_varnames[: code.co_argcount] == _FORMS[made] for made, code in made_of.items()
    )


def tightened(update: RenderableType | None, picture: Picture) -> RenderableType | None:
    """An update of Textual's compositor as one that sends only what differs from the picture."""
    if isinstance(update, ChopsUpdate | LayoutUpdate) and is_known():
        return cast(RenderableType, Tight(update, picture))
    return update


class Tight(CompositorUpdate):
    """An update that is compared with the picture at the moment when it is written."""

    def __init__(self, update: ChopsUpdate | LayoutUpdate, picture: Picture) -> None:
        self._update = update
        self._picture = picture

    def render_segments(self, console: Console) -> str:
        """What to write to the terminal."""
        system = console._color_system or ColorSystem.TRUECOLOR
        update = self._update
        if isinstance(update, ChopsUpdate):
            return self._picture.paint(_of_chops(update, system))
        return self._picture.paint(_of_layout(update, system))


def _of_layout(update: LayoutUpdate, system: ColorSystem) -> Iterator[Piece]:
    x, top = update.region.x, update.region.y
    for y, line in enumerate(update.strips, top):
        yield y, x, [cell for strip in line for cell in _cells(strip, system)]


def _of_chops(update: ChopsUpdate, system: ColorSystem) -> Iterator[Piece]:
    for y, first, end in update.spans:
        for right, (left, strip) in zip(update.chop_ends[y], update.chops[y].items(), strict=False):
            start, stop = max(left, first), min(right, end)
            if strip is not None and start < stop:
                yield y, start, _cells(strip, system)[start - left : stop - left]


def _cells(strip: Strip, system: ColorSystem) -> list[Cell]:
    return cells_of(
        (
            text,
            "" if style is None else (style._ansi or Strip.render_ansi(style, system)),
        )
        for text, style, _ in strip._segments
    )
