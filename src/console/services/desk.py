"""One sitting at the what-if: a scenario under edit, its undo, its pins, and its figures."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from console.core.whatif.advice import advice
from console.core.whatif.alternatives import Results, evaluate
from console.core.whatif.article_sheet import BY_NAME, INPUTS, ArticleSheet
from console.core.whatif.article_sheet import Results as ArticleResults
from console.core.whatif.fields import Field, Kind, Value
from console.core.whatif.limits import warnings
from console.core.whatif.origin import TYPED, Origin, Source, assumed
from console.core.whatif.parse import Range, parse_value, step_decade
from console.core.whatif.presets import RTX_3090_PAIR
from console.core.whatif.scenario import ARTICLE_BASE, Scenario
from console.core.whatif.sheet import Sheet
from console.core.whatif.spread import QUICK, Spread, spread
from console.services.calculator import Calculator

PINS = ("a", "b", "c")

_ARTICLE = assumed("the article's own figure")


@dataclass(frozen=True, slots=True)
class Row:
    """An input as the sheet shows it."""

    field: Field
    value: Value
    source: Source
    changed: bool

    @property
    def name(self) -> str:
        """Its name, as in `--set`."""
        return self.field.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Everything computed from one scenario; of the two results one is there."""

    scenario: Scenario
    rows: tuple[Row, ...]
    results: Results | None = None
    article: ArticleResults | None = None
    article_sheet: ArticleSheet | None = None
    spread: Spread | None = None
    advice: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Edits:
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
        base = self.calculator.world.bases.get("my-ledger")
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

    def refine(self, results: Results, better: Spread) -> bool:
        """Put in intervals that took longer; false when they are of figures no longer shown."""
        if self.figures.results is not results:
            return False
        self.figures = replace(self.figures, spread=better)
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


def compute(calculator: Calculator, scenario: Scenario) -> Figures:
    """The figures of a scenario, with the intervals that a keystroke has time for.

    Raises ValueError with a sentence when it is impossible.
    """
    bases = calculator.bases()
    base_field = Field("", "base", "start from", kind=Kind.CHOICE, choices=bases)
    base = Row(base_field, scenario.base, assumed("what is not typed comes from here"), False)
    if scenario.base == ARTICLE_BASE:
        return _article(scenario, base)
    sheet = calculator.sheet(scenario)
    results = evaluate(sheet)
    try:
        quick = spread(results, n=QUICK, seed=1)
    except ValueError:
        quick = None
    return Figures(
        scenario=scenario,
        rows=(base, *_rows(sheet)),
        results=results,
        spread=quick,
        advice=tuple(advice(results, calculator.world.today)),
    )


def _rows(sheet: Sheet) -> list[Row]:
    changes = sheet.scenario.changes
    return [
        Row(
            each,
            changes[each.name] if isinstance(changes.get(each.name), Range)
            else sheet.value(each.name),
            sheet.source(each.name),
            each.name in changes,
        )
        for each in sheet.fields()
    ]  # fmt: skip


def _article(scenario: Scenario, base: Row) -> Figures:
    typed = _numbers(scenario.changes)
    sheet = ArticleSheet(typed)
    results = sheet.results()
    rows = [
        Row(
            Field(each.group, each.name, each.label, each.unit),
            sheet.value(each.name),
            TYPED if each.name in typed else _ARTICLE,
            each.name in typed,
        )
        for each in INPUTS
    ]
    w = sheet.workload()
    rps = sheet.value("llama_70b.rps")
    said = warnings(
        RTX_3090_PAIR,
        input_tok_s=rps * w.input_tokens,
        output_tok_s=rps * w.output_tokens,
    )
    return Figures(
        scenario=scenario,
        rows=(base, *rows),
        article=results,
        article_sheet=sheet,
        advice=(*said, "the article's month has 720 hours; its table differs from its formulae"),
    )


def _numbers(changes: Mapping[str, Value]) -> dict[str, float]:
    return {
        name: float(value)
        for name, value in changes.items()
        if name in BY_NAME and isinstance(value, int | float) and value != BY_NAME[name].preset
    }


def _without(sentence: str, label: str) -> str:
    """A sentence without the label it begins with, which stands before it already."""
    return sentence.removeprefix(f"{label}: ")
