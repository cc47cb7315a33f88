"""The GPU pane: each card's state once per interval, one card in full, and their history."""

from collections.abc import Callable, Sequence
from functools import partial

from textual.app import ComposeResult
from textual.events import Resize

from console.core.gpu import Flow, Snapshot
from console.services.electricity import Electricity
from console.services.history import Stretch
from console.services.meter import Meter
from console.services.ports import Clock
from console.services.sampler import Sampler
from console.ui.draw.gpu import summary, trouble_lines
from console.ui.draw.gpu_meter import Local, bill_line, local_line
from console.ui.draw.gpu_page import View, is_wide, page
from console.ui.draw.line import Line
from console.ui.keys import Context, bindings
from console.ui.messages import Say
from console.ui.panes.gpu_charts import CardCharts
from console.ui.places import GPU
from console.ui.widgets.pane import Pane
from console.ui.widgets.rows import Rows

INTERVALS_S = (0.5, 1.0, 2.0, 5.0, 10.0)


class GpuPane(Pane):
    """Utilisation, power, memory and temperature of each GPU."""

    can_focus = True
    BINDINGS = bindings(Context.GPU)
    place = GPU
    help_ = (
        "One row per NVIDIA card, read through NVML. The first bar is utilisation (the share of "
        "the last moments in which a kernel ran), the second power against the enforced limit; "
        "then memory in GiB and temperature. Power is the board's, not the wall's. A ! marks a "
        "card with a problem, which the lines below name. Enter shows the selected card in full: "
        "why its clocks are held back, its links, its errors, its processes, and in MIG mode its "
        "instances, which tell no utilisation. Values that were not renewed in time are dimmed "
        "and say how old they are. The charts show the lowest and the highest "
        "value of each stretch of time, so that no spike is lost; the selected card is drawn in "
        "colour. A pause closes the driver, so that a reset, a MIG change or an "
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
        self._charts = CardCharts(sampler, clock)
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
        self._charts.next_window()
        self._entitle()
        self._draw(moved=True)

    def action_step(self, by: int) -> None:
        """Move the charts' window back in time by half its length, or forth."""
        self._charts.step(by)
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
        elif self._charts.to_now():
            self._entitle()
        else:
            return False
        self._draw(moved=True)
        return True

    def _sampled(self, snapshot: Snapshot, moved: bool) -> None:
        if not self.query(Rows):
            return  # The pane is being taken down, its rows before itself.
        self._entitle()
        self._charts.follow()
        self._draw(moved=False)

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
            self._charts.until,
            snapshot.origin if snapshot and snapshot.simulated else "",
        )

    def _draw(self, moved: bool) -> None:
        rows, snapshot = self.query_one(Rows), self._sampler.latest
        width, height = rows.size
        if not self.display or not width or not height:
            self._look_at(None)
            return
        if moved:
            self._charts.forget()
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
            held=f"at {self._charts.local(seen.at_ms / 1000)}" if released else "",
        )
        cards = [view.card] if self._alone else seen.cards
        rows.show(page(view, partial(self._charts.lines, cards, view.card), width, height))

    def _meter_lines(self, width: int) -> Sequence[Line]:
        window = self._charts.window
        running, rate, tokens = (
            buckets[-1].last if (buckets := self._flow(flow).buckets) else None for flow in Flow
        )
        per_token = self._meter.per_token(window.length_s)
        return (
            bill_line(self._electricity.bill, width),
            local_line(
                Local(running=running, per_min=rate, tokens_per_s=tokens, per_token=per_token),
                self._charts.words,
                width,
            ),
        )

    def _flow(self, flow: Flow) -> Stretch:
        """The last minute of what the local tier did."""
        end_s = self._charts.window.end_s
        return self._sampler.flow(flow, end_s - 60, end_s)

    def _look_at(self, uuid: str | None) -> None:
        """Have what is read of the card in full only, which may cost it power, read or not."""
        if uuid != self._looked_at:
            self._looked_at = uuid
            self._sampler.look_at(uuid)
