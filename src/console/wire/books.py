"""The ledger: its file, opened at first use, and the books over it."""

from typing import TYPE_CHECKING

from console.services.books import Books
from console.sources.ledger.exports import ExportFolder
from console.sources.prices import Prices
from console.wire.world import World

if TYPE_CHECKING:
    from console.services.ports import LedgerStore


def open_books(world: World, prices: Prices) -> Books:
    """The books, over a ledger that is opened, or made, at first use."""
    settings = world.settings
    return Books(
        lambda: _ledger(world, prices),
        world.clock,
        budget_day_usd=settings.budget_day_usd,
        budget_month_usd=settings.budget_month_usd,
        exports=ExportFolder(world.places.ledger.parent / "exports"),
    )


def _ledger(world: World, prices: Prices) -> "LedgerStore":
    from console.sources.ledger.store import SqliteLedger

    settings, now_ms = world.settings, world.clock.now_ms()
    ledger = SqliteLedger(world.places.ledger, now_ms=now_ms)
    ledger.mark_interrupted()
    if world.demo:
        from console.sources.demo.traffic import past

        ledger.add(
            past(
                now_ms,
                price=lambda provider, model: prices.card(provider, model, now_ms),
                usd_per_kwh=settings.usd_per_kwh,
                hardware=settings.hardware,
                zone=world.clock.zone(),
            )
        )
    return ledger
