"""The router: what a request's way is decided with, and who sends it."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from console.core.settings import Settings
from console.core.text import one_line
from console.services.books import Books
from console.services.dispatcher import Dispatcher
from console.services.health import Health
from console.services.live import LiveSettings
from console.services.outlook import Outlook
from console.services.tiers import Tiers
from console.sources.prices import Prices
from console.sources.settings import file_stamp, load_settings
from console.wire.gpus import Gpus
from console.wire.ids import new_id
from console.wire.world import World

if TYPE_CHECKING:
    from console.services.scales import Scales


def open_dispatcher(
    world: World,
    tiers: Tiers,
    books: Books,
    prices: Prices,
    gpus: Gpus,
    health: Health,
    open_scales: "Callable[[], Scales]",
) -> Dispatcher:
    """The dispatcher; policy `score` alone asks for scales."""
    return Dispatcher(
        tiers,
        books,
        prices,
        world.clock,
        world.settings,
        new_id=new_id,
        meter=gpus.meter,
        live=_live(world),
        outlook=Outlook(
            tiers,
            books,
            world.clock,
            footing=health.footing,
            gpu_pct=gpus.sampler.busiest_pct,
            weighing=lambda settings: open_scales()(settings),
        ),
    )


def _live(world: World) -> LiveSettings:
    """The settings as their file has them now; a demo has no file."""
    if world.demo:
        return LiveSettings(world.settings)
    config = world.places.config
    return LiveSettings(
        world.settings,
        stamp=lambda: file_stamp(config),
        load=lambda: _read_again(config, world.environment),
    )


def _read_again(config: Path, environment: Mapping[str, str]) -> Settings:
    """The settings as their file is now, an error with the file's name alone: lines are short."""
    try:
        return load_settings(config, environment)
    except ValueError as error:
        words = str(error).replace(one_line(str(config)), one_line(config.name))
        raise ValueError(words) from None
