"""Pinned scenarios side by side: only the inputs that differ, the months, and the difference."""

from collections.abc import Mapping, Sequence

from console.core.text import one_line
from console.services.figures import Figures
from console.ui.draw.line import Line
from console.ui.draw.whatif_words import cut, value_text, whole


def pin_lines(columns: Mapping[str, Figures], width: int) -> list[Line]:
    """One column for each scenario, by its heading; the first is what the others differ from."""
    names, figures = list(columns), list(columns.values())
    first = 22
    each = max(10, min(22, (width - first) // max(1, len(names))))
    lines: list[Line] = [
        cut([(" " * first, ""), ("".join(f"{name:>{each}}" for name in names), "strong")], width)
    ]
    for label, cells in differing(figures):
        text = "".join(f"{one_line(cell)[: each - 1]:>{each}}" for cell in cells)
        lines.append(cut([(f"{one_line(label)[: first - 1]:<{first}}", ""), (text, "")], width))
    if len(lines) == 1:
        lines.append([("every input is the same", "dim")])
    lines.append([("", "")])
    months = [_months(one) for one in figures]
    for name in dict.fromkeys(name for month in months for name in month):
        cells = [whole(month[name]) if name in month else "-" for month in months]
        text = "".join(f"{cell:>{each}}" for cell in cells)
        lines.append(cut([(f"{name[: first - 1]:<{first}}", ""), (text, "strong")], width))
        deltas = [_delta(months[0].get(name), month.get(name)) for month in months[1:]]
        if any(deltas):
            text = "".join(f"{delta:>{each}}" for delta in deltas)
            lines.append(cut([(f"  Δ to {names[0]:<{first - 7}}", "dim"),
                              (f"{'':>{each}}{text}", "dim")], width))  # fmt: skip
    return lines


def differing(figures: Sequence[Figures]) -> list[tuple[str, list[str]]]:
    """The inputs that are not the same in all, with what each holds."""
    rows: dict[str, list[str]] = {}
    labels: dict[str, str] = {}
    for place, one in enumerate(figures):
        for row in one.rows:
            labels.setdefault(row.name, f"{row.field.label} {row.field.unit}".rstrip())
            cells = rows.setdefault(row.name, ["-"] * len(figures))
            cells[place] = value_text(row)
    return [(labels[name], cells) for name, cells in rows.items() if len(set(cells)) > 1]


def _months(figures: Figures) -> dict[str, float]:
    if figures.results is not None:
        return {
            each.name if each.role != "hybrid" else "hybrid": float(each.usd)
            for each in figures.results.alternatives
            if each.usd is not None
        }
    assert figures.article is not None
    return {bill.option.name: float(bill.total_usd) for bill in figures.article.bills}


def _delta(one: float | None, other: float | None) -> str:
    if one is None or other is None or one == other:
        return ""
    share = f" {(other - one) / one:+.0%}" if one else ""
    return f"{'+' if other > one else '−'}{abs(other - one):,.0f}{share}"
