"""The what-if pane: the calculator, driven by keys."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from textual.app import ComposeResult
from textual.events import Key, Resize

from console.core.whatif.counterfactual import READY
from console.core.whatif.fields import Kind
from console.core.whatif.later import Later, later
from console.services.calculator import Calculator
from console.services.desk import PINS, Desk, Figures
from console.ui.draw.line import Line
from console.ui.draw.whatif import View, whatif_lines
from console.ui.keys import Context, bindings
from console.ui.messages import CopyText, Say, Show
from console.ui.panes.whatif_answers import Answers
from console.ui.widgets.pane import Pane
from console.ui.widgets.rows import Rows

_STARTS = frozenset("123456789.$")
"""Characters that start typing a value; 0 goes back to the default, so 0.5 is typed as .5."""
_TYPED = frozenset("0123456789.$kKMBGeE%¢_,+- ")
"""Characters a value may hold; the rest are refused so that a slip is no surprise."""
_LONGEST = 60
_SETTLE_S = 0.15
"""How long a sheet must rest before the slower figures are computed."""
DRAWS = 2000
_REPLAY_DAYS = 30


class WhatifPane(Pane):
    """Editable inputs, and every figure recomputed at each keystroke."""

    BINDINGS = bindings(Context.WHATIF)
    can_focus = True
    number = 4
    name_ = "What-if"
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

    def __init__(self, calculator: Calculator, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._calculator = calculator
        self._answers = Answers(calculator)
        self._desk = Desk.begin(calculator, calculator.start())
        self._cursor = 0
        self._typing: str | None = None
        self._asking: Callable[[str], None] | None = None
        self._question = ""
        self._later: Later | None = None
        self._log_y = True
        self._chart_first = False
        self._busy = ""
        self._seed = 0
        self._policy = 0

    def compose(self) -> ComposeResult:
        """One block of lines."""
        yield Rows(id="whatif-rows")

    def on_mount(self) -> None:
        """Show what is known at once; read the price list and the ledger behind it."""
        super().on_mount()
        self.run_worker(self._load(), group="whatif-load", exit_on_error=False)

    @property
    def desk(self) -> Desk:
        """The sitting."""
        return self._desk

    @property
    def editing(self) -> bool:
        """Whether a value is being typed, so that letters belong to it."""
        return self._typing is not None

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """While a value is typed, its characters are no commands."""
        if not self.editing or character is None:
            return False
        return character.isprintable() if self._free_text else character in _TYPED

    def on_resize(self, event: Resize) -> None:
        """Draw for the new size."""
        self._draw()

    def on_key(self, event: Key) -> None:
        """Digits type; while typing, keys edit the value."""
        character = event.character or ""
        if self._typing is None:
            if character and character in _STARTS and self._takes_numbers:
                self._type(character)
            elif event.key == "enter":
                self._type("" if self._free_text else self._now)
            else:
                return
        elif event.key == "enter":
            self._commit()
        elif event.key == "backspace":
            self._type(self._typing[:-1])
        elif character and (self._free_text or character in _TYPED) and character.isprintable():
            self._type((self._typing + character)[:_LONGEST])
        elif character and character.isprintable():
            self._desk.complaint = (
                f"{character!r} is not part of a number; Enter keeps, Escape restores"
            )
            self._draw()
        else:
            return
        event.stop()
        event.prevent_default()

    def action_field(self, by: int) -> None:
        """Move to another input; what was typed is kept if it is a value."""
        if self._commit():
            self._move_to(self._cursor + by)

    def action_group(self, by: int) -> None:
        """Move to the first input of the next or the previous group."""
        if not self._commit():
            return
        rows = self._desk.figures.rows
        starts = [
            place
            for place, row in enumerate(rows)
            if not place or rows[place - 1].field.group != row.field.group
        ]
        ahead = [place for place in starts if (place - self._cursor) * by > 0]
        self._move_to((min(ahead) if by > 0 else max(ahead)) if ahead else self._cursor)

    def action_ends(self, last: bool) -> None:
        """Move to the first or the last input."""
        if self._commit():
            self._move_to(len(self._desk.figures.rows) - 1 if last else 0)

    def action_step(self, direction: int) -> None:
        """One step up or down the ladder 1, 1.5, 2, 3, 5, 7."""
        if self._commit():
            self._changed(self._desk.step(self._here, direction))

    def action_decade(self, direction: int) -> None:
        """Ten times the value, or a tenth."""
        if self._commit():
            self._changed(self._desk.step(self._here, direction, decade=True))

    def action_default(self) -> None:
        """Back to the base's figure for this input."""
        self._stop_typing()
        self._changed(self._desk.default(self._here))

    def action_measured(self) -> None:
        """Back to what the ledger says of this input."""
        self._stop_typing()
        self._changed(self._desk.measured(self._here))

    def action_undo(self) -> None:
        """One change back."""
        self._stop_typing()
        self._desk.undo()
        self._changed(True)

    def action_redo(self) -> None:
        """One change forward again."""
        self._stop_typing()
        self._desk.redo()
        self._changed(True)

    def action_pin(self, letter: str) -> None:
        """Pin what is shown as A, B or C, and see the pinned side by side."""
        self._desk.pin(letter)
        self._draw()
        columns = {each.upper(): self._desk.pins[each] for each in PINS if each in self._desk.pins}
        if columns and self._desk.figures not in columns.values():
            columns["now"] = self._desk.figures
        if len(columns) > 1:
            self._show("Pinned scenarios", self._answers.pins(columns))

    def action_swap(self) -> None:
        """Take the next pinned scenario up for editing."""
        if not self._desk.swap():
            self._say("Nothing is pinned: a, b or c pins what is shown.", trouble=True)
        self._changed(True)

    def action_explain(self) -> None:
        """Show why the figures are what they are."""
        self._show("Why", self._answers.why(self._desk.figures))

    def action_panel(self) -> None:
        """Show the decision panel and every warning."""
        self._answer("The decision", self._answers.panel(self._desk.figures))

    def action_tornado(self) -> None:
        """Show which uncertain input moves the answer most."""
        self._answer("Tornado", self._answers.tornado(self._desk.figures))

    def action_seek(self) -> None:
        """Show which value of this input makes the two sides equal."""
        row = self._desk.row(self._here)
        self._answer(f"Goal seek: {row.field.label}", self._answers.seek(self._desk.figures, row))

    def action_draws(self) -> None:
        """Draw 2,000 times with the next seed, and show the intervals."""
        self._seed += 1
        self._work("drawing 2,000 times", self._drawn(self._desk.figures, self._seed))

    def action_replay(self) -> None:
        """Replay the ledger's last days under the next ready-made policy."""
        self._policy = (self._policy + 1) % len(READY)
        name = READY[self._policy]
        self._work("replaying", self._replayed(self._desk.figures, name))

    def action_axes(self) -> None:
        """Make the cost axis logarithmic or linear."""
        self._log_y = not self._log_y
        self._draw()

    def action_chart(self) -> None:
        """Show the chart instead of the words where there is no room for both, and back."""
        self._chart_first = not self._chart_first
        self._draw()

    def action_save(self) -> None:
        """Ask for a name and save the scenario."""
        self._ask("save as", lambda name: self._say(self._answers.save(name, self._desk.scenario)))

    def action_open(self) -> None:
        """Ask for a name and open a saved scenario."""
        saved = ", ".join(self._calculator.shelf.names())
        self._ask(f"open ({saved or 'a path'})", self._open)

    def action_export(self) -> None:
        """Write what is shown as JSON, CSV and Markdown."""
        self._say(self._answers.export(self._desk.figures))

    def action_command(self) -> None:
        """Copy the command that computes the same."""
        self.post_message(CopyText(self._answers.command(self._desk.figures)))

    def step_back(self) -> bool:
        """Give up what is being typed; false when nothing was."""
        was = self.editing or self._desk.complaint is not None
        self._stop_typing()
        self._changed(True)
        return was

    @property
    def _here(self) -> str:
        return self._desk.figures.rows[self._cursor].name

    @property
    def _now(self) -> str:
        value = self._desk.row(self._here).value
        return f"{value:.12g}" if isinstance(value, int | float) else ""

    @property
    def _takes_numbers(self) -> bool:
        return self._desk.row(self._here).field.kind is not Kind.CHOICE

    @property
    def _free_text(self) -> bool:
        """Whether letters are part of what is typed: a name, a choice."""
        return self._asking is not None or not self._takes_numbers

    def _move_to(self, place: int) -> None:
        self._cursor = max(0, min(len(self._desk.figures.rows) - 1, place))
        self._draw()

    def _ask(self, question: str, then: Callable[[str], None]) -> None:
        if self._commit():
            self._question, self._asking, self._typing = question, then, ""
            self._draw()

    def _type(self, text: str) -> None:
        """Recompute with what is typed so far; figures stay as they were while it is no value."""
        self._typing = text
        if self._asking is None:
            self._desk.try_text(self._here, text)
        self._draw()

    def _commit(self) -> bool:
        """Keep what was typed; false when it is no value and stays in the field."""
        if self._typing is None:
            return True
        if self._asking is not None:
            then, text = self._asking, self._typing
            self._stop_typing()
            then(text)
            self._changed(True)
            return True
        if self._desk.complaint is not None:
            return False
        self._typing = None
        self._desk.commit()
        self._changed(True)
        return True

    def _stop_typing(self) -> None:
        self._typing = self._asking = None
        self._desk.restore()

    def _open(self, name: str) -> None:
        said = self._answers.load(name, self._desk)
        if said:
            self._say(said, trouble=True)

    def _changed(self, moved: bool) -> None:
        """Draw, and start on the figures that take longer."""
        self._cursor = min(self._cursor, len(self._desk.figures.rows) - 1)
        if moved:
            self._later = None
            self.run_worker(
                self._refine(self._desk.figures),
                group="whatif-refine",
                exclusive=True,
                exit_on_error=False,
            )
        self._draw()

    async def _load(self) -> None:
        begun = self._desk.scenario
        await self._calculator.load_in_thread()
        if self._desk.scenario == begun and not self._desk.edits.past and not self.editing:
            self._desk = Desk.begin(self._calculator, self._calculator.start())
        elif not self.editing:
            self._desk.recompute()
        if self._calculator.trouble:
            self._say(self._calculator.trouble, trouble=True)
        self._changed(True)

    async def _refine(self, figures: Figures) -> None:
        """The intervals of 2,000 draws, then payback, value and CO₂, once the sheet has rested."""
        results = figures.results
        if results is None:
            return
        await asyncio.sleep(_SETTLE_S)
        known = await asyncio.to_thread(later, results)
        if self._desk.figures.results is results:
            self._later = known
            self._draw()
        try:
            better = await self._calculator.spread(
                results, n=DRAWS, seed=1, stop=lambda: self._desk.figures.results is not results
            )
        except ValueError:
            return
        if self._desk.refine(results, better):
            self._draw()

    async def _drawn(self, figures: Figures, seed: int) -> None:
        if figures.results is None:
            self._say("The article's preset is exact: it has nothing to draw.", trouble=True)
            return
        found = await self._calculator.spread(figures.results, n=DRAWS, seed=seed)
        self._show("Monte Carlo", self._answers.draws(figures.results, found))

    async def _replayed(self, figures: Figures, policy: str) -> None:
        loop = asyncio.get_running_loop()

        def progress(share: float) -> None:
            loop.call_soon_threadsafe(self._tell, f"replaying {share:.0%}")

        found = await asyncio.to_thread(
            self._answers.replay, figures, policy, _REPLAY_DAYS, progress
        )
        self._show("Replay (r: the next policy)", found)

    def _work(self, busy: str, work: Awaitable[None]) -> None:
        """Let a worker answer; what fails is a sentence."""

        async def guarded() -> None:
            self._tell(busy)
            try:
                await work
            except (ValueError, OSError) as error:
                self._say(str(error), trouble=True)
            finally:
                self._tell("")

        self.run_worker(guarded(), group="whatif-answer", exclusive=True, exit_on_error=False)

    def _answer(self, title: str, drawn: Callable[[int], Sequence[Line]] | str) -> None:
        if isinstance(drawn, str):
            self._say(drawn, trouble=True)
        else:
            self._show(title, drawn)

    def _show(self, title: str, drawn: Callable[[int], Sequence[Line]]) -> None:
        self.post_message(Show(title, drawn))

    def _say(self, text: str, *, trouble: bool = False) -> None:
        self.post_message(Say(text, trouble=trouble))

    def _tell(self, busy: str) -> None:
        self._busy = busy
        self._draw()

    def _draw(self) -> None:
        rows = self.query_one(Rows)
        view = View(
            figures=self._desk.figures,
            cursor=min(self._cursor, len(self._desk.figures.rows) - 1),
            typing=self._typing,
            complaint=self._desk.complaint,
            later=self._later,
            log_y=self._log_y,
            chart_first=self._chart_first,
            asking=self._question if self._asking else "",
            busy=self._busy,
            pinned="".join(each.upper() for each in PINS if each in self._desk.pins),
        )
        rows.show(whatif_lines(view, rows.size.width, rows.size.height))
