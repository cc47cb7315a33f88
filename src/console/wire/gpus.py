"""The GPUs: who reads them, what is kept of it, and what their energy costs."""

from typing import TYPE_CHECKING, NamedTuple

from console.core.tier import Tier
from console.services.electricity import Electricity
from console.services.history import History
from console.services.meter import Meter
from console.services.sampler import Sampler
from console.services.serving import FindOwn, Serving
from console.services.tiers import Tiers
from console.sources.state import StateFile
from console.wire.world import World

if TYPE_CHECKING:
    from console.services.ports import GpuSource, HistoryStore


class Gpus(NamedTuple):
    """The services over the cards."""

    sampler: Sampler
    electricity: Electricity
    meter: Meter


def open_gpus(world: World, tiers: Tiers) -> Gpus:
    """Nothing is read before the sampler runs."""
    settings, clock = world.settings, world.clock
    sampler = Sampler(
        _source(world),
        clock,
        interval_s=settings.gpu_interval_s,
        history=History(_history(world) if world.keeps_gpus else None),
        serving=Serving(lambda: tiers.source(Tier.LOCAL).loaded(), clock, _find_own(world)),
        rest_after_s=60 * settings.gpu_release_after_min or None,
    )
    energy = StateFile(world.places.state.with_name("energy.json")) if world.keeps_gpus else None
    return Gpus(
        sampler, Electricity(sampler, clock, settings.tariff, energy), Meter(sampler, clock)
    )


def _find_own(world: World) -> FindOwn:
    """What finds the processes of the local tier's server by the port it listens on."""

    def find_own(pids: frozenset[int]) -> frozenset[int]:
        from console.sources.listening import belonging, port_here

        port = port_here(world.settings.local.base_url)
        return frozenset() if port is None else belonging(pids, port)

    return find_own


def _source(world: World) -> "GpuSource":
    if world.gpu_trace is not None:
        from console.sources.gpu.replay import ReplaySource

        return ReplaySource(world.gpu_trace, world.clock, world.gpu_speed)
    from console.sources.gpu.process import NvmlSource

    return NvmlSource(world.clock, early=world.early)


def _history(world: World) -> "HistoryStore":
    from console.sources.gpu.history import HistoryFile

    path = world.places.state.with_name("gpu-history")
    return HistoryFile(path, lambda: world.clock.now_ms() / 1000)
