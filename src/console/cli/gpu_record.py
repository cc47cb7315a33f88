"""`gpu record`: the GPUs into a file that `--gpu-trace` plays."""

import asyncio
import signal
from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING

import click

from console.cli.exits import Exit, Stop
from console.cli.invocation import Invocation, pass_invocation, run_async

if TYPE_CHECKING:
    from console.core.gpu import Snapshot
    from console.sources.gpu.trace import TraceWriter


profiling_option = click.option(
    "--profiling",
    is_flag=True,
    help="Read DRAM bandwidth, tensor and SM activity too, on Hopper and later; may cost power.",
)


@click.command("record")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--for",
    "seconds",
    type=click.FloatRange(0, min_open=True),
    metavar="SECONDS",
    help="End after so long; without it ctrl+c ends the recording.",
)
@click.option(
    "--interval",
    type=click.FloatRange(0.1, 3600),
    metavar="SECONDS",
    help="How often to read the cards; without it as set in gpu.interval_s.",
)
@click.option("--name", metavar="TEXT", help="What it shows; without it the cards' names.")
@click.option("--commands", is_flag=True, help="Keep users and commands of processes.")
@profiling_option
@pass_invocation
def gpu_record(
    invocation: Invocation,
    file: Path,
    seconds: float | None,
    interval: float | None,
    name: str | None,
    commands: bool,
    profiling: bool,
) -> int:
    """Record the GPUs into FILE, gzipped where it ends in .gz.

    `llmconsole --gpu-trace FILE` plays it. What processes are called and whose they are is left
    out, so that a recording can be shown around.
    """

    async def verb() -> int:
        from console.cli.gpu import snapshots

        _end_on_signals()
        trace: TraceWriter | None = None
        cards, last_ms = 0, 0
        async with invocation.services() as console:
            if interval is not None:
                console.sampler.set_interval(interval)
            try:
                async with (
                    asyncio.timeout(None) as limit,
                    aclosing(snapshots(console, profiling=profiling)) as following,
                ):
                    async for snapshot in following:
                        if trace is None:
                            trace = _opened(file, snapshot, name, console.sampler.interval_s)
                            if seconds is not None:
                                limit.reschedule(asyncio.get_running_loop().time() + seconds)
                        cards = max(cards, len(snapshot.cards))
                        if snapshot.at_ms > last_ms:
                            last_ms = snapshot.at_ms
                            trace.add(snapshot if commands else _nameless(snapshot))
            except (TimeoutError, asyncio.CancelledError):
                pass  # that is how a recording ends
            except OSError as error:
                kept = "" if trace is None else " What was recorded until then plays."
                if trace is not None:
                    trace.give_up()
                raise Stop(f"{file} cannot be written: {error.strerror}.{kept}") from None
            if trace is not None:
                try:
                    length = trace.close()
                except OSError as error:
                    raise Stop(f"{file} cannot be ended: {error.strerror}.") from None
                samples = f"{trace.lines} sample{'' if trace.lines == 1 else 's'}"
                click.echo(f"{samples} of {_cards(cards)} in {file} ({length:,} bytes).", err=True)
        return Exit.FINE

    return run_async(verb)


def _end_on_signals() -> None:
    """Have the recording end whole when this process is told to, as by ctrl+c."""
    recording = asyncio.current_task()
    assert recording is not None
    for each in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(each) is not signal.SIG_IGN:  # which is what nohup wants
            asyncio.get_running_loop().add_signal_handler(each, recording.cancel)


def _opened(file: Path, snapshot: "Snapshot", name: str | None, interval_s: float) -> "TraceWriter":
    from console.core.text import one_line
    from console.sources.gpu.replay import SYNTHETIC
    from console.sources.gpu.trace import TraceWriter

    if not snapshot.cards:
        raise Stop(snapshot.trouble or "there is no GPU to record.")
    names = [card.name.removeprefix("NVIDIA ") for card in snapshot.cards]
    counted = {each: names.count(each) for each in names}
    shown = " + ".join(each if n == 1 else f"{n}× {each}" for each, n in counted.items())
    if snapshot.simulated:  # a copy of a trace is of what that is of
        shown = snapshot.origin.removesuffix(SYNTHETIC)
    try:
        return TraceWriter(
            file,
            origin=one_line(name) if name else shown,
            synthetic=snapshot.synthetic,
            interval_s=interval_s,
        )
    except FileExistsError:
        raise Stop(f"{file} is there already; name another file.", Exit.USAGE) from None


def _nameless(snapshot: "Snapshot") -> "Snapshot":
    """The snapshot without what its processes are called and whose they are."""
    cards = [
        card
        if not card.processes
        else card._replace(
            processes=tuple(p._replace(user=None, command=None) for p in card.processes),
        )
        for card in snapshot.cards
    ]
    return snapshot._replace(cards=tuple(cards))


def _cards(count: int) -> str:
    return f"{count} card{'' if count == 1 else 's'}"
