"""A compositor that draws no more of the screen than has changed."""

from collections.abc import Iterable

from textual._compositor import Compositor
from textual.geometry import Region
from textual.strip import Strip


class NarrowCompositor(Compositor):
    """Draws, of the widgets that lie in a changed part of the screen, the rows that do.

    Textual 8.2 draws every widget that shares a container with one, in full.
    """

    def _get_renders(
        self, crop: Region | None = None
    ) -> Iterable[tuple[Region, Region, list[Strip]]]:
        if crop is None:
            yield from super()._get_renders(crop)
            return
        for widget, (region, clip) in self.visible_widgets.items():
            shown = region.intersection(clip)
            if shown and crop.overlaps(shown):
                top, bottom = max(shown.y, crop.y), min(shown.bottom, crop.bottom)
                rows = Region(shown.x, top, shown.width, bottom - top)
                yield rows, rows, widget.render_lines(rows.translate((-region.x, -region.y)))
