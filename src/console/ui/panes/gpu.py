"""The GPU pane: each card's state once per interval, one card in full, and their history."""

from collections.abc import Callable, Sequence

from textual.app import ComposeResult
from textual.events import Resize

from console.core.gpu import Card, Flow, Gauge, Snapshot
from console.services.electricity import Electricity
from console.services.history import Stretch
from console.services.meter import Meter
from console.services.ports import Clock
from console.services.sampler import Sampler
from console.ui.draw.gpu import summary, trouble_lines
from console.ui.draw.gpu_charts import (
    WINDOWS_S,
    Plot,
    Track,
    Window,
    chart_lines,
    flow_plot,
    gauge_plot,
)
from console.ui.draw.gpu_meter import bill_line, local_line
from console.ui.draw.gpu_page import View, is_wide, page
from console.ui.draw.ledger import local_time
from console.ui.draw.line import Line
from console.ui.keys import Context, bindings
from console.ui.messages import Say
from console.ui.widgets.pane import Pane
from console.ui.widgets.rows import Rows

INTERVALS_S = (0.5, 1.0, 2.0, 5.0, 10.0)

_WINDOW_WORDS = ("1 min", "15 min", "1 h", "24 h")


class GpuPane(Pane):
    """Utilisation, power, memory and temperature of each GPU."""

    can_focus = True
    BINDINGS = bindings(Context.GPU)
    number = 1
    name_ = "GPU"
    help_ = (
        "One row per NVIDIA card, read through NVML. The first bar is utilisation (the share of "
        "the last moments in which a kernel ran), the second power against the enforced limit; "
        "then memory in GiB and temperature. Power is the board's, not the wall's. A ! marks a "
        "card with a problem, which the lines below name. Enter shows the selected card in full: "
        "why its clocks are held back, its links, its errors, its processes. Values that were "
        "not renewed in time are dimmed and say how old they are. The charts show the lowest and "
        "the highest value of each stretch of time, so that no spike is lost; the selected card "
        "is drawn in colour. A pause closes the driver, so that a reset, a MIG change or an "
        "upgrade is not held up; without a key for a while, idle cards are released by itself. "
        "Today's energy is the boards' counters; idle is what they drew while no card "
        "worked. Joules per token are those of the local tier's requests in the charts' window, "
        "left out where they would be off by more than a tenth."
    )

    def __init__(
        self,
        sampler: Sampler,
        clock: Clock,
        electricity: Electricity,
        meter: Meter,
        *,
        id: str | None = None,
    ) -> None:
        super().__init__(id=id)
        self._sampler = sampler
        self._clock = clock
        self._electricity = electricity
        self._meter = meter
        self._seen: Snapshot | None = None
        self._selected = 0
        self._alone = False
        self._looked_at: str | None = None
        self._top = 0
        self._window = 1
        self._back_s = 0.0
        self._drawn: dict[tuple[object, ...], Sequence[Line]] = {}
        self._bucket_s = 0.0
        self._was_overdue = False
        self._unsubscribe: Callable[[], None] | None = None

    def compose(self) -> ComposeResult:
        """One block of lines."""
        yield Rows(id="gpu-rows")

    def on_mount(self) -> None:
        """Follow the sampler, and notice when it falls silent."""
        self._unsubscribe = self._sampler.subscribe(self._sampled)
        self.set_interval(1.0, self._tick)
        self._entitle()

    def on_unmount(self) -> None:
        """Stop following."""
        if self._unsubscribe is not None:
            self._unsubscribe()

    def on_show(self) -> None:
        """Draw what came while it was hidden."""
        self._draw(moved=True)

    def on_resize(self, event: Resize) -> None:
        """Draw for the new size."""
        self._draw(moved=True)

    def action_pause(self) -> None:
        """Stop reading and release the driver, or read again."""
        if self._sampler.paused:
            self._sampler.resume()
        else:
            self._sampler.pause()
        self._entitle()
        self._draw(moved=True)

    def action_interval(self, steps: int) -> None:
        """Read the cards more or less often."""
        now = min(INTERVALS_S, key=lambda known: abs(known - self._sampler.interval_s))
        place = INTERVALS_S.index(now) + steps
        self._sampler.set_interval(INTERVALS_S[max(0, min(len(INTERVALS_S) - 1, place))])
        self._entitle()

    def action_window(self) -> None:
        """Chart the next longer stretch of time, after the longest the shortest."""
        self._window = (self._window + 1) % len(WINDOWS_S)
        self._back_s = 0.0
        self._entitle()
        self._draw(moved=True)

    def action_step(self, by: int) -> None:
        """Move the charts' window back in time by half its length, or forth."""
        half = WINDOWS_S[self._window] / 2
        self._back_s = max(0.0, min(WINDOWS_S[-1], self._back_s - by * half))
        self._entitle()
        self._draw(moved=True)

    def action_select(self, by: int) -> None:
        """Go to another card."""
        count = len(self._seen.cards) if self._seen else 0
        self._selected = max(0, min(count - 1, self._selected + by))
        self._top = 0
        self._draw(moved=True)

    def action_scroll_page(self, by: int) -> None:
        """Move a card in full that does not fit; in the list, move half a page of cards."""
        half = max(1, self.query_one(Rows).size.height // 2)
        if self._alone:
            self._top = max(0, self._top + by * half)
            self._draw(moved=False)
        else:
            self.action_select(by * half)

    def action_alone(self) -> None:
        """Show the selected card in full, or all again."""
        size = self.query_one(Rows).size
        if is_wide(size.width, size.height):
            self.post_message(Say("There is room: the selected card is shown in full already."))
            return
        self._alone, self._top = not self._alone, 0
        self._draw(moved=True)

    def step_back(self) -> bool:
        """Return from one card to all, or from the past to now."""
        if self._alone:
            self._alone = False
        elif self._back_s:
            self._back_s = 0.0
            self._entitle()
        else:
            return False
        self._draw(moved=True)
        return True

    def _sampled(self, snapshot: Snapshot, moved: bool) -> None:
        self._entitle()
        self._draw(moved and self._sampler.moved_s >= self._bucket_s)

    def _tick(self) -> None:
        """Draw ages while no readings come: they are all that changes then."""
        latest = self._sampler.latest
        if latest is None or self._sampler.paused or self._sampler.resting:
            return
        overdue = self._clock.now_ms() - latest.at_ms > 2500 * self._sampler.interval_s
        if overdue or self._was_overdue:
            self._draw(moved=False)
        self._was_overdue = overdue

    def _entitle(self) -> None:
        snapshot, sampler = self._sampler.latest, self._sampler
        self.entitle(
            "PAUSED" if sampler.paused else "driver released: idle" if sampler.resting else "",
            summary(snapshot) if snapshot else "",
            f"{sampler.interval_s:g} s",
            f"until {self._local(self._window_now().end_s)}" if self._back_s else "",
            snapshot.origin if snapshot and snapshot.simulated else "",
        )

    def _draw(self, moved: bool) -> None:
        rows, snapshot = self.query_one(Rows), self._sampler.latest
        width, height = rows.size
        if not self.display or not width or not height:
            self._look_at(None)
            return
        if moved:
            self._drawn.clear()
        if snapshot is None:
            rows.show([[], [(" waiting for the first reading …", "dim")]])
            return
        if snapshot.cards:
            self._seen = snapshot
        # Cards that were seen stay on screen, with their age, while nothing can be read.
        seen = self._seen
        if seen is None or not seen.cards:
            rows.show(trouble_lines(snapshot.trouble or "", width)[:height])
            return
        self._selected = max(0, min(self._selected, len(seen.cards) - 1))
        bill = self._electricity.bill
        released = self._sampler.paused or self._sampler.resting
        in_full = self._alone or is_wide(width, height)
        self._look_at(seen.cards[self._selected].uuid if in_full else None)
        view = View(
            snapshot=seen,
            # Released cards are as old as they were then: an age that ticks would say no more.
            now_ms=seen.at_ms if released else self._clock.now_ms(),
            interval_s=self._sampler.interval_s,
            selected=self._selected,
            alone=self._alone,
            top=self._top,
            meter=self._meter_lines,
            disagreeing=bill.disagreeing,
            banner=snapshot.trouble or "",
            held=f"at {self._local(seen.at_ms / 1000)}" if released else "",
        )
        rows.show(page(view, self._charts, width, height))

    def _meter_lines(self, width: int) -> Sequence[Line]:
        window = self._window_now()
        requests, tokens = (
            self._sampler.flow(flow, window.end_s - 60, window.end_s).buckets for flow in Flow
        )
        per_token = self._meter.per_token(window.length_s)
        return (
            bill_line(self._electricity.bill, width),
            local_line(
                per_token,
                requests[-1].last if requests else None,
                tokens[-1].last if tokens else None,
                _WINDOW_WORDS[self._window],
                width,
            ),
        )

    def _look_at(self, uuid: str | None) -> None:
        """Have what is read of the card in full only, which may cost it power, read or not."""
        if uuid != self._looked_at:
            self._looked_at = uuid
            self._sampler.look_at(uuid)

    def _charts(self, width: int, height: int) -> Sequence[Line]:
        """The charts, drawn anew when a stretch of time closed and when what they show changed."""
        key = width, height
        if key not in self._drawn:
            self._drawn[key] = chart_lines(self._plots(), self._window_now(), width, height)
        return self._drawn[key]

    def _window_now(self) -> Window:
        length = WINDOWS_S[self._window]
        end = self._clock.now_ms() / 1000 - self._back_s
        return Window(end - length, end, live=not self._back_s, clock=self._local)

    def _local(self, at_s: float) -> str:
        return f"{local_time(round(at_s * 1000), self._clock.zone()):%H:%M}"

    def _plots(self) -> list[Plot]:
        assert self._seen is not None
        cards = list(self._seen.cards)
        # The selected card lies on top.
        cards.append(cards.pop(self._selected))
        shown = [cards[-1]] if self._alone else cards
        window = self._window_now()
        self._bucket_s = window.length_s
        plots = [
            gauge_plot(
                gauge,
                [
                    self._track(
                        self._sampler.window(card.uuid, gauge, window.start_s, window.end_s),
                        "accent" if card is cards[-1] else "dim",
                    )
                    for card in shown
                ],
                [_limit(card, gauge) for card in shown],
            )
            for gauge in Gauge
        ]
        for flow in (Flow.TOKENS, Flow.REQUESTS):
            stretch = self._sampler.flow(flow, window.start_s, window.end_s)
            plots.append(flow_plot(flow, self._track(stretch, "local")))
        return plots

    def _track(self, stretch: Stretch, style: str) -> Track:
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
