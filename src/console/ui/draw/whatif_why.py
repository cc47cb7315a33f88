"""Why a figure is so, what moves it, and how sure it is: the what-if's longer answers as lines."""

from collections.abc import Sequence

from console.core.text import one_line
from console.core.whatif.alternatives import Results
from console.core.whatif.decision import Ruling
from console.core.whatif.distribution import chance, draws_share
from console.core.whatif.explain import branches, explain
from console.core.whatif.fields import Kind
from console.core.whatif.scenario import field_of
from console.core.whatif.sensitivity import Tornado
from console.core.whatif.spread import Spread
from console.core.whatif.term import Term
from console.ui.draw.line import Line, Run
from console.ui.draw.whatif_words import cut, number, span, usd_span, whole
from console.ui.draw.wrap import wrapped


def explain_lines(results: Results, figures: Sequence[str], width: int) -> list[Line]:
    """The trees of some figures, one below the other."""
    lines: list[Line] = []
    for figure in figures:
        try:
            term = explain(results, figure)
        except ValueError as error:
            lines += [[(figure, "strong"), (f"  {error}", "dim")], [("", "")]]
            continue
        lines += tree_lines(term, results, figure, width)
        lines.append([("", "")])
    return lines


def tree_lines(term: Term, results: Results | None, title: str, width: int) -> list[Line]:
    """One tree: a figure, what it is made of, down to inputs and where they come from."""
    sheet = results.sheet if results is not None else None
    lines: list[Line] = []
    for branch in branches(term, sheet, most=120):
        name = branch.name if branch.depth else title
        value = _valued(branch.value, branch.unit)
        deep = min(2 * branch.depth, width // 3)
        runs: list[Run] = [(" " * deep, "")]
        if name:
            runs.append((f"{name.replace('_usd', '')} ", "strong" if not branch.depth else ""))
        runs.append((value, "accent" if branch.formula else "good"))
        if branch.formula:
            runs.append((f" = {branch.formula}", "dim"))
        if branch.source:
            runs.append((f"  {one_line(branch.source)}", "dim"))
        lines += _indented(runs, width, deep + 2)
    return lines


def _valued(value: float, unit: str) -> str:
    if unit == "$":
        return f"${value:,.2f}" if abs(value) >= 0.01 or not value else f"${value:.3g}"
    text = f"{value:.6g}" if 0 < abs(value) < 1 else number(round(value, 4))
    return f"{text} {unit}".rstrip()


def _indented(runs: Sequence[Run], width: int, by: int) -> list[Line]:
    first, *rest = wrapped(runs, width)
    if not rest:
        return [first]
    more = wrapped([run for line in rest for run in line], max(10, width - by))
    return [first, *([(" " * by, ""), *line] for line in more)]


def tornado_lines(found: Tornado, against: str, width: int) -> list[Line]:
    """One bar for each uncertain input, the widest first; a flip of the answer is called out.

    At each end of a bar stand the saving there and the input's value that leads to it.
    """
    base = found.base_saving_usd
    lines: list[Line] = [
        *wrapped(
            [
                (f"what the rig saves a month against {against}, one input at a time: ", "dim"),
                (whole(base), "strong"),
            ],
            width,
        ),
        [("", "")],
    ]
    if not found.bars and not found.impossible:
        return [*lines, [("no input is uncertain: type a range, as 1.3..4.3", "dim")]]
    ends = [value for bar in found.bars for value in (bar.at_low, bar.at_high)]
    low, high = min([base, *ends]), max([base, *ends])
    names = min(26, max(18, width // 4))
    room = max(8, width - names - 42)
    for bar in found.bars:
        (less, lesser), (more, greater) = sorted(
            ((bar.at_low, bar.low), (bar.at_high, bar.high)), key=lambda end: end[0]
        )
        cells = [" "] * room
        for column in range(_column(less, low, high, room), _column(more, low, high, room) + 1):
            cells[column] = "━"
        cells[_column(base, low, high, room)] = "┃"
        runs: list[Run] = [
            (f"{_name(bar.input)[:names]:<{names}}", ""),
            (f"{_end(bar.input, lesser):>8} ", "dim"),
            (f"{whole(less):>8} ", ""),
            ("".join(cells), "accent"),
            (f" {whole(more):<8}", ""),
            (f" {_end(bar.input, greater):<8}", "dim"),
        ]
        lines.append(cut([*runs, (" flips", "warn")] if bar.flips_sign else runs, width))
    said = "outside: the input's value that leads there; flips: the cheaper side changes"
    lines += [[("", "")], *wrapped([(said, "dim")], width)]
    for text in found.impossible:
        lines += wrapped([("not possible: ", "warn"), (one_line(text), "")], width)
    return lines


def _name(name: str) -> str:
    """An input's label and unit."""
    field = field_of(name)
    return f"{field.label} {field.unit}".rstrip()


def _end(name: str, value: float) -> str:
    if field_of(name).kind is Kind.SHARE:
        return f"{value * 100:.3g}%"
    return number(float(f"{value:.4g}"))


def _column(value: float, low: float, high: float, room: int) -> int:
    return round((value - low) / (high - low) * (room - 1)) if high > low else 0


def spread_lines(results: Results, known: Spread, width: int) -> list[Line]:
    """The Monte Carlo: months, savings and crossovers as intervals."""
    lines: list[Line] = [
        [(f"{known.n:,} draws, seed {known.seed}, {len(known.uncertain)} uncertain inputs", "dim")],
        [("P5 … P50 … P95", "dim")],
        [("", "")],
    ]
    for each in results.alternatives:
        month = known.months.get(each.key)
        if month is not None:
            figures = " … ".join(whole(value) for value in (month.p5, month.p50, month.p95))
            lines.append(cut([(f"{each.name:<22}", ""), (figures, "strong"), (" a month", "dim")],
                             width))  # fmt: skip
    for duel in results.duels:
        of = known.duels.get(duel.key)
        if of is None:
            continue
        lines.append([("", "")])
        lines.append([(f"{duel.who} against {duel.name}", "strong")])
        saves = "-" if of.saving is None else usd_span(of.saving)
        lines.append(
            [("  saves ", ""), (saves, "strong"), (f"  P(saves) {chance(of.p_saving)}", "")]
        )
        for place, crossing in enumerate(of.crossings):
            lines.append(
                cut(
                    [
                        (f"  crossover {place + 1}: ", ""),
                        (f"{crossing.at.p50:,.0f} {span(crossing.at)}", "strong"),
                        (f" in {draws_share(crossing.share)} of draws", "dim"),
                    ],
                    width,
                )
            )
        lines.append([(f"  no crossover in {draws_share(of.never)} of draws", "dim")])
        if of.for_good is not None:
            text = f"  for good from {of.for_good.p50:,.0f} {span(of.for_good)}"
            lines.append([(text, ""), (f" in {draws_share(of.for_good_share)} of draws", "dim")])
    if known.impossible:
        text = f"{known.impossible:,} draws had no possible rig and count nowhere"
        lines += [[("", "")], [(text, "warn")]]
    words = "drawn: " + ", ".join(known.uncertain)
    return [*lines, [("", "")], *wrapped([(words, "dim")], width)]


def panel_lines(
    rules: Sequence[Ruling],
    dimensions: Sequence[Ruling],
    verdict: str,
    advice: Sequence[str],
    width: int,
) -> list[Line]:
    """The decision panel: verdict, ten rows, six dimensions, and every warning."""
    overruled = any(rule.mandatory for rule in rules)
    lines: list[Line] = [*wrapped([(verdict, "bad" if overruled else "strong")], width), [("", "")]]
    for title, rulings in (("the decision table", rules), ("six dimensions", dimensions)):
        lines.append([(title, "dim")])
        for ruling in rulings:
            lines += _ruling(ruling, width, dim=overruled and not ruling.mandatory)
        lines.append([("", "")])
    if advice:
        lines.append([("warnings", "dim")])
        for text in advice:
            lines += _indented([("! ", "warn"), (one_line(text), "")], width, 2)
    return lines


def _ruling(ruling: Ruling, width: int, *, dim: bool) -> list[Line]:
    sign = {"numbers": "#", "mandatory": "!", "you: yes": "y", "you: no": "n"}.get(ruling.by, "?")
    hue = "bad" if ruling.mandatory else "accent" if ruling.by == "numbers" else "dim"
    runs: list[Run] = [
        (f"{sign} ", hue),
        (f"{ruling.subject:<42} ", "dim" if dim else ""),
        (f"{ruling.by}", hue),
        (f": {ruling.verdict}" if ruling.verdict else "", "dim" if dim else ""),
    ]
    return _indented(runs, width, 4)


def seek_lines(label: str, now: str, found: Sequence[str], width: int) -> list[Line]:
    """Which values of an input make the rig and the API cost the same."""
    lines: list[Line] = [
        [(f"{label} is {now}; the rig and the API cost the same at", "dim")],
        [("", "")],
    ]
    if not found:
        lines.append([("no value of it, between its bounds", "strong")])
    lines += [[(f"  {value}", "strong")] for value in found]
    return [cut(line, width) for line in lines]
