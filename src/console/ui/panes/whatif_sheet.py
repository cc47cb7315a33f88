"""The editable sheet of the what-if pane: a cursor on rows, steps, and values typed over them."""

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.events import Key, Resize

from console.ui.panes.whatif_typing import LONGEST, belongs, starts
from console.ui.widgets.pane import Pane
from console.ui.widgets.rows import Rows

if TYPE_CHECKING:
    from console.services.calculator import Calculator
    from console.services.desk import Desk
    from console.ui.panes.whatif_answers import Answers


class SheetPane(Pane):
    """Rows of inputs under a cursor; every key that changes a value recomputes the figures.

    What it stands for draws itself in `draw`, and is told by `changed` when figures may be new.
    The calculator, which takes long to import, is opened by the first use of the desk.
    """

    can_focus = True

    def __init__(
        self, open_calculator: "Callable[[], Calculator]", *, id: str | None = None
    ) -> None:
        super().__init__(id=id)
        self._open_calculator = open_calculator
        # The volume: what is typed first, most of the time.
        self._cursor = 1
        self._typing: str | None = None
        self._asking: Callable[[str], None] | None = None
        self._question = ""
        self._choices: tuple[str, ...] = ()

    @cached_property
    def _calculator(self) -> "Calculator":
        return self._open_calculator()

    @cached_property
    def _answers(self) -> "Answers":
        from console.ui.panes.whatif_answers import Answers

        return Answers(self._calculator)

    @cached_property
    def _desk(self) -> "Desk":
        return self._answers.begin()

    @property
    def opened(self) -> bool:
        """Whether there are figures: the desk has been used."""
        return "_desk" in vars(self)

    def draw(self) -> None:
        """Show everything as it is now."""
        raise NotImplementedError

    def changed(self, moved: bool) -> None:
        """The figures may be new; `moved` is false when a key had no effect."""
        raise NotImplementedError

    def compose(self) -> ComposeResult:
        """One block of lines."""
        yield Rows(id="whatif-rows")

    @property
    def desk(self) -> "Desk":
        """The sitting."""
        return self._desk

    @property
    def editing(self) -> bool:
        """Whether a value is being typed, so that letters belong to it."""
        return self._typing is not None

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """While a value is typed, its characters are no commands."""
        return self.editing and character is not None and belongs(character, self._free_text)

    def on_resize(self, event: Resize) -> None:
        """Draw for the new size; nothing is opened for it."""
        if self.opened:
            self.draw()

    def on_key(self, event: Key) -> None:
        """Digits type; while typing, keys edit the value."""
        character = event.character or ""
        if self._typing is None:
            if starts(character) and self._takes_numbers:
                self._type(character)
            elif event.key == "enter":
                self._type("" if self._free_text else self._now)
            else:
                return
        elif event.key == "enter":
            self._commit()
        elif self._asking is not None and self._choices and event.key in ("up", "down"):
            self._choose(1 if event.key == "down" else -1)
        elif event.key == "backspace":
            self._type(self._typing[:-1])
        elif belongs(character, self._free_text):
            self._type((self._typing + character)[:LONGEST])
        elif character and character.isprintable():
            self._desk.complaint = (
                f"{character!r} is not part of a number; Enter keeps, Escape restores"
            )
            self.draw()
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
            self.changed(self._desk.step(self._here, direction))

    def action_decade(self, direction: int) -> None:
        """Ten times the value, or a tenth."""
        if self._commit():
            self.changed(self._desk.step(self._here, direction, decade=True))

    def action_default(self) -> None:
        """Back to the base's figure for this input."""
        self._stop_typing()
        self.changed(self._desk.default(self._here))

    def action_measured(self) -> None:
        """Back to what the ledger says of this input."""
        self._stop_typing()
        self.changed(self._desk.measured(self._here))

    def action_undo(self) -> None:
        """One change back."""
        self._stop_typing()
        self._desk.undo()
        self.changed(True)

    def action_redo(self) -> None:
        """One change forward again."""
        self._stop_typing()
        self._desk.redo()
        self.changed(True)

    def step_back(self) -> bool:
        """Give up what is being typed; false when nothing was."""
        was = self.editing or self._desk.complaint is not None
        self._stop_typing()
        self.changed(True)
        return was

    def ask(
        self,
        question: str,
        then: Callable[[str], None],
        text: str = "",
        choices: Sequence[str] = (),
    ) -> None:
        """Ask for a line, and do something with it; ↑ and ↓ put in a choice as its first word."""
        if self._commit():
            self._question, self._asking, self._typing = question, then, text
            self._choices = tuple(choices)
            self.draw()

    def _choose(self, by: int) -> None:
        first, space, rest = (self._typing or "").partition(" ")
        at = self._choices.index(first) + by if first in self._choices else 0
        self._type(f"{self._choices[at % len(self._choices)]}{space}{rest}")

    @property
    def _here(self) -> str:
        return self._desk.figures.rows[self._cursor].name

    @property
    def _now(self) -> str:
        value = self._desk.row(self._here).value
        return f"{value:.12g}" if isinstance(value, int | float) else ""

    @property
    def _takes_numbers(self) -> bool:
        from console.core.whatif.fields import Kind

        return self._desk.row(self._here).field.kind is not Kind.CHOICE

    @property
    def _free_text(self) -> bool:
        """Whether letters are part of what is typed: a name, a choice."""
        return self._asking is not None or not self._takes_numbers

    def _move_to(self, place: int) -> None:
        self._cursor = max(0, min(len(self._desk.figures.rows) - 1, place))
        self.draw()

    def _type(self, text: str) -> None:
        """Recompute with what is typed so far; figures stay as they were while it is no value."""
        self._typing = text
        if self._asking is None:
            self._desk.try_text(self._here, text)
        self.draw()

    def _commit(self) -> bool:
        """Keep what was typed; false when it is no value and stays in the field."""
        if self._typing is None:
            return True
        if self._asking is not None:
            then, text = self._asking, self._typing
            self._stop_typing()
            then(text)
            self.changed(True)
            return True
        if self._desk.complaint is not None:
            return False
        self._typing = None
        self._desk.commit()
        self.changed(True)
        return True

    def _stop_typing(self) -> None:
        self._typing = self._asking = None
        self._desk.restore()
