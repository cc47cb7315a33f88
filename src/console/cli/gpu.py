"""`gpu`: what the pane shows, once or as a stream, for eyes, programs and Prometheus."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from enum import StrEnum
from typing import TYPE_CHECKING

import click

from console.cli.exits import Exit, Stop
from console.cli.gpu_record import gpu_record, profiling_option
from console.cli.groups import Defaulting
from console.cli.invocation import Invocation, json_option, pass_invocation, run_async

if TYPE_CHECKING:
    from console.core.gpu import Snapshot
    from console.services.console import Console


APART_S = 0.5
"""The looks of one sample are so far apart, unless the interval is told."""

LOOKS, PROFILED_LOOKS = 2, 6
"""How many looks one sample takes, and how many at most where profiling metrics are wanted."""


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
    help="How often to read the cards, without it as set in gpu.interval_s; "
    "of one sample, how far apart its two looks are.",
)
@click.option("--count", type=click.IntRange(1), metavar="N", help="With --watch: end after N.")
@profiling_option
@pass_invocation
def gpu_show(
    invocation: Invocation,
    as_json: bool,
    as_csv: bool,
    as_prometheus: bool,
    watch: bool,
    interval: float | None,
    count: int | None,
    profiling: bool,
) -> int:
    """One sample of the GPUs: utilisation, power, memory, temperature.

    It takes two looks at the cards, for rates and shares of time are between looks.
    """
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
            elif not watch:
                console.sampler.set_interval(min(APART_S, console.sampler.interval_s))
            async with aclosing(snapshots(console, profiling=profiling)) as following:
                if not watch:
                    snapshot = await _settled(following, profiling=profiling)
                    print_snapshot(snapshot, form, console.host, first=True)
                    if snapshot.trouble:
                        raise Stop(snapshot.trouble)
                    return Exit.FINE
                printed = 0
                async for snapshot in following:
                    print_snapshot(snapshot, form, console.host, first=not printed)
                    printed += 1
                    if printed == count:
                        break
        return Exit.FINE

    return run_async(verb)


async def _settled(following: AsyncGenerator["Snapshot", None], *, profiling: bool) -> "Snapshot":
    """The first snapshot that tells what takes two looks, or that there is trouble."""
    looks = 0
    async for snapshot in following:
        looks += 1
        if snapshot.trouble or (looks >= LOOKS and not (profiling and _awaits_profile(snapshot))):
            break
        if looks == PROFILED_LOOKS:
            break
    return snapshot


def _awaits_profile(snapshot: "Snapshot") -> bool:
    """Whether a card that can has not told its profiling metrics yet; in MIG mode its instances."""
    for card in snapshot.cards:
        told = card.dram_pct is not None or "dram_pct" in card.missing
        if card.instances:
            told = any(each.dram_pct is not None for each in card.instances)
        if not told and card.fault is None:
            return True
    return False


async def snapshots(
    console: "Console", *, profiling: bool = False
) -> AsyncGenerator["Snapshot", None]:
    """What the GPUs say, from now on; the driver is released when the iterator is closed."""
    queue: asyncio.Queue[Snapshot] = asyncio.Queue()
    unsubscribe = console.sampler.subscribe(lambda snapshot, moved: queue.put_nowait(snapshot))
    sampling = asyncio.create_task(console.sampler.run())
    looked_at: set[str] = set()
    try:
        while True:
            snapshot = await queue.get()
            known = {card.uuid for card in snapshot.cards if card.uuid}
            if profiling and not known <= looked_at:
                looked_at |= known
                console.sampler.look_at(looked_at)
            yield snapshot
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
                from console.cli.gpu_text import print_cards

                print_cards(snapshot)


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
