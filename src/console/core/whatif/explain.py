"""Why a figure is what it is: its tree of terms down to inputs, each with where it comes from."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from console.core.whatif.alternatives import Results, design_curve
from console.core.whatif.api import api_bill
from console.core.whatif.breakeven import lines, meet
from console.core.whatif.curve import Curve
from console.core.whatif.design import api_curve
from console.core.whatif.duel import BURST, HYBRID, OWN
from console.core.whatif.hybrid import burst_bill, hybrid_bill
from console.core.whatif.inputs import Inputs, traced, traced_group
from console.core.whatif.investment import investment
from console.core.whatif.model import explain as explain_bills
from console.core.whatif.model import figures as bill_figures
from console.core.whatif.parse import grouped
from console.core.whatif.sheet import Sheet
from console.core.whatif.spread import MOST
from console.core.whatif.term import Term


def figures(results: Results) -> list[str]:
    """The figures that can be explained, the ones on screen first."""
    found = ["saving_usd", "self_host.total_usd", "api.total_usd"]
    found += [f"versus.{each.key}" for each in results.sheet.versus if each.card is not None]
    found += [name for name in ("hybrid", "burst") if results.alternative(name) is not None]
    found += [
        f"crossover.{place + 1}.{duel.key}"
        for duel in results.duels
        for place in range(min(MOST, len(duel.breakeven.crossovers)))
    ]
    found += ["npv_usd", "payback_months"]
    found += [name for name in bill_figures() if name not in found]
    return found


def explain(results: Results, figure: str) -> Term:
    """The tree of a figure of these results; its value is the one shown.

    Raises ValueError for an unknown name and for a figure there is none of.
    """
    sheet = results.sheet
    inputs = traced(sheet.case.counted)
    kind, _, rest = figure.partition(".")
    if kind == "versus":
        offer = next((each for each in sheet.versus if each.key == rest), None)
        if offer is None or offer.card is None:
            raise ValueError(f"{rest} is not compared here")
        return _term(api_bill(inputs.workload, _card(inputs, sheet, rest).api).total_usd, figure)
    if kind == "crossover":
        return _crossover(results, inputs, rest)
    if figure in ("npv_usd", "payback_months"):
        outlook = traced_group(sheet.case.outlook, "outlook")
        value = getattr(investment(traced(sheet.case.inputs), outlook), figure)
        if value is None:
            raise ValueError("it is not paid back within the horizon")
        return _term(value, figure)
    if figure == "hybrid":
        plan = traced_group(sheet.case.hybrid, "hybrid")
        bill = hybrid_bill(plan.parts(inputs.workload), inputs.api, inputs.self_host)
        return _term(bill.total_usd, figure)
    if figure == "burst":
        replicas = Term(sheet.case.burst.replicas, name="burst.replicas")
        burst = burst_bill(inputs.workload, inputs.api, inputs.self_host, replicas, sheet.hours)
        return _term(burst.total_usd, figure)
    if figure not in bill_figures():
        raise ValueError(f"{figure} is not a figure; try saving_usd or self_host.total_usd")
    return explain_bills(sheet.case.counted, figure)


def _card(inputs: Inputs, sheet: Sheet, key: str) -> Inputs:
    """The traced inputs with another model's card."""
    card = next(each.card for each in sheet.versus if each.key == key)
    assert card is not None
    return replace(inputs, api=traced(replace(sheet.case.counted, api=card)).api)


def _crossover(results: Results, inputs: Inputs, rest: str) -> Term:
    number, _, key = rest.partition(".")
    duel = next((each for each in results.duels if each.key == key), None)
    if duel is None or not number.isdigit() or int(number) < 1:
        raise ValueError(f"crossover.{rest} is not one; write crossover.1.{results.duels[0].key}")
    sheet = results.sheet
    both = lines(inputs)
    case = replace(sheet.case, hybrid=traced_group(sheet.case.hybrid, "hybrid"))

    def curve(name: str) -> Curve:
        if name == OWN:
            return both.own_curve
        if name == sheet.offer.key:
            return both.api_curve
        if name in (HYBRID, BURST):
            return design_curve(name, case, inputs, both, sheet.hours)
        return api_curve(inputs.workload, _card(inputs, sheet, name).api)

    found = meet(curve(duel.one), curve(duel.against), results.high).crossovers
    if int(number) > len(found):
        raise ValueError(
            f"{duel.who} and {duel.name} cross {len(found)} times below {results.high:,.0f}"
        )
    return _term(found[int(number) - 1].requests_per_day, "requests a day")


def _term(value: float, name: str) -> Term:
    return value if isinstance(value, Term) else Term(value, name=name)


@dataclass(frozen=True, slots=True)
class Branch:
    """One line of a tree: how deep, what, how much, made of what; an input says its source."""

    depth: int
    name: str
    value: float
    unit: str
    formula: str
    source: str = ""


def branches(term: Term, sheet: Sheet | None, most: int = 400) -> list[Branch]:
    """The tree as lines, parents before their parts.

    A part that was shown is not opened again, nor one that is 0.
    """
    found: list[Branch] = []
    seen: set[tuple[str, float]] = set()
    for branch in _walk(term, sheet, 0, seen):
        found.append(branch)
        if len(found) == most:
            break
    return found


def _walk(
    term: Term, sheet: Sheet | None, depth: int, seen: set[tuple[str, float]]
) -> Iterator[Branch]:
    source = ""
    if term.is_input and sheet is not None:
        group, _, own = term.name.partition(".")
        known = own and group in ("workload", "api", "self_host", "hybrid", "burst", "outlook")
        source = str(sheet.source(term.name)) if known else ""
    again = (term.name, float(term)) in seen and bool(term.op)
    parts = [part for part in _shown(term) if part.name or part.op]
    formula = "" if again else _formula(term)
    yield Branch(depth, term.name, float(term), term.unit, "as above" if again else formula, source)
    if term.name:
        seen.add((term.name, float(term)))
    # What is nothing needs no more lines than one.
    if again or (depth and not term):
        return
    for part in parts:
        if part.name or not (_plain(part) or _empty(part)):
            yield from _walk(part, sheet, depth + 1, seen)


def _shown(term: Term) -> tuple[Term, ...]:
    """The parts of a term; one that only has another name is passed through."""
    while term.op == "=" and len(term.parts) == 1 and not term.parts[0].is_input:
        term = term.parts[0]
    return term.parts


def _plain(term: Term) -> bool:
    """Whether a term is a bare number."""
    return not term.op and not term.name


def _empty(term: Term) -> bool:
    """Whether a term is nothing, made of nothing that has a name."""
    return not term and not any(part.name for part in term.parts)


def _formula(term: Term) -> str:
    if not term.op:
        return ""
    parts = _shown(term)
    op = term.op if term.op != "=" or parts == term.parts else term.parts[0].op
    words = [part.name or grouped(float(part)) for part in parts]
    if op in ("max", "ceil", "round"):
        return f"{op}({', '.join(words)})"
    return f" {op} ".join(words)
