"""The what-if pane: the article's calculator, driven by keys."""

from textual.app import ComposeResult
from textual.events import Key, Resize

from console.core.whatif.sheet import INPUTS, Edits, Sheet
from console.ui.draw.whatif import View, whatif_lines
from console.ui.keys import Context, bindings
from console.ui.widgets.pane import Pane
from console.ui.widgets.rows import Rows

_STARTS = frozenset("0123456789.$")
"""Characters that start typing a value."""
_TYPED = _STARTS | frozenset("kKMBGeE%¢_,+- ")
"""Characters a value may hold; the rest are refused so that a slip is no surprise."""
_LONGEST = 24


class WhatifPane(Pane):
    """Editable inputs, and every figure recomputed at each keystroke."""

    BINDINGS = bindings(Context.WHATIF)
    can_focus = True
    number = 4
    name_ = "What-if"
    help_ = (
        "Monthly cost of four alternatives by the founding article's formulae, exactly as "
        "published: a 30-day month, API tokens at list price, a machine that is always on "
        "(720 hours) plus a twelfth of its set-up cost. ○ is the preset's figure, ✎ one you "
        "typed. ◆ marks where a machine becomes cheaper than an API, ▲ the requests a day of "
        "the sheet. The article's printed table and claims do not follow from its own formulae: "
        "x shows both."
    )

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._edits = Edits()
        self._cursor = 0
        self._typing: str | None = None
        self._complaint: str | None = None
        self._claims = False
        self._shown = Sheet()
        self._results = self._shown.results()

    def compose(self) -> ComposeResult:
        """One block of lines."""
        yield Rows(id="whatif-rows")

    @property
    def sheet(self) -> Sheet:
        """The committed inputs."""
        return self._edits.sheet

    @property
    def editing(self) -> bool:
        """Whether a value is being typed, so that letters belong to it."""
        return self._typing is not None

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """While a value is typed, its characters are no commands."""
        return self.editing and character is not None and character in _TYPED

    def on_resize(self, event: Resize) -> None:
        """Draw for the new size."""
        self._draw()

    def on_key(self, event: Key) -> None:
        """Digits type; while typing, keys edit the value."""
        character = event.character or ""
        if self._typing is None:
            if character in _STARTS and character:
                self._type(character)
                event.stop()
                event.prevent_default()
            return
        if event.key == "enter":
            self._commit()
        elif event.key == "backspace":
            self._type(self._typing[:-1])
        elif character and character in _TYPED:
            self._type((self._typing + character)[:_LONGEST])
        elif character and character.isprintable():
            self._complaint = f"{character!r} is not part of a number; Enter keeps, Escape restores"
            self._draw()
        else:
            return
        event.stop()
        event.prevent_default()

    def action_field(self, by: int) -> None:
        """Move to another input; what was typed is kept if it is a value."""
        if self._commit():
            self._cursor = max(0, min(len(INPUTS) - 1, self._cursor + by))
            self._draw()

    def action_step(self, direction: int) -> None:
        """One step up or down the ladder 1, 1.5, 2, 3, 5, 7."""
        if self._commit():
            self._to(self._edits.to(self.sheet.stepped(self._here, direction)))

    def action_default(self) -> None:
        """Back to the preset's figure for this input."""
        self._typing = self._complaint = None
        typed = {name: value for name, value in self.sheet.typed.items() if name != self._here}
        self._to(self._edits.to(Sheet(typed)))

    def action_undo(self) -> None:
        """One change back."""
        self.step_back()
        self._to(self._edits.undone())

    def action_redo(self) -> None:
        """One change forward again."""
        self.step_back()
        self._to(self._edits.redone())

    def action_explain(self) -> None:
        """Show, or hide, where the article's printed figures differ from its formulae."""
        self._claims = not self._claims
        self._draw()

    def step_back(self) -> bool:
        """Give up what is being typed, or close the explanation; false when there is neither."""
        was = self.editing or self._claims
        self._typing, self._complaint, self._claims = None, None, False
        self._to(self._edits)
        return was

    @property
    def _here(self) -> str:
        return INPUTS[self._cursor].name

    def _type(self, text: str) -> None:
        """Recompute with what is typed so far; figures stay as they were while it is no value."""
        self._typing = text
        try:
            shown = self.sheet.with_text(self._here, text)
        except ValueError as error:
            self._complaint = f"{INPUTS[self._cursor].label}: {error}"
        else:
            self._complaint = None
            self._compute(shown)
        self._draw()

    def _commit(self) -> bool:
        """Keep what was typed; false when it is no value and stays in the field."""
        if self._typing is None:
            return True
        if self._complaint is not None:
            return False
        self._typing = None
        self._to(self._edits.to(self._shown))
        return True

    def _to(self, edits: Edits) -> None:
        self._edits = edits
        self._compute(edits.sheet)
        self._draw()

    def _compute(self, sheet: Sheet) -> None:
        if sheet != self._shown:
            self._shown, self._results = sheet, sheet.results()

    def _draw(self) -> None:
        rows = self.query_one(Rows)
        view = View(
            self._shown,
            self._results,
            self._cursor,
            self._typing,
            self._complaint,
            self._claims,
        )
        rows.show(whatif_lines(view, rows.size.width, rows.size.height))
