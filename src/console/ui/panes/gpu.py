"""The GPU pane: each card's state once per interval, and its history."""

from collections.abc import Callable

from textual.app import ComposeResult
from textual.events import Resize

from console.core.gpu import Gauge, Snapshot
from console.services.sampler import Sampler
from console.ui.draw.gpu import History, card_line, history_lines, summary, trouble_lines
from console.ui.draw.line import Line
from console.ui.keys import Context, bindings
from console.ui.widgets.pane import Pane
from console.ui.widgets.rows import Rows

INTERVALS_S = (0.5, 1.0, 2.0, 5.0, 10.0)
WINDOWS_S = (120.0, 300.0, 900.0)


class GpuPane(Pane):
    """Utilisation, power, memory and temperature of each GPU."""

    can_focus = True
    BINDINGS = bindings(Context.GPU)
    number = 1
    name_ = "GPU"
    help_ = (
        "One row per NVIDIA card, read through NVML. The first bar is utilisation (the share of "
        "the last moments in which a kernel ran), the second power against the enforced limit; "
        "then memory in GiB and temperature. Power is the board's, not the wall's. The charts "
        "show the highest value of each stretch of time, so that a short spike stays visible; "
        "they move when a stretch closes. A pause closes the driver."
    )

    def __init__(self, sampler: Sampler, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._sampler = sampler
        self._window = 1
        self._first = 0
        self._charts: list[Line] = []
        self._unsubscribe: Callable[[], None] | None = None

    def compose(self) -> ComposeResult:
        """One block of lines."""
        yield Rows(id="gpu-rows")

    def on_mount(self) -> None:
        """Follow the sampler."""
        self._unsubscribe = self._sampler.subscribe(self._sampled)
        self._entitle()

    def on_unmount(self) -> None:
        """Stop following."""
        if self._unsubscribe is not None:
            self._unsubscribe()

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
        self._draw(moved=True)

    def action_scroll(self, by: int) -> None:
        """Show other cards when not all fit."""
        self._first += by
        self._draw(moved=False)

    def _sampled(self, snapshot: Snapshot, moved: bool) -> None:
        self._entitle()
        self._draw(moved)

    def _entitle(self) -> None:
        snapshot = self._sampler.latest
        self.entitle(
            "PAUSED" if self._sampler.paused else "",
            summary(snapshot) if snapshot else "",
            f"{self._sampler.interval_s:g} s",
            snapshot.origin if snapshot and snapshot.simulated else "",
        )

    def _draw(self, moved: bool) -> None:
        rows, snapshot = self.query_one(Rows), self._sampler.latest
        width, height = rows.size
        if not width or not height:
            return
        if snapshot is None:
            rows.show([[], [(" waiting for the first reading …", "dim")]])
            return
        if snapshot.trouble and not snapshot.cards:
            rows.show(trouble_lines(snapshot.trouble, width)[:height])
            return
        cards = snapshot.cards
        self._first = max(0, min(self._first, len(cards) - height))
        lines = [
            card_line(card, place, width)
            for place, card in enumerate(cards)
            if self._first <= place < self._first + height
        ]
        if moved:
            self._charts = history_lines(
                [
                    History(
                        list(self._sampler.history(card.uuid, Gauge.UTIL)),
                        list(self._sampler.history(card.uuid, Gauge.POWER)),
                    )
                    for card in cards
                ],
                [card.power_limit_w for card in cards],
                WINDOWS_S[self._window],
                snapshot.at_ms / 1000,
                width,
                height - len(lines) - 1,
            )
        rows.show([*lines, [], *self._charts][:height])
