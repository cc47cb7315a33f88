"""One sitting at the what-if: a scenario under edit, its undo, its pins, and its figures."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from console.core.whatif.alternatives import Results
from console.core.whatif.bases import LEDGER_BASE
from console.core.whatif.fields import Kind, Value
from console.core.whatif.origin import Origin
from console.core.whatif.parse import Range, parse_value, step_decade
from console.core.whatif.scenario import ARTICLE_BASE, Scenario
from console.services.calculator import Calculator
from console.services.figures import Figures, Row, compute

if TYPE_CHECKING:
    from console.core.whatif.spread import Spread

PINS = ("a", "b", "c")


class Edits(NamedTuple):
    """A scenario and the way there: `u` goes back, `U` forward again."""

    scenario: Scenario
    past: tuple[Scenario, ...] = ()
    future: tuple[Scenario, ...] = ()

    def to(self, scenario: Scenario) -> "Edits":
        """After a change; a change to the same values is none."""
        if scenario == self.scenario:
            return self
        return Edits(scenario, (*self.past, self.scenario))

    def undone(self) -> "Edits":
        """One change back."""
        if not self.past:
            return self
        return Edits(self.past[-1], self.past[:-1], (self.scenario, *self.future))

    def redone(self) -> "Edits":
        """One change forward again."""
        if not self.future:
            return self
        return Edits(self.future[0], (*self.past, self.scenario), self.future[1:])


@dataclass(slots=True)
class Desk:
    """What a front end drives by keys: it never raises, it has a `complaint` instead.

    While there is one, `figures` are those of the last scenario that was possible.
    """

    calculator: Calculator
    edits: Edits
    figures: Figures
    complaint: str | None = None
    pins: dict[str, Figures] = field(default_factory=dict)

    @classmethod
    def begin(cls, calculator: Calculator, scenario: Scenario) -> "Desk":
        """A desk with a scenario on it."""
        return cls(calculator, Edits(scenario), compute(calculator, scenario))

    @property
    def scenario(self) -> Scenario:
        """The scenario as it is committed."""
        return self.edits.scenario

    def try_text(self, name: str, text: str) -> bool:
        """Show the figures with `text` in an input, nothing kept; false when it is no value."""
        try:
            self.figures = compute(self.calculator, self._typed(name, text))
        except ValueError as error:
            self.complaint = f"{self._label(name)}: {_without(str(error), self._label(name))}"
            return False
        self.complaint = None
        return True

    def commit(self) -> None:
        """Keep what is shown."""
        self.edits = self.edits.to(self.figures.scenario)

    def restore(self) -> None:
        """Show what is kept."""
        self.complaint = None
        if self.figures.scenario != self.scenario:
            self.figures = compute(self.calculator, self.scenario)

    def set(self, name: str, value: Value) -> bool:
        """State an input; false when it is impossible."""
        return self._move(self._with(name, value), name)

    def step(self, name: str, direction: int, *, decade: bool = False) -> bool:
        """One step along an input's ladder, or ten times; at a bound nothing changes."""
        row = self.row(name)
        value = row.value
        if decade and isinstance(value, int | float) and row.field.kind is Kind.NUMBER:
            return self._move(self._with(name, step_decade(value, direction)), name)
        if not row.field.choices and row.field.kind is Kind.CHOICE:
            return False
        moved = self._move(self._with(name, row.field.stepped(value, direction)), name)
        if not moved:
            # A rung that is impossible is a bound, not a slip.
            self.restore()
        return moved

    def default(self, name: str) -> bool:
        """Back to the base's value of an input."""
        if name == "base":
            return self._move(self.calculator.start(), name)
        return self._move(self.scenario.without(name), name)

    def measured(self, name: str) -> bool:
        """Back to what the ledger says of an input; false when it says nothing."""
        base = self.calculator.world.bases.get(LEDGER_BASE)
        source = base.sources.get(name) if base is not None else None
        if base is None or source is None or source.origin is not Origin.MEASURED:
            self.complaint = f"{self._label(name)}: the ledger has no measurement of it"
            return False
        if self.scenario.base == base.name:
            return self.default(name)
        return self.set(name, round(float(base.case.get(name)), 6))

    def undo(self) -> None:
        """One change back."""
        self._show(self.edits.undone())

    def redo(self) -> None:
        """One change forward again."""
        self._show(self.edits.redone())

    def put(self, scenario: Scenario) -> bool:
        """Another scenario on the desk, as one change."""
        return self._move(scenario, "base")

    def pin(self, letter: str) -> None:
        """Keep the figures shown beside the others; the same again lets them go."""
        if letter in self.pins and self.pins[letter].scenario == self.figures.scenario:
            del self.pins[letter]
        else:
            self.pins[letter] = self.figures

    def swap(self) -> bool:
        """Take the next pinned scenario up for editing; false when nothing is pinned."""
        letters = [letter for letter in PINS if letter in self.pins]
        if not letters:
            return False
        here = [letter for letter in letters if self.pins[letter].scenario == self.scenario]
        at = (letters.index(here[0]) + 1) % len(letters) if here else 0
        return self.put(self.pins[letters[at]].scenario)

    def refine(self, results: Results, better: "Spread") -> bool:
        """Put in intervals that took longer; false when they are of figures no longer shown."""
        if self.figures.results is not results:
            return False
        self.figures = self.figures._replace(spread=better)
        return True

    def recompute(self) -> None:
        """Compute anew, as after the world has changed."""
        try:
            self.figures = compute(self.calculator, self.scenario)
        except ValueError as error:
            self.complaint = str(error)

    def row(self, name: str) -> Row:
        """A row by name; the first where it is not shown."""
        rows = self.figures.rows
        return next((row for row in rows if row.name == name), rows[0])

    def _typed(self, name: str, text: str) -> Scenario:
        if name == "api.model":
            return self._with(name, self.calculator.offer(text).key)
        row = self.row(name)
        if self.scenario.base == ARTICLE_BASE and name != "base":
            value = parse_value(text)
            if isinstance(value, Range):
                raise ValueError("the preset article has no ranges; type one number")
            return self._with(name, value)
        return self._with(name, row.field.parse(text))

    def _with(self, name: str, value: Value) -> Scenario:
        if name == "base":
            return self.scenario.on(str(value))
        return self.scenario.with_change(name, value)

    def _move(self, scenario: Scenario, name: str) -> bool:
        try:
            figures = compute(self.calculator, scenario)
        except ValueError as error:
            self.complaint = f"{self._label(name)}: {_without(str(error), self._label(name))}"
            return False
        self.complaint, self.figures = None, figures
        self.edits = self.edits.to(scenario)
        return True

    def _show(self, edits: Edits) -> None:
        self.edits, self.complaint = edits, None
        self.recompute()

    def _label(self, name: str) -> str:
        return self.row(name).field.label


def _without(sentence: str, label: str) -> str:
    """A sentence without the label it begins with, which stands before it already."""
    return sentence.removeprefix(f"{label}: ")
