"""The what-if's engine over the ledger's file."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from console.services.calculator import Calculator
from console.sources.host import SystemClock
from console.sources.ledger.traffic import LedgerTraffic
from console.sources.prices import Prices
from console.sources.scenarios import Shelf

if TYPE_CHECKING:
    from console.core.settings import Settings
    from console.services.books import Books
    from console.services.sampler import Sampler
    from console.sources.places import Places


def open_calculator(
    settings: "Settings",
    places: "Places",
    clock: SystemClock,
    prices: Prices,
    *,
    books: "Books | None" = None,
    sampler: "Sampler | None" = None,
) -> Calculator:
    """The what-if's engine over the ledger's file, which it only reads.

    With `books` it waits until they have the file made or brought up to date; a `sampler` names
    the cards.
    """

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
        **({} if books is None else {"opened": _opened(books)}),
    )


def _opened(books: "Books") -> Callable[[], Awaitable[None]]:
    """Waits until the ledger's file is there; one that cannot be used is told elsewhere."""

    async def wait() -> None:
        with suppress(OSError):
            await books.change_stamp()

    return wait
