"""The GPU pane: each card's state once per interval, one card in full, and their history."""

from collections.abc import Callable

from textual.app import ComposeResult
from textual.events import Resize

from console.core.gpu import Snapshot
from console.services.electricity import Electricity
from console.services.meter import Meter
from console.services.ports import Clock
from console.services.sampler import Sampler
from console.ui.draw.gpu_page import is_wide
from console.ui.keys import Context, bindings
from console.ui.messages import Say
from console.ui.panes.cards_shown import CardsShown
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
        "instances. Values that were not renewed in time are dimmed "
        "and say how old they are. The charts show the lowest and the highest "
        "value of each stretch of time, so that no spike is lost; the selected card is drawn in "
        "colour. A pause closes the driver, so that a reset, a MIG change or an "
        "upgrade is not held up; without a key for a while, idle cards are released by itself. "
        "Today's energy is the boards' counters; idle is what they drew while no card "
        "worked. The local line is of the requests that this console sent: joules per token of "
        "those in the charts' window, left out where they would be off by more than a tenth."
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
        self._shows = CardsShown(sampler, clock, electricity, meter)
        self._looked_at: str | None = None
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
        self._shows.charts.next_window()
        self._entitle()
        self._draw(moved=True)

    def action_step(self, by: int) -> None:
        """Move the charts' window back in time by half its length, or forth."""
        self._shows.charts.step(by)
        self._entitle()
        self._draw(moved=True)

    def action_select(self, by: int) -> None:
        """Go to another card."""
        count = len(self._shows.seen.cards) if self._shows.seen else 0
        self._shows.selected = max(0, min(count - 1, self._shows.selected + by))
        self._shows.top = 0
        self._draw(moved=True)

    def action_scroll_page(self, by: int) -> None:
        """Move a card in full that does not fit; in the list, move half a page of cards."""
        half = max(1, self.query_one(Rows).size.height // 2)
        if self._shows.alone:
            self._shows.top = max(0, self._shows.top + by * half)
            self._draw(moved=False)
        else:
            self.action_select(by * half)

    def action_alone(self) -> None:
        """Show the selected card in full, or all again."""
        size = self.query_one(Rows).size
        if is_wide(size.width, size.height):
            self.post_message(Say("There is room: the selected card is shown in full already."))
            return
        self._shows.alone, self._shows.top = not self._shows.alone, 0
        self._draw(moved=True)

    def step_back(self) -> bool:
        """Return from one card to all, or from the past to now."""
        if self._shows.alone:
            self._shows.alone = False
        elif self._shows.charts.to_now():
            self._entitle()
        else:
            return False
        self._draw(moved=True)
        return True

    def _sampled(self, snapshot: Snapshot, moved: bool) -> None:
        if not self.query(Rows):
            return  # The pane is being taken down, its rows before itself.
        self._entitle()
        self._shows.charts.follow()
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
        self.entitle(*self._shows.title)

    def _draw(self, moved: bool) -> None:
        rows = self.query_one(Rows)
        width, height = rows.size
        if not self.display or not width or not height:
            self._look_at(None)
            return
        if moved:
            self._shows.charts.forget()
        rows.show(self._shows.lines(width, height))
        self._look_at(self._shows.in_full(width, height))

    def _look_at(self, uuid: str | None) -> None:
        """Have what is read of the card in full only, which may cost it power, read or not."""
        if uuid != self._looked_at:
            self._looked_at = uuid
            self._sampler.look_at(() if uuid is None else (uuid,))
