"""`whatif` on the preset `article`: the founding article's formulae at any volume."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from console.cli.output import print_table
from console.core.whatif.article import VOLUMES, claims, printed_lines
from console.core.whatif.article_sheet import INPUTS, ArticleSheet
from console.core.whatif.parse import grouped

if TYPE_CHECKING:
    from console.core.whatif.article import Breakdown

_VOLUME = "workload.requests_per_day"


def sheets(sheet: ArticleSheet, volumes: Sequence[float]) -> list[ArticleSheet]:
    """One sheet for each volume, or for the article's three."""
    return [sheet.with_value(_VOLUME, volume) for volume in volumes or VOLUMES]


def print_lines(volumes: Sequence[float]) -> None:
    """Print what the article's own code prints."""
    for line in printed_lines(volumes or VOLUMES):
        click.echo(line)


def print_sheets(sheets: list[ArticleSheet]) -> None:
    """Print the months at each volume, the crossings, and what the article misprints."""
    names = [option.name for option in sheets[0].options()]
    rows = []
    for sheet in sheets:
        results = sheet.results()
        bills = [f"${float(bill.total_usd):,.0f}" for bill in results.bills]
        volume = grouped(sheet.value(_VOLUME))
        rows.append([volume, *bills, results.cheapest.option.name])
    print_table(("requests/day", *names, "<cheapest"), rows, left=0)
    click.echo("\nDollars per month of 30 days, by the founding article's formulae.\n")
    for crossing in sheets[0].results().crossings:
        at = crossing.requests_per_day
        where = "never" if at is None else f"from {at:,.0f} requests/day"
        click.echo(f"{crossing.own} is cheaper than {crossing.api}: {where}")
    different = [claim for claim in claims() if not claim.agrees]
    if _is_preset(sheets[0]) and different:
        click.echo("\nWhat the article prints, and what its own formulae give:\n")
        titles = ("figure", "printed", "given", "<why")
        print_table(
            titles,
            [
                (claim.subject, claim.printed, f"{claim.recomputed:,.1f}", claim.remark)
                for claim in different
            ],
        )


def article_json(sheets: list[ArticleSheet]) -> dict[str, Any]:
    """The same as one object."""
    crossings = sheets[0].results().crossings
    return {
        "preset": "article",
        "inputs": {
            each.name: sheets[0].value(each.name) for each in INPUTS if each.name != _VOLUME
        },
        "volumes": [
            {
                "requests_per_day": sheet.value(_VOLUME),
                "bills": [_bill_json(bill) for bill in sheet.results().bills],
                "cheapest": sheet.results().cheapest.option.name,
            }
            for sheet in sheets
        ],
        "crossovers": [
            {"own": each.own, "api": each.api, "requests_per_day": each.requests_per_day}
            for each in crossings
        ],
        "article_differs": [
            {
                "figure": claim.subject,
                "printed": claim.printed,
                "recomputed": claim.recomputed,
                "unit": claim.unit,
                "why": claim.remark,
            }
            for claim in claims()
            if not claim.agrees and _is_preset(sheets[0])
        ],
    }


def _bill_json(bill: "Breakdown") -> dict[str, Any]:
    return {
        "name": bill.option.name,
        "requests_per_month": float(bill.requests),
        "gpu_hours": None if bill.gpu_hours is None else float(bill.gpu_hours),
        "lines_usd": {line.name: float(line) for line in bill.lines},
        "total_usd": float(bill.total_usd),
    }


def _is_preset(sheet: ArticleSheet) -> bool:
    return not set(sheet.typed) - {_VOLUME}
