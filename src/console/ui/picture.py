"""What the terminal shows, cell by cell, so that only the cells that differ are sent to it.

Textual 8.2 sends each widget that was refreshed whole, and with a part that was refreshed all that
stands left of it. Over a slow line that is most of the bytes of a console that ticks.
"""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import cast

from rich.color import ColorSystem
from rich.console import Console, RenderableType
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate
from textual.strip import Strip

from console.ui.draw.cells import Cell, cells_of, spans

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


_GAP = 3
"""Unchanged cells between two changes that are cheaper to send again than to skip."""

_SEEN_ON_BLANKS = frozenset({"4", "5", "7", "9", "21", "53"})
"""Attributes that show without a character: lines, blinking, reversal."""

Piece = tuple[int, int, list[Cell]]
"""A row, the column of its first cell, and cells; a style is what stands between CSI and m."""


class Picture:
    """The cells of the terminal, as far as they are known."""

    def __init__(self) -> None:
        self._rows: dict[int, list[Cell | None]] = {}
        self._known = is_known()

    def forget(self) -> None:
        """Take nothing on the terminal for known: whatever comes next is sent whole."""
        self._rows.clear()

    def tightened(self, update: RenderableType | None) -> RenderableType | None:
        """An update of Textual's compositor as one that sends only what differs."""
        if self._known and isinstance(update, ChopsUpdate | LayoutUpdate):
            return cast(RenderableType, Tight(update, self))
        return update

    def paint(self, pieces: Iterable[Piece]) -> str:
        """Put pieces into the picture; what to write to a terminal so that it shows them too."""
        out: list[str] = []
        pen = ""
        for y, x, cells in pieces:
            row = self._rows.setdefault(y, [])
            row += [None] * (x + len(cells) - len(row))
            old = row[x : x + len(cells)]
            if old == cells:
                continue
            row[x : x + len(cells)] = cells
            at = None
            for first, end in spans(old, cells, _GAP):
                start = first
                while start and not cells[start][0]:
                    start -= 1  # the right half of a wide character goes with the left one
                out.append(f"\x1b[{start - at}C" if at else f"\x1b[{y + 1};{x + start + 1}H")
                joined = False
                for column in range(start, end):
                    text, sgr = cells[column]
                    if not text:
                        continue
                    if joined:
                        # How wide a terminal draws joined characters is its own affair.
                        out.append(f"\x1b[{x + column + 1}G")
                    if sgr != pen and not (text == " " and _blank_alike(pen, sgr)):
                        out.append(_turn(pen, sgr))
                        pen = sgr
                    out.append(text)
                    joined = len(text) > 1
                at = None if joined else end
        if pen:
            out.append("\x1b[0m")
        return "".join(out)


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


@lru_cache(4096)
def _turn(old: str, new: str) -> str:
    """The shortest way from one style to another."""
    (had, *before), (has, *after) = _parts(old), _parts(new)
    if (had and had != has) or any(was and not now for was, now in zip(before, after, strict=True)):
        return f"\x1b[0;{new}m" if new else "\x1b[0m"
    changed = [has] if has != had else []
    changed += [now for was, now in zip(before, after, strict=True) if now != was]
    return f"\x1b[{';'.join(changed)}m"


@lru_cache(4096)
def _blank_alike(one: str, other: str) -> bool:
    """Whether a blank looks the same in two styles."""
    (these, _, under), (those, _, ground) = _parts(one), _parts(other)
    shown = {*these.split(";"), *those.split(";")} & _SEEN_ON_BLANKS
    return under == ground and not shown


@lru_cache(4096)
def _parts(sgr: str) -> tuple[str, str, str]:
    """The attributes, the foreground and the background of a style."""
    attributes: list[str] = []
    colours = {"3": "", "4": ""}
    numbers = sgr.split(";") if sgr else []
    while numbers:
        number = numbers.pop(0)
        if number in ("38", "48"):
            count = 2 if numbers[:1] == ["5"] else 4
            colours[number[0]] = ";".join([number, *numbers[:count]])
            del numbers[:count]
        elif len(number) == 2 and number[0] in "39":
            colours["3"] = number
        elif number[:-1] in ("4", "10"):
            colours["4"] = number
        else:
            attributes.append(number)
    return ";".join(attributes), colours["3"], colours["4"]
