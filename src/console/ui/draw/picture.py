"""What the terminal shows, cell by cell, so that only the cells that differ are sent to it."""

from collections.abc import Iterable
from functools import lru_cache

from console.ui.draw.cells import Cell, spans

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

    def forget(self) -> None:
        """Take nothing on the terminal for known: whatever comes next is sent whole."""
        self._rows.clear()

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
