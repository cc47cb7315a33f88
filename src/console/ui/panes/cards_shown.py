"""What the GPU pane shows: which card is selected, over which time, and the words of its title."""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Protocol

from console.core.gpu import Card, Flow, Snapshot
from console.ui.draw.gpu import summary, trouble_lines
from console.ui.draw.gpu_meter import Local, bill_line, local_line
from console.ui.draw.gpu_page import View, is_wide, page
from console.ui.draw.line import Line
from console.ui.panes.gpu_charts import CardCharts

if TYPE_CHECKING:
    from console.core.consumption import PerToken
    from console.services.electricity import Electricity
    from console.services.followed import Followed
    from console.services.history import Stretch
    from console.services.ports import Clock

WAITING: Sequence[Line] = ((), ((" waiting for the first reading …", "dim"),))


class PerTokens(Protocol):
    """What knows the local tier's joules per token."""

    def per_token(self, window_s: float) -> "PerToken | None":
        """Over the last so many seconds; None where not sure enough."""


class CardsShown:
    """The pane's lines and title, from what the sampler has; the pane only moves in it."""

    def __init__(
        self, sampler: "Followed", clock: "Clock", electricity: "Electricity", meter: PerTokens
    ) -> None:
        self.selected = 0
        self.alone = False
        """Whether the selected card is wanted in full."""
        self.top = 0
        """The first row of a card in full that does not fit."""
        self.charts = CardCharts(sampler, clock)
        self.seen: Snapshot | None = None
        """The latest snapshot that had cards: they stay, with their age, while none is read."""
        self._sampler = sampler
        self._clock = clock
        self._electricity = electricity
        self._meter = meter

    @property
    def title(self) -> Sequence[str]:
        """What stands behind the pane's name."""
        snapshot, sampler = self._sampler.latest, self._sampler
        return (
            "PAUSED" if sampler.paused else "driver released: idle" if sampler.resting else "",
            summary(snapshot) if snapshot else "",
            f"{sampler.interval_s:g} s",
            self.charts.until,
            snapshot.origin if snapshot and snapshot.simulated else "",
        )

    def in_full(self, width: int, height: int) -> str | None:
        """The card that is shown in full in this room, by its UUID."""
        if self.seen is None or not (self.alone or is_wide(width, height)):
            return None
        return self._card.uuid

    def lines(self, width: int, height: int) -> Sequence[Line]:
        """The pane's lines as it is now."""
        snapshot = self._sampler.latest
        if snapshot is None:
            return WAITING
        if snapshot.cards:
            self.seen = snapshot
        seen = self.seen
        if seen is None:
            return trouble_lines(snapshot.trouble or "", width)[:height]
        self.selected = max(0, min(self.selected, len(seen.cards) - 1))
        released = self._sampler.paused or self._sampler.resting
        view = View(
            snapshot=seen,
            # Released cards are as old as they were then: an age that ticks would say no more.
            now_ms=seen.at_ms if released else self._clock.now_ms(),
            interval_s=self._sampler.interval_s,
            selected=self.selected,
            alone=self.alone,
            top=self.top,
            meter=self._meter_lines,
            disagreeing=self._electricity.bill.disagreeing,
            banner=snapshot.trouble or "",
            held=f"at {self.charts.local(seen.at_ms / 1000)}" if released else "",
        )
        cards = [view.card] if self.alone else seen.cards
        return page(view, partial(self.charts.lines, cards, view.card), width, height)

    @property
    def _card(self) -> Card:
        assert self.seen is not None
        return self.seen.cards[self.selected]

    def _meter_lines(self, width: int) -> Sequence[Line]:
        window = self.charts.window
        running, rate, tokens = (
            buckets[-1].last if (buckets := self._flow(flow).buckets) else None for flow in Flow
        )
        per_token = self._meter.per_token(window.length_s)
        return (
            bill_line(self._electricity.bill, width),
            local_line(
                Local(running=running, per_min=rate, tokens_per_s=tokens, per_token=per_token),
                self.charts.words,
                width,
            ),
        )

    def _flow(self, flow: Flow) -> "Stretch":
        """The last minute of what the local tier did."""
        end_s = self.charts.window.end_s
        return self._sampler.flow(flow, end_s - 60, end_s)
