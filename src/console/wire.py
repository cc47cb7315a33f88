"""The composition root: the one place that builds sources, services and front ends."""

import asyncio
import os
import secrets
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import ExitStack, asynccontextmanager, suppress
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory

from console.core.period import local_date, local_minute
from console.core.score.dollars import TYPICAL, CallPrice
from console.core.settings import Settings
from console.core.text import one_line
from console.core.tier import Tier
from console.services.archive import Archive
from console.services.books import Books
from console.services.calculator import Calculator
from console.services.compare import Comparer
from console.services.console import Console
from console.services.dispatcher import Dispatcher
from console.services.electricity import Electricity
from console.services.estimate import Estimator
from console.services.health import Health
from console.services.history import History
from console.services.live import LiveSettings
from console.services.meter import Meter
from console.services.outlook import Outlook
from console.services.ports import (
    ConversationStore,
    GpuSource,
    HistoryStore,
    LedgerStore,
    ScoreFitter,
)
from console.services.sampler import Sampler
from console.services.scales import Scales
from console.services.serving import Serving
from console.services.tiers import Tiers
from console.sources.copies import Copies
from console.sources.editor import ExternalEditor
from console.sources.files import LocalFiles
from console.sources.host import SystemClock
from console.sources.ledger.exports import ExportFolder
from console.sources.ledger.traffic import LedgerTraffic
from console.sources.models import missing_key, model_source
from console.sources.places import Places
from console.sources.prices import Prices
from console.sources.prompts import PromptFolder
from console.sources.router.latest import LatestScore
from console.sources.scenarios import Shelf
from console.sources.settings import file_stamp, load_settings
from console.sources.state import StateFile

DEMO_TRACE = Path(__file__).parent / "sources" / "demo" / "trace.jsonl.gz"
"""The recorded GPUs that the demo plays."""


def new_id() -> str:
    """A fresh id for a ledger row or a conversation."""
    return secrets.token_hex(8)


@asynccontextmanager
async def open_console(
    settings: Settings,
    places: Places,
    *,
    environment: Mapping[str, str],
    demo: bool = False,
    gpu_trace: Path | None = None,
    gpu_speed: float = 1.0,
    lasting: bool = False,
) -> AsyncIterator[Console]:
    """All services over the real world, or with `demo` over embedded stand-ins.

    A trace is played `gpu_speed` times as fast as it was recorded. What is `lasting` keeps the
    GPUs' history and the day's energy for the next run.

    Nothing is opened before it is used: neither the ledger, nor the driver, nor a model client.
    """
    # httpx would bring its own command line along, which is 3 MB of colours and markup.
    sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]
    with ExitStack() as stack:
        clock, editor = SystemClock(), ExternalEditor(environment)
        if demo:
            from console.sources.demo.servers import open_stand_ins

            stand_ins = stack.enter_context(open_stand_ins(clock.now_ms()))
            settings, environment = stand_ins.settings(settings), stand_ins.environment
            folder = Path(stack.enter_context(TemporaryDirectory(prefix="llmconsole-demo-")))
            places = replace(places, ledger=folder / "ledger.db", state=folder / "state.json")
            settings = replace(settings, chat_store=False)
            gpu_trace = gpu_trace or DEMO_TRACE
        tiers = Tiers(settings, lambda chosen, tier: model_source(chosen, environment, tier))
        prices = Prices(settings.prices, settings.price_terms)
        books = Books(
            lambda: _ledger(settings, places, prices, clock, demo=demo),
            clock,
            budget_day_usd=settings.budget_day_usd,
            budget_month_usd=settings.budget_month_usd,
            exports=ExportFolder(places.ledger.parent / "exports"),
        )
        # What a trace says is no history of this box, and a verb that runs once keeps none.
        keeps = lasting and gpu_trace is None
        sampler = Sampler(
            _gpus(gpu_trace, gpu_speed, clock),
            clock,
            interval_s=settings.gpu_interval_s,
            history=History(_history(places, clock) if keeps else None),
            serving=Serving(lambda: tiers.source(Tier.LOCAL).loaded(), clock),
            rest_after_s=60 * settings.gpu_release_after_min or None,
        )
        electricity = Electricity(
            sampler,
            clock,
            settings.tariff,
            StateFile(places.state.with_name("energy.json")) if keeps else None,
        )
        meter = Meter(sampler, clock)
        health = Health(tiers, missing_key(settings.api, environment))
        live = LiveSettings(settings)
        if not demo:
            live = LiveSettings(
                settings,
                stamp=lambda: file_stamp(places.config),
                load=lambda: _read_again(places.config, environment),
            )
        state = StateFile(places.state)
        scales = Scales(
            state,
            target=lambda settings: float(settings.target_api_share),
            scorer=LatestScore(places.model),
            budget=lambda settings: (
                None if settings.router_usd_per_day is None else float(settings.router_usd_per_day)
            ),
            price=lambda settings: call_price(settings, prices),
            today=lambda: _today(clock),
        )
        books.watch(scales.settled)
        dispatcher = Dispatcher(
            tiers,
            books,
            prices,
            clock,
            settings,
            new_id=new_id,
            meter=meter,
            live=live,
            outlook=Outlook(
                tiers,
                books,
                clock,
                footing=health.footing,
                gpu_pct=sampler.busiest_pct,
                weighing=scales,
            ),
        )
        archive = Archive(
            lambda: _conversations(settings, places, clock),
            clock,
            new_id,
            lasting=settings.chat_store,
        )
        console = Console(
            settings=settings,
            clock=clock,
            sampler=sampler,
            meter=meter,
            electricity=electricity,
            books=books,
            dispatcher=dispatcher,
            health=health,
            state=state,
            calculator=open_calculator(
                settings, places, clock, prices, opened=_opened(books), sampler=sampler
            ),
            comparer=Comparer(
                dispatcher,
                books,
                clock,
                new_id=new_id,
                coin=lambda: bool(secrets.randbits(1)),
                keep_text=settings.chat_store,
            ),
            files=LocalFiles(),
            prompts=PromptFolder(places.prompts, places.ledger.parent / "prompts"),
            editor=editor,
            archive=archive,
            estimator=Estimator(tiers, prices, clock),
            copies=Copies(places.state.parent / "copies"),
            new_id=new_id,
            host=one_line(socket.gethostname()),
            demo=demo,
        )
        try:
            yield console
        finally:
            scales.keep()
            await dispatcher.aclose()
            electricity.save()
            await sampler.histories.aclose()
            await tiers.aclose()
            await archive.aclose()
            await books.aclose()


def _read_again(config: Path, environment: Mapping[str, str]) -> Settings:
    """The settings as their file is now, an error with the file's name alone: lines are short."""
    try:
        return load_settings(config, environment)
    except ValueError as error:
        words = str(error).replace(one_line(str(config)), one_line(config.name))
        raise ValueError(words) from None


def open_calculator(
    settings: Settings,
    places: Places,
    clock: SystemClock,
    prices: Prices,
    *,
    opened: Callable[[], Awaitable[None]] | None = None,
    sampler: Sampler | None = None,
) -> Calculator:
    """The what-if's engine over the ledger's file, which it only reads."""

    def gpus() -> tuple[str, ...]:
        latest = sampler.latest if sampler is not None else None
        return tuple(card.name for card in latest.cards) if latest is not None else ()

    return Calculator(
        prices=prices,
        ledger=LedgerTraffic(places.ledger),
        clock=clock,
        settings=settings,
        shelf=Shelf(places.ledger.parent / "whatif"),
        gpus=gpus,
        **({} if opened is None else {"opened": opened}),
    )


def _opened(books: Books) -> Callable[[], Awaitable[None]]:
    """Waits until the ledger's file is there; one that cannot be used is told elsewhere."""

    async def wait() -> None:
        with suppress(OSError):
            await books.change_stamp()

    return wait


def run_console(
    settings: Settings,
    places: Places,
    *,
    environment: Mapping[str, str],
    demo: bool = False,
    gpu_trace: Path | None = None,
    gpu_speed: float = 1.0,
) -> int:
    """Show the console until it is left; the exit code."""

    async def run() -> int:
        async with open_console(
            settings,
            places,
            environment=environment,
            demo=demo,
            gpu_trace=gpu_trace,
            gpu_speed=gpu_speed,
            lasting=True,
        ) as console:
            sampling = asyncio.create_task(console.sampler.run())
            try:
                # In a thread, so that the process which reads the GPUs starts meanwhile.
                app = await asyncio.to_thread(import_module, "console.ui.app")
                return int(await app.run(console, [places.themes], sampled=True))
            finally:
                sampling.cancel()
                await asyncio.wait([sampling])

    return asyncio.run(run())


def _gpus(trace: Path | None, speed: float, clock: SystemClock) -> GpuSource:
    if trace is not None:
        from console.sources.gpu.replay import ReplaySource

        return ReplaySource(trace, clock, speed)
    from console.sources.gpu.process import NvmlSource

    return NvmlSource(clock)


def _history(places: Places, clock: SystemClock) -> HistoryStore:
    from console.sources.gpu.history import HistoryFile

    return HistoryFile(places.state.with_name("gpu-history"), lambda: clock.now_ms() / 1000)


def _today(clock: SystemClock) -> tuple[str, float]:
    """The local date, and the part of the day that has passed."""
    now_ms = clock.now_ms()
    _, minute = local_minute(now_ms, clock.zone())
    return local_date(now_ms, clock.zone()).isoformat(), minute / (24 * 60)


def open_fitter(price: CallPrice) -> ScoreFitter:
    """What fits the router's score."""
    # Its products are small: more threads than one wait for each other longer than they compute.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from console.sources.router.fit import RidgeFitter

    return RidgeFitter(price)


def call_price(settings: Settings, prices: Prices | None = None) -> CallPrice:
    """What the API model's tokens cost, by the lists; typical prices where no list has it."""
    prices = prices or Prices(settings.prices, settings.price_terms)
    card = prices.card(settings.api.kind, settings.api.model, SystemClock().now_ms())
    return TYPICAL if card is None else CallPrice(float(card.input), float(card.output))


def open_archive(settings: Settings, places: Places) -> Archive:
    """The stored conversations alone, for verbs that ask no model; no file is made for them."""
    clock, there = SystemClock(), places.conversations.exists()
    return Archive(
        lambda: _conversations(replace(settings, chat_store=there), places, clock),
        clock,
        new_id,
        lasting=True,
    )


def _conversations(settings: Settings, places: Places, clock: SystemClock) -> ConversationStore:
    from console.sources.conversations.store import SqliteConversations

    path = places.conversations if settings.chat_store else None
    return SqliteConversations(path, now_ms=clock.now_ms())


def _ledger(
    settings: Settings, places: Places, prices: Prices, clock: SystemClock, *, demo: bool
) -> LedgerStore:
    from console.sources.ledger.store import SqliteLedger

    now_ms = clock.now_ms()
    ledger = SqliteLedger(places.ledger, now_ms=now_ms)
    ledger.mark_interrupted()
    if demo:
        from console.sources.demo.traffic import past

        ledger.add(
            past(
                now_ms,
                price=lambda provider, model: prices.card(provider, model, now_ms),
                usd_per_kwh=settings.usd_per_kwh,
                hardware=settings.hardware,
                zone=clock.zone(),
            )
        )
    return ledger
