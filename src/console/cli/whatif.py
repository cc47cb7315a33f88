"""`whatif`: the founding article's cost formulae at any volume and any inputs."""

from typing import TYPE_CHECKING, Any

import click

from console.cli.exits import Exit, Stop
from console.cli.groups import Defaulting
from console.cli.invocation import json_option
from console.cli.output import print_json, print_table

if TYPE_CHECKING:
    from console.core.whatif.article import Breakdown
    from console.core.whatif.sheet import Sheet


@click.group(cls=Defaulting)
def whatif() -> None:
    """Monthly cost of API and self-hosting, and where they cross."""


@whatif.command("show")
@click.option("-n", "--requests-per-day", "volumes", multiple=True, metavar="N",
              help="A volume, like 2500 or 8.4k; repeatable. [default: 1k, 10k, 100k]")  # fmt: skip
@click.option("--input-tokens", metavar="N", help="Prompt tokens of a request.")
@click.option("--output-tokens", metavar="N", help="Reply tokens of a request.")
@click.option("--set", "others", multiple=True, metavar="NAME=VALUE",
              help="Any input by name, as --json lists them; repeatable.")  # fmt: skip
@json_option
def show(
    volumes: tuple[str, ...],
    input_tokens: str | None,
    output_tokens: str | None,
    others: tuple[str, ...],
    as_json: bool,
) -> int:
    """Monthly cost of API and self-hosting by the founding article's formulae.

    Figures the article prints that its own formulae do not give are told, as long as no input is
    changed.
    """
    typed = [pair.partition("=") for pair in others]
    assignments = [(name.strip(), value) for name, _, value in typed]
    for name, value in (("input_tokens", input_tokens), ("output_tokens", output_tokens)):
        if value is not None:
            assignments.append((name, value))
    try:
        sheets = _sheets(assignments, volumes)
    except ValueError as error:
        raise Stop(str(error), Exit.USAGE) from None
    if as_json:
        print_json(_json(sheets))
    else:
        _print(sheets)
    return Exit.FINE


def _sheets(assignments: list[tuple[str, str]], volumes: tuple[str, ...]) -> "list[Sheet]":
    """One sheet for each volume. Raises ValueError with a sentence."""
    from difflib import get_close_matches

    from console.core.whatif.article import VOLUMES
    from console.core.whatif.sheet import BY_NAME, Sheet

    sheet = Sheet()
    for name, value in assignments:
        if name not in BY_NAME:
            near = get_close_matches(name, BY_NAME, 1) or [", ".join(BY_NAME)]
            raise ValueError(f'"{name}" is no input; did you mean {near[0]}?')
        if name == "requests_per_day":
            raise ValueError("requests_per_day is given by --requests-per-day.")
        sheet = sheet.with_text(name, value)
    if volumes:
        return [sheet.with_text("requests_per_day", volume) for volume in volumes]
    return [sheet.with_value("requests_per_day", volume) for volume in VOLUMES]


def _print(sheets: "list[Sheet]") -> None:
    from console.core.whatif.article import claims

    names = [option.name for option in sheets[0].options()]
    rows = []
    for sheet in sheets:
        results = sheet.results()
        bills = [f"${float(bill.total_usd):,.0f}" for bill in results.bills]
        volume = f"{sheet.value('requests_per_day'):,g}"
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


def _json(sheets: "list[Sheet]") -> dict[str, Any]:
    from console.core.whatif.article import claims
    from console.core.whatif.sheet import INPUTS

    crossings = sheets[0].results().crossings
    return {
        "preset": "article",
        "inputs": {
            each.name: sheets[0].value(each.name)
            for each in INPUTS
            if each.name != "requests_per_day"
        },
        "volumes": [
            {
                "requests_per_day": sheet.value("requests_per_day"),
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


def _is_preset(sheet: "Sheet") -> bool:
    return not set(sheet.typed) - {"requests_per_day"}
