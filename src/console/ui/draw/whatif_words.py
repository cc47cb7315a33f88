"""The what-if's figures, inputs and origins as words."""

from collections.abc import Sequence

from console.core.whatif.distribution import Interval
from console.core.whatif.fields import Kind
from console.core.whatif.origin import Origin
from console.core.whatif.parse import Range
from console.services.figures import Row
from console.ui.draw.line import Line, Run

GLYPHS = {Origin.MEASURED: "●", Origin.LISTED: "◐", Origin.ASSUMED: "○", Origin.TYPED: "✎"}
"""How an input is known, in one cell; the word stands beside it where there is room."""

STYLES = {
    Origin.MEASURED: "good",
    Origin.LISTED: "api",
    Origin.ASSUMED: "dim",
    Origin.TYPED: "accent",
}

OLD = "◌"
"""An input whose price or assumption is out of date."""

LEGEND = "● measured ◐ price list ○ assumption ◌ out of date ✎ typed"


def number(value: float) -> str:
    """A value as the sheet shows it: grouped, no more digits than it has."""
    if abs(value) >= 1e9:
        return f"{value:.6g}"
    if 0 < abs(value) < 0.001:
        return f"{value:.2g}"
    if abs(value) >= 100:
        return f"{value:,.1f}".removesuffix(".0")
    return f"{value:,.4f}".rstrip("0").rstrip(".")


def dollars(value: float) -> str:
    """Dollars and cents, whole dollars from a thousand on."""
    sign, value = ("−" if value < 0 else ""), abs(value)
    return f"{sign}${value:,.0f}" if value >= 1000 else f"{sign}${value:,.2f}"


def whole(value: float) -> str:
    """Whole dollars."""
    return f"{'−' if round(value) < 0 else ''}${abs(value):,.0f}"


def plain_usd(value: float) -> str:
    """Dollars without their sign: cents below a hundred."""
    return f"{value:,.2f}" if abs(value) < 99.995 else f"{value:,.0f}"


def volume(value: float) -> str:
    """Requests a day, no finer than a figure in a thousand."""
    return f"{value:,.0f}" if value >= 99.5 else f"{value:.3g}"


def span(of: Interval) -> str:
    """An interval of volumes, P5 to P95."""
    return f"[{of.p5:,.0f}–{of.p95:,.0f}]"


def short_span(of: Interval) -> str:
    """The same in few characters."""
    return f"[{short(of.p5)}–{short(of.p95)}]"


def usd_span(of: Interval) -> str:
    """An interval of dollars, P5 to P95."""
    small = max(abs(of.p5), abs(of.p95)) < 99.5
    low, high = (dollars(end) if small else whole(end) for end in (of.p5, of.p95))
    return f"[{low} … {high}]"


def short(value: float) -> str:
    """A tick in at most four characters or so: 10k, 1M."""
    for size, unit in ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")):
        if value >= size * 0.9995:
            return f"{value / size:.3g}{unit}"
    return f"{value:.3g}"


def value_text(row: Row) -> str:
    """What an input holds, as it is shown."""
    value, kind = row.value, row.field.kind
    if value is None:
        return row.field.empty
    if isinstance(value, Range):
        low, high = value.low, value.high
        return f"{_one(low, kind)}..{_one(high, kind)}"
    if isinstance(value, str):
        return value.rpartition("/")[2] if row.name == "api.model" else value.replace("_", " ")
    if row.source.origin is Origin.MEASURED:
        # Nothing is measured to more than three digits.
        value = float(f"{value:.3g}") if value < 1000 else round(value)
    return _one(value, kind)


def _one(value: float, kind: Kind) -> str:
    if kind is Kind.SHARE:
        return f"{number(round(value * 100, 4))} %"
    return number(value)


def range_text(row: Row) -> str:
    """The bounds an input may lie in, where it is uncertain."""
    source, kind = row.source, row.field.kind
    if not source.uncertain or isinstance(row.value, Range):
        return ""
    assert source.low is not None and source.high is not None
    return f"[{_brief(source.low, kind)}–{_brief(source.high, kind)}]"


def _brief(value: float, kind: Kind) -> str:
    if kind is Kind.SHARE:
        return f"{value * 100:.3g}%"
    return short(value) if value >= 1000 else f"{value:.3g}"


def cut(line: Sequence[Run], width: int) -> list[Run]:
    """A line of single-width characters, cut to `width`; what was cut ends in an ellipsis."""
    whole_line = sum(len(text) for text, _ in line)
    room = width if whole_line <= width else width - 1
    kept: list[Run] = []
    for text, style in line:
        if room <= 0:
            break
        kept.append((text[:room], style))
        room -= len(text)
    return [*kept, ("…", "dim")] if whole_line > width > 0 else kept


def folded(lines: Sequence[Line], most: int, width: int) -> list[Line]:
    """The first lines, and how many there are more where not all of them fit."""
    if len(lines) <= most or most < 1:
        return list(lines[: max(0, most)])
    left = len(lines) - most + 1
    return [*lines[: most - 1], cut([(f"  +{left} more lines: v", "dim")], width)]


def beside(left: Sequence[Line], right: Sequence[Line], column: int, height: int) -> list[Line]:
    """Two blocks side by side, the right one from `column` on."""
    lines: list[Line] = []
    for row in range(min(height, max(len(left), len(right)))):
        start = list(left[row]) if row < len(left) else []
        gap = column - sum(len(text) for text, _ in start)
        lines.append([*start, (" " * gap, ""), *(right[row] if row < len(right) else ())])
    return lines
