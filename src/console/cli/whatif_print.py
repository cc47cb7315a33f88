"""How `whatif` prints the real model's results, trees, differences and replays."""

from dataclasses import asdict
from typing import Any

import click

from console import __version__
from console.cli.output import print_json, print_table
from console.core.text import one_line
from console.core.whatif.alternatives import Results
from console.core.whatif.article_sheet import Results as ArticleResults
from console.core.whatif.explain import branches, explain
from console.core.whatif.explain import figures as figure_names
from console.core.whatif.later import later
from console.core.whatif.parse import Range
from console.core.whatif.report import as_csv, as_document, as_markdown, crossovers
from console.core.whatif.sensitivity import Tornado, tornado
from console.core.whatif.sheet import Sheet
from console.core.whatif.spread import Spread
from console.core.whatif.term import Term
from console.services.figures import Figures, Row
from console.services.replays import Replayed


def document(
    figures: Figures, results: Results, known: Spread | None, *, tornado: bool
) -> dict[str, Any]:
    """Everything as one object."""
    whole = as_document(results, known, later(results), figures.advice, __version__)
    if tornado:
        whole["tornado"] = asdict(_tornado(results.sheet))
    return whole


def markdown(whole: dict[str, Any]) -> str:
    """The document as tables."""
    return as_markdown(whole)


def csv(results: Results) -> str:
    """One row for each volume."""
    return as_csv(results)


def print_results(
    figures: Figures, results: Results, known: Spread | None, *, breakeven: bool
) -> None:
    """Print the months, the crossovers, the slow figures and the warnings."""
    w = results.sheet.case.inputs.workload
    click.echo(f"{results.sheet.base.title}: {w.requests_per_day:,g} requests a day\n")
    rows = []
    for each in results.alternatives:
        month = known.months.get(each.key) if known is not None else None
        span = "" if month is None else f"{month.p5:,.2f}–{month.p95:,.2f}"
        parts = " + ".join(f"{name} {usd:,.2f}" for name, usd in each.parts)
        usd = "-" if each.usd is None else f"{each.usd:,.2f}"
        rows.append((each.name, str(each.role), usd, span, parts or each.trouble))
    print_table(("alternative", "<kind", "$ a month", "P5–P95", "<made of"), rows)
    if breakeven:
        _print_crossovers(results, known)
    worth = later(results)
    if worth.investment is not None:
        months = worth.investment.payback_months
        back = "never" if months is None else f"{months:,.1f} months"
        carbon = "-" if worth.kgco2 is None else f"{worth.kgco2:,.0f} kg a month"
        npv = worth.investment.npv_usd
        value = f"{'-' if npv < 0 else ''}${abs(npv):,.0f}"
        click.echo(f"\npayback {back}, NPV {value}, CO₂ {carbon}")
    peak = results.peak
    if peak is not None and peak.waiting is not None:
        click.echo(
            f"peak hour {peak.rps:,.3g} requests a second on {peak.slots:,.0f} at once: "
            f"{peak.waiting:.1%} wait longer than {peak.wait_s:g} s (Erlang C)"
        )
    for text in figures.advice:
        click.echo(f"! {one_line(text)}")


def _print_crossovers(results: Results, known: Spread | None) -> None:
    click.echo("")
    for duel in crossovers(results, known):
        for each in duel["crossovers"]:
            sign = "▲" if each["cheaper_above"] == "self" else "▼"
            span = each["interval"]
            click.echo(
                f"{sign} {each['requests_per_day']:,.0f}/day "
                f"[{span['p5']:,.0f}–{span['p95']:,.0f}] {each['share_of_draws']:.0%} of draws: "
                f"{each['reason']}"
            )
        if duel["untold"]:
            click.echo(f"  {duel['untold']} more between {duel['between']}, found in few draws")
        elif not duel["crossovers"]:
            click.echo(
                f"· none between {duel['between']}: {duel['cheaper_at_first']} is cheaper up to "
                f"{duel['up_to']:,.0f}/day"
            )


def print_tornado(results: Results) -> None:
    """Print what each uncertain input does to the saving."""
    found = _tornado(results.sheet)
    click.echo(f"\nthe rig saves ${found.base_saving_usd:,.0f} a month; one input at a time:\n")
    print_table(
        ("input", "at low", "at high", "swing", "<"),
        [
            (
                bar.input,
                f"{bar.at_low:,.0f}",
                f"{bar.at_high:,.0f}",
                f"{bar.swing:,.0f}",
                "flips the answer" if bar.flips_sign else "",
            )
            for bar in found.bars
        ],
    )


def _tornado(sheet: Sheet) -> Tornado:
    ranges = {}
    for name in sheet.distributions():
        source = sheet.source(name)
        if name.partition(".")[0] in ("workload", "api", "self_host"):
            assert source.low is not None and source.high is not None
            ranges[name] = (source.low, source.high)
    return tornado(sheet.case.counted, ranges)


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
            value = f"{branch.value:,.6g} {branch.unit}".rstrip()
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
        return f"{row.value.low:g}..{row.value.high:g}"
    return row.field.empty if row.value is None else row.value


def _said(value: float | str | None) -> str:
    if value is None:
        return "-"
    return value if isinstance(value, str) else f"{value:,.6g}"


def _money(value: float | None) -> str:
    return "-" if value is None else f"{value:,.2f}"


def _months(figures: Figures) -> dict[str, float]:
    if figures.results is None:
        assert figures.article is not None
        return {bill.option.name: float(bill.total_usd) for bill in figures.article.bills}
    return {
        each.key: float(each.usd) for each in figures.results.alternatives if each.usd is not None
    }


def print_replay(found: Replayed, *, as_json: bool) -> None:
    """Print a replay; what could not be priced goes to stderr."""
    told = found.replay
    if as_json:
        print_json(asdict(found))
    else:
        fixed = "with" if found.full else "without"
        click.echo(
            f"The last {found.days} days again: {one_line(found.policy)}; prices of "
            f"{found.price_at}, {fixed} the rig's fixed cost.\n"
        )
        rows = [
            (name, *(f"{usd:,.4f}" for usd in asdict(case).values()))
            for name, case in (("low", told.lo), ("middle", told.mid), ("high", told.hi))
        ]
        print_table(("", "total $", "kept $", "API $", "energy $", "fixed $"), rows)
        click.echo(
            f"\nrecorded ${told.recorded_usd:,.4f}; {told.rows_kept:,} rows kept, "
            f"{told.rows_moved:,} moved, {told.rows_excluded:,} errors left out; "
            f"{told.priced_share:.1%} of the recorded dollars priced"
        )
        waits = found.queueing
        if isinstance(waits, str):
            if waits:
                click.echo(f"\nqueueing not checked: {waits}")
        else:
            click.echo(
                f"\n{waits.requests:,} requests through {waits.replicas:,} replicas: P95 wait "
                f"{waits.p95_wait_s:,.2f} s, longest {waits.longest_wait_s:,.2f} s, "
                f"{waits.utilisation:.1%} busy, {waits.overflow_share:.1%} would have overflowed "
                f"(over {waits.patience_s:g} s)"
            )
    if told.unpriced_count:
        click.echo(
            f"llmconsole: {told.unpriced_count:,} rows could not be priced: "
            f"{'; '.join(told.reasons)}; among them "
            f"{', '.join(one_line(str(row)) for row in told.unpriced_rows[:20])}",
            err=True,
        )
