"""All services of one console, from what they stand on to what closes them."""

import os
from contextlib import AsyncExitStack
from functools import cache
from typing import TYPE_CHECKING

from console.core.text import one_line
from console.services.compare import Comparer
from console.services.console import Console
from console.services.estimate import Estimator
from console.services.health import Health
from console.services.tiers import Tiers
from console.sources.copies import Copies
from console.sources.editor import ExternalEditor
from console.sources.files import LocalFiles
from console.sources.host import host_name
from console.sources.models import missing_key
from console.sources.prices import Prices
from console.sources.prompts import PromptFolder
from console.sources.state import StateFile
from console.wire.books import open_books
from console.wire.chats import open_archive
from console.wire.gpus import Gpus
from console.wire.ids import new_id
from console.wire.router import open_dispatcher
from console.wire.score import scales_opener
from console.wire.world import World

if TYPE_CHECKING:
    from console.core.settings import Settings
    from console.services.calculator import Calculator


def open_services(world: World, tiers: Tiers, gpus: Gpus, closing: AsyncExitStack) -> Console:
    """The services over a world; `closing` is told how they are closed, the last first."""
    settings, places, clock = world.settings, world.places, world.clock
    prices = Prices(settings.prices, settings.price_terms)
    books = open_books(world, prices)
    archive = open_archive(settings, places, clock)
    state = StateFile(places.state)
    health = Health(tiers, missing_key(settings.api, world.environment))
    for close in (books.aclose, archive.aclose, tiers.aclose, gpus.sampler.histories.aclose):
        closing.push_async_callback(close)
    closing.callback(gpus.electricity.save)
    dispatcher = open_dispatcher(
        world,
        tiers,
        books,
        prices,
        gpus,
        health,
        scales_opener(world, books, prices, state, closing),
    )
    closing.push_async_callback(dispatcher.aclose)

    estimator = Estimator(tiers, prices, clock)

    def follow(now: "Settings") -> None:
        prices.switch(now.prices, now.price_terms)
        books.limit(now.budget_day_usd, now.budget_month_usd)
        estimator.forget()

    dispatcher.live.subscribe(follow)

    @cache
    def open_calculator() -> "Calculator":
        from console.wire import whatif

        return whatif.open_calculator(
            settings, places, clock, prices, books=books, sampler=gpus.sampler
        )

    return Console(
        settings=settings,
        clock=clock,
        sampler=gpus.sampler,
        meter=gpus.meter,
        electricity=gpus.electricity,
        books=books,
        dispatcher=dispatcher,
        health=health,
        state=state,
        open_calculator=open_calculator,
        comparer=Comparer(
            dispatcher,
            books,
            clock,
            new_id=new_id,
            coin=lambda: bool(os.urandom(1)[0] & 1),
            keep_text=settings.chat_store,
        ),
        files=LocalFiles(),
        prompts=PromptFolder(places.prompts, places.ledger.parent / "prompts"),
        editor=ExternalEditor(world.environment),
        archive=archive,
        estimator=estimator,
        copies=Copies(places.state.parent / "copies"),
        new_id=new_id,
        host=one_line(host_name()),
        demo=world.demo,
    )
