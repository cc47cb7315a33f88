"""What a filter, an order or a grouping found: its bar, its sums, a chart of dollars by day."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from console.core.entry import Totals
from console.core.group import Group
from console.core.query import Grouping, Sort
from console.core.text import one_line
from console.core.tier import Tier
from console.services.browse import Search
from console.ui.draw.chart import Curve, Scale, chart
from console.ui.draw.ledger import local_time
from console.ui.draw.ledger_totals import sum_of
from console.ui.draw.line import Line, Run
from console.ui.draw.number import count, dollars
from console.ui.draw.table import Column, cell, fit, in_style, row


def search_line(search: Search, width: int, zone: str) -> Line:
    """The filter as it is typed, or what holds now."""
    if search.typing is not None:
        runs: list[Run] = [("/", "accent"), (search.typing, ""), ("▏", "accent")]
        if search.complaint:
            runs.append((f"  {search.complaint}", "warn"))
        elif not search.typing:
            runs.append(("tier:api model:sonnet >0.01 since:7d tag:x !haiku ended:error", "dim"))
        return _cut(runs, width)
    parts: list[Run] = [(f"/{search.query.text}" if search.query.terms else "all rows", "accent")]
    if search.by is not None:
        parts.append((f" · by {search.by}", "accent"))
    elif search.query.sort is not Sort.NEWEST:
        parts.append((f" · {search.query.sort} first", "accent"))
    if search.busy and search.edge_ms is None:
        parts.append(("  looking …", "dim"))
    elif search.busy and search.edge_ms is not None:
        oldest = search.query.sort is Sort.OLDEST
        day = f"{local_time(search.edge_ms, zone):%Y-%m-%d}"
        far = f"until {day}" if oldest else f"back to {day}"
        parts.append((f" · of the rows {far}, looking on …", "warn"))
    elif search.found is not None:
        parts += _found(search.found, search.found_edge_ms is not None)
        if search.found_edge_ms is not None:
            day = f"{local_time(search.found_edge_ms, zone):%Y-%m-%d}"
            parts.append((f" · back to {day}, counting on …", "warn"))
    if search.complaint:
        parts.append((f"  {search.complaint}", "bad"))
    return _cut(parts, width)


def _found(found: Mapping[Tier, Totals], more: bool) -> Iterator[Run]:
    """How many requests were found, and what each tier spent on them; `more` may be to come."""
    requests = sum(totals.requests for totals in found.values())
    yield f" · {requests:,}{'+' * more} request{'' if requests == 1 else 's'}", "dim"
    for tier in (Tier.API, Tier.LOCAL):
        if (totals := found[tier]).requests:
            mark = totals.energy_mark if tier is Tier.LOCAL else ""
            yield f" · {tier} ", str(tier)
            spent = sum_of(totals, totals.spent_nano, totals.unpriced or int(more))
            yield f"{mark}{spent.rstrip()}", ""


GROUP = (
    Column("", 18, grows=10),
    Column("tier", 5),
    Column("req", 6, 1, right=True),
    Column("prompt", 7, 3, right=True),
    Column("cached", 7, 6, right=True),
    Column("output", 7, 4, right=True),
    Column("spent", 11, right=True),
    Column("loaded", 11, 7, right=True),
    Column("saved", 11, 2, right=True),
    Column("of which", 14, 5, grows=40),
)


def group_lines(
    groups: Sequence[Group], by: Grouping, top: int, cursor: int | None, width: int, height: int
) -> list[Line]:
    """The heads and as many sums as fit; days have a chart above them where there is room."""
    lines: list[Line] = []
    if by is Grouping.DAY and height >= 10 and width >= 40:
        lines += day_chart(groups, width, max(6, min(10, height // 2)))
    widths = fit(GROUP, width)
    heads = {column.name: (column.name, "dim") for column in GROUP}
    lines.append(row(GROUP, widths, heads | {"": (str(by), "dim")}))
    for place in range(top, min(len(groups), top + height - len(lines))):
        line = row(GROUP, widths, _group(groups[place], by))
        lines.append(in_style(line, "cursor", width) if place == cursor else line)
    return lines


def room_for_groups(groups: Sequence[Group], by: Grouping, width: int, height: int) -> int:
    """How many sums fit."""
    return max(1, height - len(group_lines(groups, by, len(groups), None, width, height)))


def day_chart(groups: Sequence[Group], width: int, height: int) -> list[Line]:
    """Dollars by day, API against local; empty days are nothing spent, not a gap."""
    spent: dict[Tier, dict[int, float]] = {tier: {} for tier in Tier}
    for group in groups:
        spent[group.tier][date.fromisoformat(group.key).toordinal()] = group.totals.spent_nano / 1e9
    days = sorted({day for tier in Tier for day in spent[tier]})
    most = max((value for tier in Tier for value in spent[tier].values()), default=0.0)
    if len(days) < 2 or not most:
        return [[("dollars by day: a chart needs two days", "dim")]]
    first, last = max(days[0], days[-1] - 365), days[-1]
    span = range(first, last + 1)
    curves = [
        Curve([(float(day), spent[tier].get(day, 0.0)) for day in span], str(tier))
        for tier in (Tier.LOCAL, Tier.API)
    ]
    head: Line = [
        ("dollars by day  ", "dim"),
        ("api", "api"),
        (" against ", "dim"),
        ("local", "local"),
    ]
    drawn = chart(
        curves,
        width,
        height - 1,
        Scale(first, last),
        Scale(0, most * 1.05),
        x_label=lambda day: f"{date.fromordinal(round(day)):%d %b}",
        y_label=lambda value: dollars(round(value * 1e9)),
    )
    return [head, *drawn]


def _group(group: Group, by: Grouping) -> dict[str, Run]:
    totals, local = group.totals, group.tier is Tier.LOCAL
    none = {Grouping.TAG: "no tag", Grouping.SYSTEM: "no system prompt"}.get(by, "-")
    return {
        "": (one_line(group.key) or none, "" if group.key else "dim"),
        "tier": (group.tier, str(group.tier)),
        "req": (count(totals.requests), ""),
        "prompt": (count(totals.prompt_tokens), ""),
        "cached": (count(totals.cached_tokens), "dim"),
        "output": (count(totals.output_tokens), ""),
        "spent": (f"{totals.energy_mark if local else ''}{_sum(totals, 'spent', 'unpriced')}", ""),
        "loaded": (_sum(totals, "loaded", "unloaded") if local else "", ""),
        "saved": (_sum(totals, "saved", "unsaved") if local else "", ""),
        "of which": (", ".join(of_which(totals, group.tier)), "dim"),
    }


def _sum(totals: Totals, name: str, missing: str) -> str:
    return sum_of(totals, getattr(totals, f"{name}_nano"), getattr(totals, missing))


def of_which(totals: Totals, tier: Tier) -> list[str]:
    """Rows of a sum that are not in all its figures, or known less well than others, in words."""
    return [
        f"{number:,} {word}"
        for number, word in (
            (totals.unpriced, "unpriced" if tier is Tier.API else "unmeasured"),
            (totals.uncounted, "uncounted"),
            (totals.plan_calls, "by a plan"),
            (totals.energy_estimated, "estimated"),
            (totals.energy_allocated, "allocated"),
        )
        if number
    ]


def _cut(runs: Sequence[Run], width: int) -> list[Run]:
    cut: list[Run] = []
    for text, style in runs:
        left = width - sum(len(shown) for shown, _ in cut)
        if left <= 0:
            break
        cut.append((text if len(text) <= left else cell(text, left), style))
    return cut
