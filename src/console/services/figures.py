"""The figures of one scenario, as every front end shows them: its rows and its results."""

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from console.core.retirement import retired
from console.core.whatif.advice import advice
from console.core.whatif.alternatives import Results, evaluate
from console.core.whatif.article_sheet import BY_NAME, INPUTS, ArticleSheet
from console.core.whatif.article_sheet import Results as ArticleResults
from console.core.whatif.fields import Field, Kind, Value
from console.core.whatif.limits import warnings
from console.core.whatif.origin import TYPED, Source, assumed
from console.core.whatif.parse import Range
from console.core.whatif.presets import RTX_3090_PAIR
from console.core.whatif.scenario import ARTICLE_BASE, Scenario
from console.core.whatif.sheet import Sheet
from console.services.calculator import Calculator

if TYPE_CHECKING:
    from console.core.whatif.spread import Spread

_ARTICLE = assumed("the article's own figure")


class Row(NamedTuple):
    """An input as the sheet shows it."""

    field: Field
    value: Value
    source: Source
    changed: bool

    @property
    def name(self) -> str:
        """Its name, as in `--set`."""
        return self.field.name


class Figures(NamedTuple):
    """Everything computed from one scenario; of the two results one is there."""

    scenario: Scenario
    rows: tuple[Row, ...]
    results: Results | None = None
    article: ArticleResults | None = None
    article_sheet: ArticleSheet | None = None
    spread: "Spread | None" = None
    advice: tuple[str, ...] = ()


def compute(calculator: Calculator, scenario: Scenario) -> Figures:
    """The figures of a scenario, with the intervals that a keystroke has time for.

    Raises ValueError with a sentence when it is impossible.
    """
    bases = calculator.bases()
    base_field = Field("", "base", "start from", kind=Kind.CHOICE, choices=bases)
    base = Row(base_field, scenario.base, assumed("what is not typed comes from here"), False)
    if scenario.base == ARTICLE_BASE:
        return _article(scenario, base, calculator.world.today)
    from console.core.whatif.spread import QUICK, spread

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


def _article(scenario: Scenario, base: Row, today: str) -> Figures:
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
    gone = retired("claude-3-5-sonnet-20241022", date.fromisoformat(today))
    return Figures(
        scenario=scenario,
        rows=(base, *rows),
        article=results,
        article_sheet=sheet,
        advice=(
            *said,
            *([gone] if gone else []),
            "the article's month has 720 hours; its table differs from its formulae",
        ),
    )


def _numbers(changes: Mapping[str, Value]) -> dict[str, float]:
    return {
        name: float(value)
        for name, value in changes.items()
        if name in BY_NAME and isinstance(value, int | float) and value != BY_NAME[name].preset
    }
