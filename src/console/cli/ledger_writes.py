"""`ledger import` and `ledger reprice`: acts that change the ledger, shown before they are done."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from console.cli.exits import Exit, Stop
from console.cli.invocation import Invocation, json_option, pass_invocation
from console.cli.output import print_json, usd

if TYPE_CHECKING:
    from console.sources.ledger.imports.add import Report
    from console.sources.ledger.imports.found import Findings
    from console.sources.ledger.reprice import Repricing
    from console.sources.ledger.store import SqliteLedger
    from console.sources.prices import Prices

_KINDS = """\b
claude-code  a session's JSONL file, or the folder ~/.claude/projects
llm          the logs.db of the llm command (llm logs path)
openai       a usage export, CSV or JSON pages, grouped by model
anthropic    a usage export, CSV or JSON pages, grouped by model
csv          any CSV file, its columns named with --map"""

KINDS = ("claude-code", "llm", "openai", "anthropic", "csv")


@click.command("import", epilog=_KINDS)
@click.argument("kind", type=click.Choice(KINDS))
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@click.option("--apply", is_flag=True, help="Write; without it this is a dry run.")
@click.option(
    "--plan/--paid",
    default=None,
    help="Paid by a subscription, or by the token; claude-code is a plan's unless --paid.",
)
@click.option(
    "--map",
    "columns",
    multiple=True,
    metavar="FIELD=COLUMN",
    help="csv: which column is time, model, input, output, …; repeatable.",
)
@click.option(
    "--set",
    "constants",
    multiple=True,
    metavar="FIELD=VALUE",
    help="csv: a value for all rows, like provider=openai; repeatable.",
)
@click.option(
    "--local",
    "local",
    multiple=True,
    metavar="GLOB",
    help="llm: models that were served here; repeatable.",
)
@click.option(
    "--overlapping",
    is_flag=True,
    help="Also sums over times for which the ledger has rows: they count twice.",
)
@json_option
@pass_invocation
def import_(
    invocation: Invocation,
    kind: str,
    path: Path,
    apply: bool,
    plan: bool | None,
    columns: tuple[str, ...],
    constants: tuple[str, ...],
    local: tuple[str, ...],
    overlapping: bool,
    as_json: bool,
) -> int:
    """Add history from elsewhere; a second run adds nothing twice."""
    from console.sources.ledger.imports.add import add

    with open_ledger(invocation) as (ledger, zone, prices):
        shadow = (invocation.settings.api.kind, invocation.settings.api.model)
        findings = _reader(kind, path, zone, plan, columns, constants, local)
        try:
            report = add(ledger, findings(), prices, shadow=shadow, dry_run=not apply,
                         overlapping=overlapping)  # fmt: skip
        except ValueError as error:
            raise Stop(str(error), Exit.USAGE) from None
    if as_json:
        print_json({"applied": apply, **vars(report)})
    else:
        for line in _told(report, apply):
            click.echo(line)
    return Exit.UNPRICED if report.unpriced else Exit.FINE


@click.command("reprice")
@click.argument("filter", nargs=-1)
@click.option("--all", "all_rows", is_flag=True, help="Also rows that have a price.")
@click.option("--apply", is_flag=True, help="Write; without it this is a dry run.")
@json_option
@pass_invocation
def reprice(
    invocation: Invocation, filter: tuple[str, ...], all_rows: bool, apply: bool, as_json: bool
) -> int:
    """Charge rows anew at the prices that were in force when they began, as known today.

    Without --all only rows that have no price yet. Each change is kept with its old and new
    price in the tables `repricings` and `repriced`.
    """
    from console.cli.ledger import read_filter
    from console.sources.ledger.reprice import Repricer

    query = read_filter(filter)
    with open_ledger(invocation) as (ledger, zone, prices):
        shadow = (invocation.settings.api.kind, invocation.settings.api.model)
        done = Repricer(ledger, prices, shadow).run(
            query, utc_now_ms(), zone, all_rows=all_rows, dry_run=not apply
        )
    if as_json:
        from dataclasses import asdict

        print_json({"applied": apply, **asdict(done)})
    else:
        _print_repricing(done, apply)
    return Exit.UNPRICED if done.unpriced else Exit.FINE


def _reader(
    kind: str,
    path: Path,
    zone: str,
    plan: bool | None,
    columns: tuple[str, ...],
    constants: tuple[str, ...],
    local: tuple[str, ...],
) -> "Callable[[], Findings]":
    from console.sources.ledger.imports import claude_code, llm_logs, table, usage_exports

    match kind:
        case "claude-code":
            paid_by_plan = plan is not False
            return lambda: claude_code.read(claude_code.files(path), zone=zone, plan=paid_by_plan)
        case "llm":
            return lambda: llm_logs.read(path, zone=zone, local=local)
        case "openai":
            return lambda: usage_exports.read_openai(path, zone=zone)
        case "anthropic":
            return lambda: usage_exports.read_anthropic(path, zone=zone)
        case _:
            pairs = [_pairs("--map", columns), _pairs("--set", constants)]
            return lambda: table.read(path, zone=zone, columns=pairs[0], constants=pairs[1])


def _pairs(option: str, typed: tuple[str, ...]) -> dict[str, str]:
    pairs = {}
    for each in typed:
        name, sign, value = each.partition("=")
        if not sign or not name or not value:
            raise Stop(f"{option} needs FIELD=NAME, not {each}.", Exit.USAGE)
        pairs[name] = value
    return pairs


@contextmanager
def open_ledger(invocation: Invocation) -> "Iterator[tuple[SqliteLedger, str, Prices]]":
    """The ledger to write in, the operator's zone, and the prices; raises Stop."""
    from console.sources.host import zone_name
    from console.sources.ledger.store import SqliteLedger
    from console.sources.prices import Prices

    settings = invocation.settings
    try:
        ledger = SqliteLedger(invocation.places.ledger, now_ms=utc_now_ms())
    except OSError as error:
        raise Stop(str(error)) from None
    try:
        yield ledger, zone_name(), Prices(settings.prices, settings.price_terms)
    except OSError as error:
        raise Stop(str(error)) from None
    finally:
        ledger.close()


def utc_now_ms() -> int:
    """The time now, in UTC milliseconds."""
    return time.time_ns() // 1_000_000


def _told(report: "Report", applied: bool) -> Iterator[str]:
    done = "added" if applied else "would be added"
    yield f"{report.new:,} rows {done}, {report.grown:,} grown, {report.known:,} known already"
    if report.first_ms is not None and report.last_ms is not None:
        days = [f"{datetime.fromtimestamp(ms / 1000, UTC):%F}" for ms in
                (report.first_ms, report.last_ms)]  # fmt: skip
        yield f"from {days[0]} to {days[1]}, {report.tokens:,} tokens"
        models = (f"{model} {number:,}" for model, number in report.models.most_common(8))
        yield f"models: {', '.join(models)}"
        yield f"paid by the token: {usd(report.cost_nano)}"
    if report.plan_nano:
        yield (
            f"by a plan: {usd(report.plan_nano)} at list prices, shown apart and never counted as "
            "spent (--paid if these were billed by the token)"
        )
    for model, number in report.unpriced.most_common():
        yield f"unpriced: {number:,} of {model}; add a [[prices]] table, then `ledger reprice`"
    for why, number in report.skipped.most_common():
        where = f" (first: {report.examples[why]})" if report.examples[why] else ""
        yield f"skipped: {number:,} {why}{where}"
    if not applied:
        yield "Nothing was written; the same with --apply does it."


def _print_repricing(done: "Repricing", applied: bool) -> None:
    verb = "were" if applied else "would be"
    click.echo(
        f"{done.changed:,} of {done.looked_at:,} rows {verb} repriced: {usd(done.old_nano)} "
        f"becomes {usd(done.new_nano)}; {done.newly_priced:,} had no price, "
        f"{done.unpriced:,} still have none"
    )
    if done.id is not None:
        click.echo(f"The old and new prices are kept as repricing {done.id}.")
    elif not applied:
        click.echo("Nothing was written; the same with --apply does it.")
