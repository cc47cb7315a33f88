"""`ledger`: its rows, sums and schema on standard output, and what changes it by hand."""

import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

from console.cli.exits import Exit, Stop
from console.cli.groups import Defaulting
from console.cli.invocation import Invocation, json_option, pass_invocation, run_async
from console.cli.ledger_print import (
    ROW,
    TOTALS,
    entry_facts,
    entry_row,
    notes,
    print_sums,
    standing,
    totals_row,
    utc,
)
from console.cli.ledger_reconcile import reconcile
from console.cli.ledger_writes import import_, reprice
from console.cli.output import UNKNOWN, entry_json, print_json, print_table, totals_json
from console.cli.upgrading import upgrade_ledger

if TYPE_CHECKING:
    from console.core.entry import Entry
    from console.core.group import Group
    from console.core.query import Query
    from console.services.books import Books

SORTS = ("newest", "oldest", "cost", "output", "slowest", "ttft")
GROUPS = ("model", "tier", "day", "tag", "system")
WINDOWS = ("today", "7d", "30d", "month", "all")
FORMATS = ("csv", "jsonl", "md")
PAGE, AT_ONCE = 500, 20_000
"""Rows that an export reads at once, in the order of time and in others."""

_filter = click.argument("filter", nargs=-1)
_sort = click.option("--sort", type=click.Choice(SORTS), default="newest", show_default=True,
                     help="Which rows come first.")  # fmt: skip
_group = click.option("--group", type=click.Choice(GROUPS), help="Sums instead of rows.")


@click.group(cls=Defaulting)
@pass_invocation
def ledger(invocation: Invocation) -> None:
    """The requests, what they cost, and totals by tier.

    A filter is terms that all must hold, as after / in the console: tier:api model:sonnet >0.01
    since:7d tag:x !haiku ended:error is:unpriced. Quote > and ! from your shell.
    """
    upgrade_ledger(invocation.places.ledger)


@ledger.command("show")
@_filter
@_sort
@_group
@click.option("--limit", type=click.IntRange(0, 100_000), default=20, show_default=True,
              help="How many rows.")  # fmt: skip
@json_option
@pass_invocation
def show(
    invocation: Invocation,
    filter: tuple[str, ...],
    sort: str,
    group: str | None,
    limit: int,
    as_json: bool,
) -> int:
    """Rows, and totals by tier: today, 7 and 30 days, this month, all time."""
    query = read_filter(filter, sort)

    async def verb() -> int:
        async with invocation.services() as console:
            try:
                await _show(console.books, query, group, limit, as_json)
            except OSError as error:
                raise Stop(str(error)) from None
        return Exit.FINE

    return run_async(verb)


@ledger.command("export")
@_filter
@_sort
@_group
@click.option("--format", "format_", type=click.Choice(FORMATS), default="csv", show_default=True,
              help="The form; Markdown has the columns for reading.")  # fmt: skip
@pass_invocation
def export_(
    invocation: Invocation, filter: tuple[str, ...], sort: str, group: str | None, format_: str
) -> int:
    """All rows of FILTER, or their sums, on standard output."""
    query = read_filter(filter, sort)
    from console.sources.ledger.export import Format, export, group_fields, row_fields

    async def verb() -> int:
        async with invocation.services() as console:
            books = console.books
            try:
                if group is not None:
                    records = [
                        group_fields(group, each.key, each.tier, each.totals)
                        for each in await _groups(books, query, group)
                    ]
                    sys.stdout.writelines(export(records, Format(format_)))
                    return Exit.FINE
                last: Entry | None = None
                # In an order that no index holds, a page can cost a walk through the ledger.
                size = PAGE if query.sort in ("newest", "oldest") else AT_ONCE
                while rows := await books.find(query, size, last):
                    text = export(map(row_fields, rows), Format(format_), headed=last is None)
                    sys.stdout.writelines(text)
                    last = rows[-1]
            except OSError as error:
                raise Stop(str(error)) from None
        return Exit.FINE

    return run_async(verb)


@ledger.command("explain")
@click.argument("id")
@json_option
@pass_invocation
def explain_(invocation: Invocation, id: str, as_json: bool) -> int:
    """How each figure of a row was made, by how its ID begins.

    Or how the sums of a window were: today, 7d, 30d, month (with the projection and the limits),
    all.
    """

    async def verb() -> int:
        async with invocation.services() as console:
            try:
                if id in WINDOWS:
                    page = await console.books.page(0)
                    print_sums(id, page, as_json)
                    return Exit.FINE
                entry = await console.books.get(id)
                trace = await console.books.repricings(entry.id) if entry else []
                family = await console.books.kin(entry) if entry else []
            except OSError as error:
                raise Stop(str(error)) from None
        if entry is None:
            raise Stop(f"No single row's id begins with {id}.", Exit.USAGE)
        from console.core.explain import explain
        from console.core.explain import usd as exactly
        from console.core.kin import relation, together
        from console.core.routing.report import told_of_row
        from console.core.text import one_line

        figures = explain(entry)
        if as_json:
            steps = {
                figure.name: {"nano": figure.nano, "steps": {s.what: s.how for s in figure.steps}}
                for figure in figures
            }
            kin = [{"id": row.id, "relation": relation(row, family)} for row in family]
            print_json({"entry": entry_json(entry), "figures": steps, "repricings": trace,
                        "belongs_together": kin if len(family) > 1 else []})  # fmt: skip
            return Exit.FINE
        print_table(("row", "<"), entry_facts(entry))
        if len(family) > 1:
            nano, unknown = together(family)
            left_out = f", {unknown:,} rows left out" if unknown else ""
            click.echo(f"\nbelongs together: {exactly(nano)}, each counted once{left_out}")
            rows = [[relation(row, family), *entry_row(row)] for row in family]
            print_table(("relation", *ROW), rows)
        if decided := told_of_row(entry.decision):
            click.echo("\ndecision:")
            for name, how in decided:
                click.echo(f"  {name:<16} {one_line(how)}")
        for figure in figures:
            click.echo(f"\n{figure.name}: {exactly(figure.nano)}")
            for step in figure.steps:
                click.echo(f"  {step.what:<16} {step.how}")
        for act in trace:
            click.echo(
                f"\nrepriced {utc(act['at_ms'])}: {act['figure']} from "
                f"{exactly(act['old_nano'])} ({act['old_source'] or 'no price'}) to "
                f"{exactly(act['new_nano'])} ({act['new_source']})"
            )
        return Exit.FINE

    return run_async(verb)


@ledger.command("schema")
@pass_invocation
def schema(invocation: Invocation) -> int:
    """The SQL of the file's tables, views, indexes and triggers."""

    async def verb() -> int:
        async with invocation.services() as console:
            try:
                click.echo(await console.books.schema())
            except OSError as error:
                raise Stop(str(error)) from None
        return Exit.FINE

    return run_async(verb)


ledger.add_command(import_)
ledger.add_command(reprice)
ledger.add_command(reconcile)


def read_filter(words: Iterable[str], sort: str = "newest") -> "Query":
    """The query of a filter's words; raises Stop."""
    from console.core.query import Sort, parse

    # What the shell's quotes held together stays together.
    text = " ".join(
        f'{word.partition(":")[0]}:"{word.partition(":")[2]}"'
        if " " in word and ":" in word
        else word
        for word in words
    )
    try:
        return parse(text, sort=Sort(sort))
    except ValueError as error:
        raise Stop(str(error), Exit.USAGE) from None


async def _show(
    books: "Books", query: "Query", group: str | None, limit: int, as_json: bool
) -> None:
    page = await books.page(0)
    groups = await _groups(books, query, group) if group else []
    rows = await books.find(query, limit) if limit and not group else []
    totals = page.windows
    if query.terms:
        found = (await books.groups(query, None)).get("")
        totals = {"found": found} if found else {}
    if as_json:
        shown: dict[str, object] = {"entries": [entry_json(entry) for entry in rows]}
        if group:
            shown["groups"] = [
                {group: each.key, "tier": each.tier, **totals_json(each.totals)} for each in groups
            ]
        shown["totals"] = {
            name: {tier: totals_json(sums) for tier, sums in by_tier.items()}
            for name, by_tier in totals.items()
        }
        shown["expected_month_nano"] = page.expected_nano
        shown["limits"] = [
            {"name": limit.name, "level": limit.level, "limit_nano": limit.limit_nano,
             "spent_nano": limit.spent_nano}
            for limit in page.limits
        ]  # fmt: skip
        print_json(shown)
        return
    if group:
        rows_of = [totals_row(each.key or UNKNOWN, each.tier, each.totals) for each in groups]
        print_table((f"<{group}", "<tier", *TOTALS), rows_of)
    elif rows:
        print_table(ROW, [entry_row(entry) for entry in rows])
    else:
        click.echo("No request matches." if query.terms else "No requests yet.")
    click.echo()
    sums_of = [(name, t, s) for name, by_tier in totals.items() for t, s in by_tier.items()]
    if sums_of:
        print_table(("total", "<tier", *TOTALS), [totals_row(*each) for each in sums_of])
        click.echo("energy: electricity; loaded: with the hardware; saved: against the api's price")
    for sentence in (*notes(rows, totals), *standing(page)):
        click.echo(sentence)


async def _groups(books: "Books", query: "Query", by: str) -> "list[Group]":
    from console.core.group import groups_of
    from console.core.query import Grouping

    grouping = Grouping(by)
    return groups_of(await books.groups(query, grouping), grouping)
