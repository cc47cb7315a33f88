"""How `whatif` prints trees and differences."""

from dataclasses import asdict
from typing import Any

import click

from console.cli.output import print_json, print_table
from console.core.text import one_line
from console.core.whatif.article_sheet import Results as ArticleResults
from console.core.whatif.explain import branches, explain
from console.core.whatif.explain import figures as figure_names
from console.core.whatif.parse import Range, grouped
from console.core.whatif.term import Term
from console.services.figures import Figures, Row


def trees(figures: Figures, name: str) -> dict[str, Term]:
    """The trees a name asks for: one, or the API's and the rig's where it is of both.

    Raises ValueError for a name that is no figure.
    """
    if figures.results is None:
        assert figures.article is not None
        return _article_trees(figures.article, name)
    known = figure_names(figures.results)
    wanted = [name] if name in known else [
        each for each in (f"api.{name}", f"self_host.{name}") if each in known
    ]  # fmt: skip
    if not wanted and not name.startswith(("crossover.", "versus.")):
        raise ValueError(f"{name} is not a figure; there are {', '.join(known)}")
    return {each: explain(figures.results, each) for each in wanted or [name]}


def _article_trees(results: ArticleResults, name: str) -> dict[str, Term]:
    own = name.removesuffix("_usd")
    found = {}
    for bill in results.bills:
        for term in (bill.total_usd, *bill.lines):
            if term.name == own:
                found[f"{bill.option.name}: {own}"] = term
    if not found:
        raise ValueError(f"{name} is not a figure of the article; try total_usd")
    return found


def print_trees(found: dict[str, Term], figures: Figures) -> None:
    """Print trees, one line for each term."""
    sheet = figures.results.sheet if figures.results is not None else None
    for name, term in found.items():
        for branch in branches(term, sheet):
            label = branch.name if branch.depth else name
            formula = f" = {branch.formula}" if branch.formula else ""
            source = f"  ({one_line(branch.source)})" if branch.source else ""
            value = f"{grouped(branch.value)} {branch.unit}".rstrip()
            click.echo(f"{'  ' * branch.depth}{label} {value}".rstrip() + formula + source)


def tree_json(term: Term, figures: Figures) -> list[dict[str, Any]]:
    """A tree as a list of its lines, parents first."""
    sheet = figures.results.sheet if figures.results is not None else None
    return [asdict(branch) for branch in branches(term, sheet)]


def print_diff(
    one: str, other: str, first: Figures, second: Figures, *, markdown: bool, as_json: bool
) -> None:
    """Print what differs between two scenarios, and what that does to the months."""
    rows = _different(first, second)
    months = [_months(first), _months(second)]
    names = list(dict.fromkeys([*months[0], *months[1]]))
    totals = [(name, months[0].get(name), months[1].get(name)) for name in names]
    if as_json:
        print_json(
            {
                "inputs": {name: {"one": a, "other": b} for name, a, b in rows},
                "usd_per_month": {
                    name: {"one": a, "other": b, "difference": None if None in (a, b) else b - a}  # type: ignore[operator]
                    for name, a, b in totals
                },
            }
        )
        return
    table = [(name, _said(a), _said(b), "") for name, a, b in rows]
    for name, a, b in totals:
        delta = "" if a is None or b is None else f"{b - a:+,.2f}"
        share = f" {(b - a) / a:+.0%}" if a and b is not None else ""
        table.append((f"{name} $ a month", _money(a), _money(b), f"{delta}{share}"))
    if markdown:
        click.echo(f"| | {one} | {other} | Δ |\n|---|---:|---:|---:|")
        for cells in table:
            click.echo(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |")
    else:
        print_table(("", one, other, "Δ"), table)


def _different(first: Figures, second: Figures) -> list[tuple[str, Any, Any]]:
    columns: list[dict[str, Row]] = [
        {row.name: row for row in figures.rows} for figures in (first, second)
    ]
    names = dict.fromkeys([*columns[0], *columns[1]])
    found = []
    for name in names:
        a, b = (_plain(column.get(name)) for column in columns)
        if a != b:
            found.append((name, a, b))
    return found


def _plain(row: Row | None) -> float | str | None:
    if row is None:
        return None
    if isinstance(row.value, Range):
        return f"{grouped(row.value.low)}..{grouped(row.value.high)}"
    return row.field.empty if row.value is None else row.value


def _said(value: float | str | None) -> str:
    if value is None:
        return "-"
    return value if isinstance(value, str) else grouped(value)


def _money(value: float | None) -> str:
    return "-" if value is None else f"{value:,.2f}"


def _months(figures: Figures) -> dict[str, float]:
    if figures.results is None:
        assert figures.article is not None
        return {bill.option.name: float(bill.total_usd) for bill in figures.article.bills}
    return {
        each.key: float(each.usd) for each in figures.results.alternatives if each.usd is not None
    }
