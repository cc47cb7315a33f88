"""`gpu` and `ledger`: what two of the panes show, once."""

import asyncio
from datetime import datetime
from typing import TYPE_CHECKING

import click

from console.cli.exits import Exit, Stop
from console.cli.groups import Defaulting
from console.cli.invocation import Invocation, json_option, pass_invocation, run_async
from console.cli.output import (
    UNKNOWN,
    count,
    entry_json,
    print_json,
    print_table,
    seconds,
    totals_json,
    usd,
)

if TYPE_CHECKING:
    from console.core.entry import Entry, Totals
    from console.core.gpu import Card, Snapshot
    from console.core.tier import Tier
    from console.services.books import Page
    from console.services.console import Console


@click.group(cls=Defaulting)
def gpu() -> None:
    """One sample of the GPUs."""


@gpu.command("show")
@json_option
@pass_invocation
def gpu_show(invocation: Invocation, as_json: bool) -> int:
    """One sample of the GPUs: utilisation, power, memory, temperature."""

    async def verb() -> int:
        async with invocation.services() as console:
            snapshot = await first_snapshot(console)
        if as_json:
            from console.core.gpu import to_json

            click.echo(to_json(snapshot))
        if snapshot.trouble:
            raise Stop(snapshot.trouble)
        if not as_json:
            _print_cards(snapshot)
        return Exit.FINE

    return run_async(verb)


async def first_snapshot(console: "Console") -> "Snapshot":
    """The first thing the GPUs say."""
    first: asyncio.Future[Snapshot] = asyncio.get_running_loop().create_future()

    def take(snapshot: "Snapshot", moved: bool) -> None:
        if not first.done():
            first.set_result(snapshot)

    unsubscribe = console.sampler.subscribe(take)
    sampling = asyncio.create_task(console.sampler.run())
    try:
        return await first
    finally:
        unsubscribe()
        sampling.cancel()
        await asyncio.wait([sampling])


def _print_cards(snapshot: "Snapshot") -> None:
    titles = ("gpu", "<name", "util", "power", "cap", "memory", "of", "temp", "<")
    print_table(titles, [_card_row(card) for card in snapshot.cards])
    facts = [f"driver {snapshot.driver}" if snapshot.driver else "", snapshot.cuda or ""]
    source = f"from {snapshot.origin}{', simulated' if snapshot.simulated else ''}"
    click.echo(" · ".join([*filter(None, facts), source]))


def _card_row(card: "Card") -> list[str]:
    return [
        str(card.index),
        card.name,
        _unit(card.util_pct, "%"),
        _unit(card.power_w, " W"),
        _unit(card.power_limit_w, " W"),
        _gib(card.memory_used_b),
        _gib(card.memory_total_b),
        _unit(card.temperature_c, " °C"),
        card.fault or "",
    ]


def _unit(value: float | None, unit: str) -> str:
    return UNKNOWN if value is None else f"{value:.0f}{unit}"


def _gib(value: int | None) -> str:
    return UNKNOWN if value is None else f"{value / 2**30:.1f} GiB"


@click.group(cls=Defaulting)
def ledger() -> None:
    """The newest requests, and totals by tier."""


@ledger.command("show")
@click.option("--limit", type=click.IntRange(0, 100_000), default=20, show_default=True,
              help="How many rows, newest first.")  # fmt: skip
@json_option
@pass_invocation
def ledger_show(invocation: Invocation, limit: int, as_json: bool) -> int:
    """The newest requests, and totals by tier for today, this month and all time."""

    async def verb() -> int:
        async with invocation.services() as console:
            try:
                page = await console.books.page(limit)
            except OSError as error:
                raise Stop(str(error)) from None
        if as_json:
            print_json(_page_json(page))
        else:
            _print_page(page)
        return Exit.FINE

    return run_async(verb)


def _windows(page: "Page") -> dict[str, "dict[Tier, Totals]"]:
    return {"today": page.today, "month": page.month, "all": page.all_time}


def _page_json(page: "Page") -> dict[str, object]:
    return {
        "entries": [entry_json(entry) for entry in page.entries],
        "totals": {
            name: {tier: totals_json(totals) for tier, totals in by_tier.items()}
            for name, by_tier in _windows(page).items()
        },
    }


def _print_page(page: "Page") -> None:
    if page.entries:
        titles = ("when", "<tier", "<model", "in", "out", "cost", "time", "<ended", "<reason")
        print_table(titles, [_entry_row(entry) for entry in page.entries])
    else:
        click.echo("No requests yet.")
    click.echo()
    titles = ("total", "<tier", "requests", "in", "cached", "out", "cost", "saved", "<")
    rows = [
        _totals_row(name, tier, totals)
        for name, by_tier in _windows(page).items()
        for tier, totals in by_tier.items()
    ]
    print_table(titles, rows)


def _entry_row(entry: "Entry") -> list[str]:
    from zoneinfo import ZoneInfo

    from console.core.usage import UsageSource

    about = entry.usage_source is UsageSource.ESTIMATED
    when = datetime.fromtimestamp(entry.started_ms / 1000, ZoneInfo(entry.zone))
    return [
        f"{when:%Y-%m-%d %H:%M:%S}",
        entry.tier,
        entry.model,
        count(entry.usage.prompt, about=about),
        count(entry.usage.output, about=about),
        usd(entry.spent_nano),
        seconds(entry.duration_ms),
        entry.ending or "in flight",
        entry.reason,
    ]


def _totals_row(name: str, tier: str, totals: "Totals") -> list[str]:
    left_out = (
        (totals.in_flight, "in flight"),
        (totals.unpriced, "unpriced"),
        (totals.uncounted, "uncounted"),
        (totals.unsaved, "without a saving"),
    )
    return [
        name,
        tier,
        count(totals.requests),
        count(totals.prompt_tokens),
        count(totals.cached_tokens),
        count(totals.output_tokens),
        usd(totals.spent_nano),
        usd(totals.saved_nano) if tier == "local" else UNKNOWN,
        ", ".join(f"{number:,} {what}" for number, what in left_out if number),
    ]
