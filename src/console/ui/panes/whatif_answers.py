"""The what-if's longer answers, each as something to draw at any width, or a sentence."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from console import __version__
from console.core.whatif.fields import Kind
from console.core.whatif.later import Later, later
from console.core.whatif.scenario import Scenario
from console.services.asked import Asked
from console.services.calculator import Calculator
from console.services.desk import Desk
from console.services.figures import Figures, Row
from console.ui.draw.line import Line
from console.ui.draw.whatif import View, everything, whatif_lines
from console.ui.draw.whatif_article import claim_lines
from console.ui.draw.whatif_words import value_text

if TYPE_CHECKING:
    from console.core.whatif.alternatives import Results
    from console.core.whatif.spread import Spread

Drawn = Callable[[int], Sequence[Line]]
"""The lines of an answer for a width in cells."""

_ARTICLE_ONLY = "The article's preset has none of it; start from another base in the first row."


class Answers:
    """All that the pane asks of the engine and of what draws it.

    What few keys ask for is imported with its first answer.
    """

    def __init__(self, calculator: Calculator) -> None:
        self._calculator = calculator

    def begin(self) -> Desk:
        """A desk with what there is to begin with."""
        return Desk.begin(self._calculator, self._calculator.start())

    def page(self, view: View, width: int, height: int) -> list[Line]:
        """The pane itself."""
        return whatif_lines(view, width, height)

    def words(self, view: View) -> Drawn:
        """Every figure in words."""
        return partial(everything, view)

    def later(self, results: "Results") -> Later:
        """Payback, value and CO₂, which take longer; for any thread."""
        return later(results)

    def answer(self, what: str, figures: Figures, row: Row) -> tuple[str, Drawn | str]:
        """The title and lines, or the sentence, of why, panel, tornado or seek."""
        match what:
            case "panel":
                return "The decision", self.panel(figures)
            case "tornado":
                return "Tornado", self.tornado(figures)
            case "seek":
                return f"Goal seek: {row.field.label}", self.seek(figures, row)
        return "Why", self.why(figures)

    def why(self, figures: Figures) -> Drawn:
        """The trees behind the figures on screen; of the article what it misprints."""
        from console.core.whatif.explain import figures as figure_names
        from console.ui.draw.whatif_why import explain_lines

        results = figures.results
        if results is None:
            return claim_lines
        names = figure_names(results)
        shown = [name for name in names if "." not in name or name.split(".")[0] != "self_host"]
        wanted = ["self_host.total_usd", *[name for name in shown if name[:4] != "api."]]
        return lambda width: explain_lines(results, wanted, width)

    def panel(self, figures: Figures) -> Drawn | str:
        """The decision panel."""
        from console.core.whatif import decision
        from console.ui.draw.whatif_why import panel_lines

        results, known = figures.results, figures.spread
        if results is None:
            return _ARTICLE_ONLY
        rules = decision.table(results, known)
        six = decision.dimensions(results, known)
        said = decision.verdict(results, known)
        return lambda width: panel_lines(rules, six, said, figures.advice, width)

    def tornado(self, figures: Figures) -> Drawn | str:
        """The tornado of the uncertain inputs."""
        from console.core.whatif.sensitivity import tornado
        from console.ui.draw.whatif_why import tornado_lines

        results = figures.results
        if results is None:
            return _ARTICLE_ONLY
        sheet = results.sheet
        ranges = {
            name: (source.low, source.high)
            for name in sheet.distributions()
            if name.partition(".")[0] in ("workload", "api", "self_host")
            and (source := sheet.source(name)).low is not None
            and source.high is not None
        }
        try:
            found = tornado(sheet.case.counted, ranges)
        except ValueError as error:
            return f"No tornado: {error}."
        against = sheet.offer.listing.short
        return lambda width: tornado_lines(found, against, width)

    def seek(self, figures: Figures, row: Row) -> Drawn | str:
        """The values of an input at which rig and API cost the same."""
        from console.core.whatif.sensitivity import goal_seek
        from console.ui.draw.whatif_why import seek_lines

        results = figures.results
        if results is None:
            return _ARTICLE_ONLY
        group = row.name.partition(".")[0]
        if row.field.kind is Kind.CHOICE or group not in ("workload", "api", "self_host"):
            return f"{row.field.label} is nothing a break-even can be sought in."
        low, high = bounds(row)
        try:
            found = goal_seek(results.sheet.case.counted, row.name, low, high)
        except ValueError as error:
            return f"No goal seek: {error}."
        shown = [value_text(Row(row.field, value, row.source, True)) for value in found]
        return lambda width: seek_lines(row.field.label, value_text(row), shown, width)

    def draws(self, results: "Results", known: "Spread") -> Drawn:
        """The intervals."""
        from console.ui.draw.whatif_why import spread_lines

        return lambda width: spread_lines(results, known, width)

    def pins(self, columns: Mapping[str, Figures]) -> Drawn:
        """Pinned scenarios side by side."""
        from console.ui.draw.whatif_pins import pin_lines

        return lambda width: pin_lines(columns, width)

    def policies(self) -> tuple[str, ...]:
        """The names of all replay policies."""
        return self._calculator.replays.names()

    def replay(self, figures: Figures, asked: Asked, progress: Callable[[float], None]) -> Drawn:
        """The ledger's last days under another policy; slow, so not on the event loop."""
        from console.ui.draw.whatif_replay import replay_lines

        results = figures.results
        if results is None:
            # The article has no rig to replay on; its corrected form has.
            results = self._calculator.results(figures.scenario.on("article-corrected"))
        replays = self._calculator.replays
        chosen = replays.named(asked.policy, results.sheet)
        found = replays.run(
            results,
            chosen,
            asked.policy,
            days=asked.days,
            price_at=asked.price_at,
            progress=lambda share: progress(share / 2),
        )
        waits = replays.check(
            chosen,
            results.sheet,
            days=asked.days,
            progress=lambda share: progress(0.5 + share / 2),
        )
        found = replace(found, queueing=waits)
        return lambda width: replay_lines(found, width)

    def save(self, name: str, scenario: Scenario) -> str:
        """Save the scenario; what to tell."""
        try:
            return f"Saved as {self._calculator.shelf.save(name, scenario)}."
        except (OSError, ValueError) as error:
            return f"Not saved: {error}"

    def load(self, name: str, desk: Desk) -> str:
        """Put a saved scenario on the desk; what to tell when it cannot be."""
        try:
            scenario = self._calculator.shelf.load(name)
        except (OSError, ValueError) as error:
            return f"Not opened: {error}"
        if desk.put(scenario):
            return ""
        said, desk.complaint = desk.complaint, None
        return f"Not opened: {said}"

    def export(self, figures: Figures) -> str:
        """Write JSON, CSV and Markdown of what is shown; what to tell."""
        from console.core.whatif.report import as_csv, as_document, as_json, as_markdown

        results = figures.results
        if results is None:
            return _ARTICLE_ONLY
        document = as_document(results, figures.spread, later(results), figures.advice, __version__)
        texts = {
            "whatif.json": as_json(document),
            "whatif.csv": as_csv(results),
            "whatif.md": as_markdown(document),
        }
        try:
            paths = [self._calculator.shelf.export(name, text) for name, text in texts.items()]
        except (OSError, ValueError) as error:
            return f"Not exported: {error}"
        return f"Exported {', '.join(paths)}."

    def command(self, figures: Figures) -> str:
        """The command line that computes the same."""
        from console.core.whatif.report import command

        return command(figures.scenario)


def bounds(row: Row) -> tuple[float, float]:
    """Between which values a break-even is sought: the row's own bounds, or far round its value."""
    value = row.value if isinstance(row.value, int | float) else 1.0
    low, high = row.field.low, row.field.high
    if high is None:
        high = max(1.0, value * 1000)
        if row.name == "workload.requests_per_day":
            high = 1e7
    if low == 0 and row.field.kind is Kind.NUMBER and value > 0:
        low = min(value, 1.0) / 1e4
    return low, high
