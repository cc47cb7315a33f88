"""`gpu`: what the pane shows, once or as a stream, for eyes, programs and Prometheus."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from enum import StrEnum
from typing import TYPE_CHECKING

import click

from console.cli.exits import Exit, Stop
from console.cli.gpu_record import gpu_record
from console.cli.groups import Defaulting
from console.cli.invocation import Invocation, json_option, pass_invocation, run_async
from console.cli.output import UNKNOWN, print_table

if TYPE_CHECKING:
    from console.core.gpu import Card, Instance, Snapshot
    from console.services.console import Console


class Form(StrEnum):
    """How samples are printed."""

    TEXT = "text"
    JSON = "json"
    CSV = "csv"
    PROMETHEUS = "prometheus"


@click.group(cls=Defaulting)
def gpu() -> None:
    """The GPUs: one sample, or a stream of them."""


gpu.add_command(gpu_record)


@gpu.command("show")
@json_option
@click.option(
    "--csv",
    "as_csv",
    is_flag=True,
    help="A row per card and MIG instance, below one line of titles.",
)
@click.option(
    "--prometheus",
    "as_prometheus",
    is_flag=True,
    help="Text exposition, under DCGM's names where it has one.",
)
@click.option("--watch", is_flag=True, help="Sample after sample; JSON lines, or rows with --csv.")
@click.option(
    "--interval",
    type=click.FloatRange(0.1, 3600),
    metavar="SECONDS",
    help="How often to read the cards; without it as set in gpu.interval_s.",
)
@click.option("--count", type=click.IntRange(1), metavar="N", help="With --watch: end after N.")
@pass_invocation
def gpu_show(
    invocation: Invocation,
    as_json: bool,
    as_csv: bool,
    as_prometheus: bool,
    watch: bool,
    interval: float | None,
    count: int | None,
) -> int:
    """One sample of the GPUs: utilisation, power, memory, temperature."""
    flags = {Form.JSON: as_json, Form.CSV: as_csv, Form.PROMETHEUS: as_prometheus}
    chosen = [form for form, wanted in flags.items() if wanted]
    if len(chosen) > 1:
        raise Stop(f"--{chosen[0]} and --{chosen[1]} exclude each other.", Exit.USAGE)
    form = chosen[0] if chosen else Form.JSON if watch else Form.TEXT
    if watch and form is Form.PROMETHEUS:
        raise Stop(
            "--watch has no form in Prometheus' text exposition, which is one sample; "
            "run --prometheus at each scrape, or into a file of node_exporter.",
            Exit.USAGE,
        )
    if count and not watch:
        raise Stop("--count needs --watch.", Exit.USAGE)

    async def verb() -> int:
        async with invocation.services() as console:
            if interval is not None:
                console.sampler.set_interval(interval)
            seen = 0
            async with aclosing(snapshots(console)) as following:
                async for snapshot in following:
                    seen += 1
                    print_snapshot(snapshot, form, console.host, first=seen == 1)
                    if not watch and snapshot.trouble:
                        raise Stop(snapshot.trouble)
                    if seen == (count if watch else 1):
                        break
        return Exit.FINE

    return run_async(verb)


async def snapshots(console: "Console") -> AsyncGenerator["Snapshot", None]:
    """What the GPUs say, from now on; the driver is released when the iterator is closed."""
    queue: asyncio.Queue[Snapshot] = asyncio.Queue()
    unsubscribe = console.sampler.subscribe(lambda snapshot, moved: queue.put_nowait(snapshot))
    sampling = asyncio.create_task(console.sampler.run())
    try:
        while True:
            yield await queue.get()
    finally:
        unsubscribe()
        sampling.cancel()
        with suppress(asyncio.CancelledError):
            await sampling


async def first_snapshot(console: "Console") -> "Snapshot":
    """The first thing the GPUs say."""
    async with aclosing(snapshots(console)) as following:
        return await anext(following)


def print_snapshot(snapshot: "Snapshot", form: Form, host: str, *, first: bool) -> None:
    """Print one sample; `first` says whether titles belong before it."""
    match form:
        case Form.JSON:
            from console.core.gpu_json import to_json

            click.echo(to_json(snapshot))
        case Form.CSV:
            click.echo(_csv(snapshot, titles=first), nl=False)
        case Form.PROMETHEUS:
            from console.core.gpu_metrics import exposition

            click.echo(exposition(snapshot, host), nl=False)
        case Form.TEXT:
            if snapshot.cards:
                _print_cards(snapshot)


def _csv(snapshot: "Snapshot", *, titles: bool) -> str:
    import csv
    import io

    from console.core.gpu_table import COLUMNS, rows
    from console.core.text import spreadsheet_safe

    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    if titles:
        writer.writerow(COLUMNS)
    for row in rows(snapshot):
        writer.writerow([spreadsheet_safe(cell) if isinstance(cell, str) else cell for cell in row])
    return buffer.getvalue()


def _print_cards(snapshot: "Snapshot") -> None:
    titles = ("gpu", "<name", "util", "power", "cap", "memory", "of", "temp", "<")
    rows = [
        row
        for card in snapshot.cards
        for row in (_card_row(card), *(_instance_row(card, each) for each in card.instances or ()))
    ]
    print_table(titles, rows)
    facts = [
        f"driver {snapshot.driver}" if snapshot.driver else "",
        f"CUDA {snapshot.cuda}" if snapshot.cuda else "",
    ]
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


def _instance_row(card: "Card", instance: "Instance") -> list[str]:
    """A MIG instance, which tells nothing but its memory."""
    ids = (instance.gpu_instance, instance.compute_instance)
    return [
        ":".join(str(UNKNOWN if each is None else each) for each in (card.index, *ids)),
        f"MIG {instance.profile or UNKNOWN}",
        *[UNKNOWN] * 3,
        _gib(instance.memory_used_b),
        _gib(instance.memory_total_b),
        UNKNOWN,
        "",
    ]


def _unit(value: float | None, unit: str) -> str:
    return UNKNOWN if value is None else f"{value:.0f}{unit}"


def _gib(value: int | None) -> str:
    return UNKNOWN if value is None else f"{value / 2**30:.1f} GiB"
