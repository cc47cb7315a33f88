"""What there is to see in the first full frame, before anything was asked or typed."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from console.ui.draw.gpu import trouble_lines
from console.ui.draw.ledger import OPENING, Rowset, clock_time, row_lines
from console.ui.draw.ledger_totals import total_lines
from console.ui.draw.line import Line
from console.ui.draw.status import glance
from console.ui.keymap import remap
from console.ui.panes.cards_shown import CardsShown
from console.ui.places import CHAT, GPU, LEDGER, Place, left, title

if TYPE_CHECKING:
    from console.core.settings import Settings
    from console.core.tier import Tier
    from console.services.console import State
    from console.services.electricity import Electricity
    from console.services.followed import Followed
    from console.services.page import Page
    from console.services.ports import Clock
    from console.services.standing import Standing
    from console.ui.draw.status import Glance


class Start(NamedTuple):
    """What a console starts from: who it is, its settings, and what was left open."""

    host: str
    demo: bool
    settings: "Settings"
    state: "State"
    clock: "Clock"
    standings: "Mapping[Tier, Standing]"


class Scene(NamedTuple):
    """The values that the frame is drawn from; `page` is None while the ledger is not read."""

    glance: "Glance"
    cards: CardsShown
    page: "Page | None"
    trouble: str | None
    """Why the ledger cannot be read."""
    current: Place
    zoomed: bool
    keymap: Mapping[str, str]
    now_ms: int
    zone: str

    def title(self, place: Place) -> str:
        """What stands in a pane's border."""
        return title(place, *(self.cards.title if place is GPU else ()))

    def lines(self, place: Place, width: int, height: int) -> Sequence[Line]:
        """A pane's lines; the chat's and the what-if's are empty."""
        if place is GPU:
            return self.cards.lines(width, height)
        if place is LEDGER:
            return self._ledger(width, height)
        return ()

    def _ledger(self, width: int, height: int) -> Sequence[Line]:
        page = self.page
        if self.trouble is not None:
            return trouble_lines(self.trouble, width)[:height]
        if page is None:
            return OPENING
        lines = [line for line, _ in total_lines(page, width, height)]
        cursor = 0 if self.current is LEDGER and page.entries else None
        rows = Rowset(page.entries, cursor=cursor)
        lines += row_lines(rows, self.now_ms, self.zone, width, height - len(lines))
        return lines[:height]

    @property
    def typing(self) -> bool:
        """Whether what is typed goes into the prompt."""
        return self.current is CHAT


class _NoTokens:
    """No request has been counted yet."""

    def per_token(self, window_s: float) -> None:
        return None


def first_scene(
    start: Start,
    cards: "Followed",
    electricity: "Electricity",
    page: "Page | None",
    trouble: str | None = None,
) -> Scene:
    """What is known now of a console that starts."""
    clock = start.clock
    now_ms, zone = clock.now_ms(), clock.zone()
    return Scene(
        glance=glance(
            start.host,
            start.standings,
            electricity.bill,
            page,
            clock_time(now_ms, zone),
            demo=start.demo,
        ),
        cards=CardsShown(cards, clock, electricity, _NoTokens()),
        page=page,
        trouble=trouble,
        current=left(start.state.get("pane")),
        zoomed=start.state.get("zoom") is True,
        keymap=remap(start.settings.keys)[0] if start.settings.keys else {},
        now_ms=now_ms,
        zone=zone,
    )
