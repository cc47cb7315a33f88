"""`gpu`: what the pane shows, once."""

import asyncio
from typing import TYPE_CHECKING

import click

from console.cli.exits import Exit, Stop
from console.cli.groups import Defaulting
from console.cli.invocation import Invocation, json_option, pass_invocation, run_async
from console.cli.output import UNKNOWN, print_table

if TYPE_CHECKING:
    from console.core.gpu import Card, Snapshot
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
            from console.core.gpu_json import to_json

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
