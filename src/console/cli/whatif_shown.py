"""How `whatif show` prints months, crossovers, what they rest on, and the tornado."""

from dataclasses import asdict
from typing import Any

import click

from console import __version__
from console.cli.output import print_table
from console.core.text import one_line
from console.core.whatif.alternatives import Results
from console.core.whatif.decision import cost
from console.core.whatif.distribution import draws_share, percent
from console.core.whatif.later import later
from console.core.whatif.parse import grouped
from console.core.whatif.report import as_csv, as_document, as_markdown, crossovers
from console.core.whatif.sensitivity import Tornado, tornado
from console.core.whatif.sheet import Sheet
from console.core.whatif.spread import Spread
from console.services.figures import Figures


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
    click.echo(f"{results.sheet.base.title}: {grouped(w.requests_per_day)} requests a day\n")
    rows = []
    for each in results.alternatives:
        month = known.months.get(each.key) if known is not None else None
        span = "" if month is None else f"{month.p5:,.2f}–{month.p95:,.2f}"
        parts = " + ".join(f"{name} {usd:,.2f}" for name, usd in each.parts)
        usd = "-" if each.usd is None else f"{each.usd:,.2f}"
        rows.append((each.name, str(each.role), usd, span, parts or each.trouble))
    print_table(("alternative", "<kind", "$ a month", "P5–P95", "<made of"), rows)
    click.echo(f"\n{cost_words(results, known)}")
    if (here := results.sheet.base.here) is not None:
        click.echo(
            f"you are here: {here.p50:,.1f} requests a day [{here.p5:,.1f}–{here.p95:,.1f}], "
            "measured"
        )
    if breakeven:
        _print_crossovers(results, known)
    _print_later(results)
    peak = results.peak
    if peak is not None and peak.waiting is not None:
        click.echo(
            f"peak hour {grouped(float(f'{peak.rps:.3g}'))} requests a second on "
            f"{peak.slots:,.0f} at once: "
            f"{percent(peak.waiting)} wait longer than {peak.wait_s:g} s (Erlang C)"
        )
    _print_grounds(results, known)
    for text in figures.advice:
        click.echo(f"! {one_line(text)}")


def cost_words(results: Results, known: Spread | None) -> str:
    """Which of the rig and the first API is cheaper, by how much, and how sure that is."""
    return f"cheaper of the rig and {results.duels[0].name}: {cost(results, known)}"


def _print_later(results: Results) -> None:
    worth, horizon = later(results), results.sheet.case.outlook.horizon_months
    if worth.investment is None:
        click.echo(f"\npayback -: {worth.trouble}")
        return
    months, npv = worth.investment.payback_months, worth.investment.npv_usd
    back = "never" if months is None else f"{months:,.1f} months"
    carbon = "-" if worth.kgco2 is None else f"{worth.kgco2:,.0f} kg a month"
    click.echo(
        f"\nagainst {results.duels[0].name} over {horizon:g} months: payback {back}, "
        f"NPV {_signed(npv)}; CO₂ {carbon}"
    )


def _print_grounds(results: Results, known: Spread | None) -> None:
    """Print what the figures rest on: the draws behind the intervals and the price lists."""
    if known is None:
        click.echo("no draw is possible, so there are no intervals and no crossovers")
    else:
        lost = f", {known.impossible:,} of them impossible" if known.impossible else ""
        click.echo(
            f"P5–P95 of {known.n:,} draws{lost} with seed {known.seed} over "
            f"{len(known.uncertain)} uncertain inputs; % of draws where not all have it"
        )
    offers = (results.sheet.offer, *results.sheet.versus)
    lists = {
        f"{each.source.text.partition(':')[0]}"
        + (f" as of {each.source.as_of}" if each.source.as_of else "")
        for each in offers
        if each.card is not None and each.source.text
    }
    if lists:
        click.echo(f"prices: {'; '.join(sorted(lists))}")


def _signed(usd: float) -> str:
    return f"{'-' if usd < 0 else ''}${abs(usd):,.0f}"


def _print_crossovers(results: Results, known: Spread | None) -> None:
    click.echo("")
    for duel in crossovers(results, known):
        for each in duel["crossovers"]:
            sign = "▲" if each["cheaper_above"] == "self" else "▼"
            click.echo(
                f"{sign} {each['requests_per_day']:,.0f}/day {_spanned(each['interval'])}"
                f"{_often(each['share_of_draws'])}: {each['reason']}"
            )
        if duel["for_good_from"] is not None and len(duel["crossovers"]) > 1:
            click.echo(
                f"  for good from {duel['for_good_from']:,.0f} "
                f"{_spanned(duel['for_good_interval'])}{_often(duel['for_good_share'])}"
            )
        if duel["untold"]:
            click.echo(f"  {duel['untold']} more between {duel['between']}, found in few draws")
        elif not duel["crossovers"]:
            often = "" if duel["never_share"] is None else _often(duel["never_share"])
            click.echo(
                f"· none between {duel['between']}: {duel['cheaper_at_first']} is cheaper up to "
                f"{duel['up_to']:,.0f}/day{often}"
            )


def _spanned(span: dict[str, float]) -> str:
    return f"[{span['p5']:,.0f}–{span['p95']:,.0f}]"


def _often(share: float) -> str:
    return "" if share == 1 else f" in {draws_share(share)} of draws"


def print_tornado(results: Results) -> None:
    """Print what each uncertain input does to the saving."""
    found = _tornado(results.sheet)
    click.echo(
        f"\nthe rig saves {_signed(found.base_saving_usd)} a month against "
        f"{results.duels[0].name}; one input at a time:\n"
    )
    print_table(
        ("input", "low", "high", "$ at low", "$ at high", "swing", "<"),
        [
            (
                bar.input,
                grouped(bar.low),
                grouped(bar.high),
                f"{bar.at_low:,.0f}",
                f"{bar.at_high:,.0f}",
                f"{bar.swing:,.0f}",
                "flips the answer" if bar.flips_sign else "",
            )
            for bar in found.bars
        ],
    )
    for text in found.impossible:
        click.echo(f"! not possible: {one_line(text)}")


def _tornado(sheet: Sheet) -> Tornado:
    ranges = {}
    for name in sheet.distributions():
        source = sheet.source(name)
        if name.partition(".")[0] in ("workload", "api", "self_host"):
            assert source.low is not None and source.high is not None
            ranges[name] = (source.low, source.high)
    return tornado(sheet.case.counted, ranges)
