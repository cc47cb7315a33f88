"""What the GPU pane charts: which stretch of time, of which cards, and when to draw it anew."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from console.core.gpu import Card, Flow, Gauge
from console.ui.draw.gpu_charts import (
    WINDOWS_S,
    Plot,
    Track,
    Window,
    chart_lines,
    flow_plot,
    gauge_plot,
)
from console.ui.draw.ledger import clock_time, local_time
from console.ui.draw.line import Line

if TYPE_CHECKING:
    from console.services.followed import Followed
    from console.services.history import Stretch
    from console.services.ports import Clock

_IN_MINUTES_S = 300.0
"""Shorter stretches of time have ticks within a minute."""

_WORDS = ("1 min", "15 min", "1 h", "24 h")


class CardCharts:
    """The charts of the cards and of the local tier, drawn when a stretch of time has closed."""

    def __init__(self, sampler: "Followed", clock: "Clock") -> None:
        self._sampler = sampler
        self._clock = clock
        self._window = 1
        self._end_s: float | None = None
        self._bucket_s = 0.0
        self._drawn: dict[tuple[int, int], Sequence[Line]] = {}

    @property
    def window(self) -> Window:
        """The stretch of time that is charted."""
        length = WINDOWS_S[self._window]
        end = self._now_s if self._end_s is None else self._end_s
        clock = self.local_second if length < _IN_MINUTES_S else self.local
        return Window(end - length, end, live=self._end_s is None, clock=clock)

    @property
    def words(self) -> str:
        """How long the window is."""
        return _WORDS[self._window]

    @property
    def until(self) -> str:
        """When the window ends, where that is in the past."""
        window = self.window
        return "" if window.live else f"until {window.clock(window.end_s)}"

    @property
    def _now_s(self) -> float:
        return self._clock.now_ms() / 1000

    def local(self, at_s: float) -> str:
        """A time as the operator's clock shows it."""
        return clock_time(round(at_s * 1000), self._clock.zone())

    def local_second(self, at_s: float) -> str:
        """The same to the second."""
        return f"{local_time(round(at_s * 1000), self._clock.zone()):%H:%M:%S}"

    def next_window(self) -> None:
        """Chart the next longer stretch of time, after the longest the shortest."""
        self._window = (self._window + 1) % len(WINDOWS_S)
        self._end_s = None

    def step(self, by: int) -> None:
        """Move the window back by half its length, or forth; in the past it stands still."""
        now_s, half_s = self._now_s, WINDOWS_S[self._window] / 2
        end_s = (now_s if self._end_s is None else self._end_s) + by * half_s
        # Now went on meanwhile: what is nearer to it than half a step is meant to be it.
        self._end_s = None if end_s > now_s - half_s / 2 else max(end_s, now_s - WINDOWS_S[-1])

    def to_now(self) -> bool:
        """Return to now; false when the window ends there already."""
        past, self._end_s = self._end_s, None
        return past is not None

    def forget(self) -> None:
        """Draw anew at the next time."""
        self._drawn.clear()

    def follow(self) -> None:
        """A snapshot was taken: draw anew if it opened a bucket as wide as those that are shown."""
        moved_s = self._sampler.moved_s
        if self._end_s is None and moved_s and moved_s >= self._bucket_s:
            self.forget()

    def lines(
        self, cards: Sequence[Card], selected: Card, width: int, height: int
    ) -> Sequence[Line]:
        """The charts in so many columns and rows, the selected card in colour and on top."""
        key = width, height
        if key not in self._drawn:
            plots = self._plots(cards, selected)
            self._drawn[key] = chart_lines(plots, self.window, width, height)
        return self._drawn[key]

    def _plots(self, cards: Sequence[Card], selected: Card) -> list[Plot]:
        window = self.window
        self._bucket_s = window.length_s
        shown = [*(card for card in cards if card is not selected), selected]
        plots = [
            gauge_plot(
                gauge,
                [
                    self._track(
                        self._sampler.window(card.uuid, gauge, window.start_s, window.end_s),
                        "accent" if card is selected else "dim",
                    )
                    for card in shown
                ],
                [_limit(card, gauge) for card in shown],
            )
            for gauge in Gauge
        ]
        for flow in (Flow.TOKENS, Flow.RATE):
            stretch = self._sampler.flow(flow, window.start_s, window.end_s)
            plots.append(flow_plot(flow, self._track(stretch, "local")))
        return plots

    def _track(self, stretch: "Stretch", style: str) -> Track:
        self._bucket_s = min(self._bucket_s, stretch.width)
        return Track(stretch.buckets, stretch.width, style)


def _limit(card: Card, gauge: Gauge) -> float | None:
    """What a gauge of a card should stay below, so that its axis reaches there."""
    match gauge:
        case Gauge.POWER:
            return card.power_limit_w
        case Gauge.MEMORY:
            return card.memory_total_b
        case Gauge.TEMPERATURE:
            return card.slowdown_c
        case Gauge.UTIL:
            return 100.0
