"""The what-if pane: the calculator, driven by keys."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING

from textual.events import Focus

from console.services.asked import Asked
from console.ui.draw.line import Line
from console.ui.keys import Context, bindings
from console.ui.messages import Answer, CopyText, Say
from console.ui.panes.whatif_sheet import SheetPane
from console.ui.places import WHATIF
from console.ui.widgets.rows import Rows

if TYPE_CHECKING:
    from console.core.whatif.later import Later
    from console.core.whatif.scenario import Scenario
    from console.services.calculator import Calculator
    from console.services.figures import Figures
    from console.ui.draw.whatif import View

_SETTLE_S = 0.15
"""How long a sheet must rest before the slower figures are computed."""
DRAWS = 2000


async def _at_once() -> None:
    """Nothing comes before the figures."""


class WhatifPane(SheetPane):
    """Editable inputs, and every figure recomputed at each keystroke.

    The first figures come when `first` lets them, or with the first key if that is sooner.
    """

    BINDINGS = bindings(Context.WHATIF)
    place = WHATIF
    help_ = (
        "Monthly cost of serving your requests at APIs, on your own rig, split or bursting. The "
        "first row chooses where the inputs come from: my-ledger (your own traffic), a preset, or "
        "article, the founding article's formulae exactly as published. ● is measured, ◐ from the "
        "price list, ○ an assumption, ✎ typed by you; [ ] is the range it may lie in. Type 8.4k, "
        "12%, 18.8¢ or a range like 1.3..4.3; type .5 for 0.5, for 0 goes back to the default. "
        "▲ is where the rig becomes cheaper, ▼ where the API does, each with its 5th to 95th "
        "percentile over 2,000 draws (~ while only a few are made). ◆ is your measured volume, ◇ "
        "the sheet's. Figures are full cost unless `count` says running."
    )

    def __init__(
        self,
        open_calculator: "Callable[[], Calculator]",
        first: Callable[[], Awaitable[object]] = _at_once,
        *,
        id: str | None = None,
    ) -> None:
        super().__init__(open_calculator, id=id)
        self._first = first
        self._later: Later | None = None
        self._log_y = True
        self._chart_first = False
        self._busy = self._reading = ""
        self._seed = 0
        self._asked = Asked()
        self._asked_prices = False
        self._loading = asyncio.Lock()
        self._begun: Scenario | None = None

    def on_mount(self) -> None:
        """Compute when the console is on the screen; read the ledger behind it."""
        super().on_mount()
        load: Callable[[], Awaitable[None]] = partial(self._load, prices=False)
        self.call_after_refresh(self.run_worker, load, group="whatif-load", exit_on_error=False)

    def on_focus(self, event: Focus) -> None:
        """Read the price list at first use: whoever never comes here need not wait for it."""
        if self._asked_prices:
            return
        self._asked_prices = True
        load: Callable[[], Awaitable[None]] = partial(self._load, prices=True)
        self.run_worker(load, group="whatif-load", exit_on_error=False)

    def action_pin(self, letter: str) -> None:
        """Pin what is shown as A, B or C, and see the pinned side by side."""
        self._desk.pin(letter)
        self.draw()
        columns = {each.upper(): pinned for each, pinned in sorted(self._desk.pins.items())}
        if columns and self._desk.figures not in columns.values():
            columns["now"] = self._desk.figures
        if len(columns) > 1:
            self._show("Pinned scenarios", self._answers.pins(columns))

    def action_swap(self) -> None:
        """Take the next pinned scenario up for editing."""
        if not self._desk.swap():
            self._say("Nothing is pinned: a, b or c pins what is shown.", trouble=True)
        self.changed(True)

    def action_answer(self, what: str) -> None:
        """Show why, the decision, the tornado or a goal sought, or say why there is none."""
        title, drawn = self._answers.answer(what, self._desk.figures, self._desk.row(self._here))
        if isinstance(drawn, str):
            self._say(drawn, trouble=True)
        else:
            self._show(title, drawn)

    def action_draws(self) -> None:
        """Draw 2,000 times with the next seed, and show the intervals."""
        self._seed += 1
        self._work("drawing 2,000 times", partial(self._drawn, self._desk.figures, self._seed))

    def action_replay(self) -> None:
        """Ask which policy, days and prices to replay, and do so."""
        names = self._answers.policies()
        question = f"replay ({', '.join(names)} or a file; days; now, row or a date; ↑↓ the next)"
        self.ask(question, self._replay, str(self._asked), names)

    def _replay(self, text: str) -> None:
        try:
            self._asked = asked = Asked.parse(text)
        except ValueError as error:
            self._say(f"Not replayed: {error}.", trouble=True)
            return
        self._work("replaying", partial(self._replayed, self._desk.figures, asked))

    def action_axes(self) -> None:
        """Make the cost axis logarithmic or linear."""
        self._log_y = not self._log_y
        self.draw()

    def action_chart(self) -> None:
        """Show the chart instead of the words where there is no room for both, and back."""
        self._chart_first = not self._chart_first
        self.draw()

    def action_words(self) -> None:
        """Show every figure in words."""
        self._show("In words", self._answers.words(self._view))

    def action_save(self) -> None:
        """Ask for a name and save the scenario."""
        self.ask("save as", lambda name: self._say(self._answers.save(name, self._desk.scenario)))

    def action_open(self) -> None:
        """Ask for a name and open a saved scenario."""
        saved = ", ".join(self._calculator.shelf.names())
        self.ask(f"open ({saved or 'a path'})", self._open)

    def action_export(self) -> None:
        """Write what is shown as JSON, CSV and Markdown."""
        self._say(self._answers.export(self._desk.figures))

    def action_command(self) -> None:
        """Copy the command that computes the same."""
        self.post_message(CopyText(self._answers.command(self._desk.figures)))

    def _open(self, name: str) -> None:
        said = self._answers.load(name, self._desk)
        if said:
            self._say(said, trouble=True)

    def changed(self, moved: bool) -> None:
        """Draw, and start on the figures that take longer."""
        self._adopt()
        self._cursor = min(self._cursor, len(self._desk.figures.rows) - 1)
        if moved:
            self._later = None
            refine: Callable[[], Awaitable[None]] = partial(self._refine, self._desk.figures)
            self.run_worker(
                refine,
                group="whatif-refine",
                exclusive=True,
                exit_on_error=False,
            )
        self.draw()

    async def _load(self, *, prices: bool) -> None:
        await self._first()
        if not self.opened:
            # In a thread: it takes a tenth of a second, in which keys are to be heard.
            await asyncio.to_thread(import_module, "console.ui.panes.whatif_answers")
            self.draw()
        async with self._loading:
            prices = prices or self._asked_prices
            if prices and self._calculator.priced:
                return
            begun = self._desk.scenario
            known = self._calculator.read
            self._reading = self._unread + ", reading the list" if known else "reading your ledger"
            self.draw()
            try:
                await self._calculator.load_in_thread(prices=prices)
            finally:
                self._reading = ""
            self._begun = begun
        self._adopt()
        if self._calculator.trouble:
            self._say(self._calculator.trouble, trouble=True)
        self.changed(True)

    def _adopt(self) -> None:
        """Take up what was read, once nothing is being typed into the sheet as it was."""
        begun, self._begun = self._begun, None
        if begun is None or self.editing:
            self._begun = begun
        elif self._desk.scenario == begun and not self._desk.edits.past:
            self._desk = self._answers.begin()
        else:
            self._desk.recompute()

    async def _refine(self, figures: "Figures") -> None:
        """The intervals of 2,000 draws, then payback, value and CO₂, once the sheet has rested."""
        results = figures.results
        if results is None:
            return
        await asyncio.sleep(_SETTLE_S)
        known = await asyncio.to_thread(self._answers.later, results)
        if self._desk.figures.results is results:
            self._later = known
            self.draw()
        try:
            better = await self._calculator.spread(
                results, n=DRAWS, seed=1, stop=lambda: self._desk.figures.results is not results
            )
        except ValueError:
            return
        if self._desk.refine(results, better):
            self.draw()

    async def _drawn(self, figures: "Figures", seed: int) -> None:
        if figures.results is None:
            self._say("The article's preset is exact: it has nothing to draw.", trouble=True)
            return
        found = await self._calculator.spread(figures.results, n=DRAWS, seed=seed)
        self._show("Monte Carlo", self._answers.draws(figures.results, found))

    async def _replayed(self, figures: "Figures", asked: Asked) -> None:
        loop = asyncio.get_running_loop()

        def progress(share: float) -> None:
            loop.call_soon_threadsafe(self._tell, f"replaying {share:.0%}")

        found = await asyncio.to_thread(self._answers.replay, figures, asked, progress)
        self._show("Replay", found)

    def _work(self, busy: str, work: Callable[[], Awaitable[None]]) -> None:
        """Let a worker answer; what fails is a sentence."""

        async def guarded() -> None:
            self._tell(busy)
            try:
                await work()
            except (ValueError, OSError) as error:
                self._say(str(error), trouble=True)
            finally:
                self._tell("")

        answer: Callable[[], Awaitable[None]] = guarded
        self.run_worker(answer, group="whatif-answer", exclusive=True, exit_on_error=False)

    @property
    def _unread(self) -> str:
        """What to say while the price list has not been read."""
        listed = self._calculator.priced or self._desk.figures.results is None
        return "" if listed else "prices built in"

    def _show(self, title: str, drawn: Callable[[int], Sequence[Line]]) -> None:
        self.post_message(Answer(title, drawn))

    def _say(self, text: str, *, trouble: bool = False) -> None:
        self.post_message(Say(text, trouble=trouble))

    def _tell(self, busy: str) -> None:
        self._busy = busy
        self.draw()

    def draw(self) -> None:
        """The sheet, the results, the chart, as far as there is room."""
        rows = self.query_one(Rows)
        rows.show(self._answers.page(self._view, rows.size.width, rows.size.height))

    @property
    def _view(self) -> "View":
        from console.ui.draw.whatif import View

        return View(
            figures=self._desk.figures,
            cursor=min(self._cursor, len(self._desk.figures.rows) - 1),
            typing=self._typing,
            complaint=self._desk.complaint,
            later=self._later,
            log_y=self._log_y,
            chart_first=self._chart_first,
            asking=self._question if self._asking else "",
            busy=self._busy or self._reading or self._unread,
            pinned="".join(sorted(self._desk.pins)).upper(),
        )
