"""The first full frame of a console, painted while most of it is still to be imported."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from console.core.entry import Entry, Totals
from console.core.text import one_line
from console.core.tier import Tier
from console.services.electricity import Electricity
from console.services.followed import Followed
from console.services.page import Budgets, Page, read_page
from console.services.standing import first_standings
from console.sources.host import host_name
from console.sources.models.keys import missing_key
from console.sources.state import StateFile
from console.ui import colours
from console.ui.draw.cells import cells_of
from console.ui.draw.picture import Picture
from console.ui.opening.frame import frame
from console.ui.opening.inks import Inks
from console.ui.opening.scene import Start, first_scene
from console.ui.opening.terminal import Opening, take
from console.wire.world import World

PATIENCE_S = 0.3
"""How long the frame waits for the GPUs: a driver may take seconds to open."""


def run_console(own: World) -> int:
    """Show the console until it is left; the exit code."""
    with opening(own) as painted:
        from console.wire.opening import show

        return show(own, painted)


@contextmanager
def opening(world: World) -> Iterator[Opening | None]:
    """The terminal with the first frame on it; None where that cannot be done so early."""
    if world.early is None:
        yield None
        return
    with take() as taken:
        if taken is None:
            yield None
            return
        now = Opening(taken)
        try:
            _paint(world, now)
        except Exception as error:
            now.error = error
        yield now


def _paint(world: World, now: Opening) -> None:
    full = has_all_colours(os.environ)
    if full is None:
        return
    width, height = now.size = now.taken.size
    settings, clock = world.settings, world.clock
    state = StateFile(world.places.state)
    palette = colours.find(
        [colours.shipped(), world.places.themes], state.get("theme"), settings.theme
    )
    cards = Followed(settings.gpu_interval_s)
    energy = StateFile(world.places.state.with_name("energy.json"))
    electricity = Electricity(cards, clock, settings.tariff, energy)
    start = Start(
        host=one_line(host_name()),
        demo=world.demo,
        settings=settings,
        state=state,
        clock=clock,
        standings=first_standings(missing_key(settings.api, world.environment)),
    )
    page = _page(world, height)
    snapshot = world.early.first(PATIENCE_S) if world.early is not None else None
    if snapshot is not None:
        cards.take(snapshot)
    inks = Inks(palette, full=full, grey="NO_COLOR" in os.environ)
    rows = frame(first_scene(start, cards, electricity, page), inks, width, height)
    if rows is not None:
        picture = Picture()
        now.taken.show(picture.paint((y, 0, cells_of(row)) for y, row in enumerate(rows)))
        now.picture = picture


def has_all_colours(environment: Mapping[str, str]) -> bool | None:
    """Whether a terminal has all colours or 256, as Rich tells; None where it has fewer."""
    if "TEXTUAL_COLOR_SYSTEM" in environment:
        return {"truecolor": True, "256": False}.get(environment["TEXTUAL_COLOR_SYSTEM"])
    if environment.get("COLORTERM", "").strip().lower() in ("truecolor", "24bit"):
        return True
    kind = environment.get("TERM", "").strip().lower().rpartition("-")[2]
    return False if kind in ("256color", "kitty") else None


def _page(world: World, rows: int) -> Page | None:
    """The ledger's newest rows and sums; None where it cannot be read, which is told later."""
    budgets = Budgets(world.settings.budget_day_usd, world.settings.budget_month_usd)
    if not world.places.ledger.exists():
        return read_page(_Nothing(), world.clock, rows, budgets=budgets)
    from console.sources.ledger.store import LedgerReader

    reader = LedgerReader(world.places.ledger)
    try:
        return read_page(reader, world.clock, rows, budgets=budgets)
    except OSError:
        return None
    finally:
        reader.close()


class _Nothing:
    """A ledger that is yet to be made."""

    def change_stamp(self) -> int:
        return 0

    def totals(
        self, since_ms: int | None = None, until_ms: int | None = None
    ) -> dict[Tier, Totals]:
        return {tier: Totals() for tier in Tier}

    def recent(self, limit: int, before: tuple[int, str] | None = None) -> list[Entry]:
        return []

    def first_ms(self) -> int | None:
        return None
