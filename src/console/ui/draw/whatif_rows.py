"""The sheet's inputs as lines: a window round the cursor, and where the cursor's value is from."""

from collections.abc import Sequence

from console.core.text import one_line
from console.services.figures import Row
from console.ui.draw.line import Line, Run
from console.ui.draw.whatif_words import GLYPHS, OLD, STYLES, cut, range_text, value_text
from console.ui.draw.wrap import wrapped


def input_lines(
    rows: Sequence[Row], cursor: int, typing: str | None, width: int, height: int
) -> list[Line]:
    """A window of `height` inputs round the cursor, headed by their groups where there is room."""
    lines: list[tuple[Line, int | None]] = []
    group = ""
    roomy = height >= 12
    for index, row in enumerate(rows):
        if roomy and row.field.group != group:
            group = row.field.group
            lines.append(([(f"─ {group} {'─' * width}"[:width], "dim")], None))
        lines.append((_line(row, index == cursor, typing, width), index))
    at = next(place for place, (_, index) in enumerate(lines) if index == cursor)
    first = max(0, min(at - height // 2, len(lines) - height))
    return [line for line, _ in lines[first : first + height]]


def _line(row: Row, here: bool, typing: str | None, width: int) -> Line:
    unit = f" {row.field.unit}" if row.field.unit else ""
    value = f"{typing}▏" if here and typing is not None else one_line(value_text(row))
    name = f"{'▸' if here else ' '} {one_line(row.field.label)}"
    room = width - 2
    most = max(room // 2, room - len(name) - 1)
    value = f"…{value[1 - most :]}" if len(value) > most else value
    left = room - len(value) - 1
    spread = range_text(row)
    label = f"{name}{unit}" if len(name + unit) <= left else name[:left]
    if spread and typing is None and len(label) + len(spread) + 2 <= left:
        label = f"{label:<{left - len(spread)}}{spread}"
    style = "cursor" if here else ""
    origin = row.source.origin
    glyph, hue = (OLD, "warn") if row.source.old else (GLYPHS[origin], STYLES[origin])
    return [(f"{label:<{left}} {value}", style), (f" {glyph}", hue)]


def origin_lines(row: Row, width: int, most: int = 1) -> list[Line]:
    """Where the cursor's value comes from, in words."""
    origin = row.source.origin
    spread = range_text(row)
    text = f"{row.source}{f' {spread}' if spread else ''}"
    runs: list[Run] = [
        (f"{OLD if row.source.old else GLYPHS[origin]} ", STYLES[origin]),
        (one_line(text), "dim"),
    ]
    return [cut(line, width) for line in wrapped(runs, width)[:most]]
