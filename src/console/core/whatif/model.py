"""The comparison: one workload at an API and on a rig, its chart, and why a figure is so."""

from typing import NamedTuple

from console.core.whatif.api import ApiBill, api_bill
from console.core.whatif.breakeven import Breakeven, Lines, breakeven
from console.core.whatif.inputs import Inputs, traced
from console.core.whatif.rig import SelfBill, self_bill
from console.core.whatif.term import Term, named


def monthly_saving(inputs: Inputs) -> float:
    """What the rig saves a month against the API; negative when it costs more.

    Raises ValueError when the rig's limit of replicas cannot carry the peak.
    """
    own = self_bill(inputs.workload, inputs.self_host)
    if not own.feasible:
        raise ValueError(
            f"max_replicas {inputs.self_host.max_replicas:g} cannot carry the peak: "
            f"it takes {own.replicas:g}"
        )
    paid = named(api_bill(inputs.workload, inputs.api).total_usd, "api.total_usd", "$")
    return named(paid - named(own.total_usd, "self_host.total_usd", "$"), "saving_usd", "$")


class Comparison(NamedTuple):
    """Both bills, the saving and all crossovers; `saving_usd` is None when the rig is too small."""

    api: ApiBill
    own: SelfBill
    saving_usd: float | None
    breakeven: Breakeven


def compare(inputs: Inputs, q_max: float) -> Comparison:
    """The whole comparison, with the crossovers below `q_max` requests a day."""
    own = self_bill(inputs.workload, inputs.self_host)
    return Comparison(
        api=api_bill(inputs.workload, inputs.api),
        own=own,
        saving_usd=monthly_saving(inputs) if own.feasible else None,
        breakeven=breakeven(inputs, q_max),
    )


class Point(NamedTuple):
    """Both bills at a volume; `own_usd` is None where the rig cannot carry it."""

    requests_per_day: float
    api_usd: float
    own_usd: float | None


def chart(lines: Lines, low: float, high: float, count: int = 120) -> list[Point]:
    """Both bills at `count` volumes from `low` to `high`, evenly spaced on a logarithmic axis."""
    if not 0 < low < high or count < 2:
        raise ValueError("a chart needs two volumes above 0, the lower first, and 2 points or more")
    ratio = (high / low) ** (1 / (count - 1))
    volumes = [*(low * ratio**index for index in range(count - 1)), high]
    return [Point(q, lines.api(q), lines.own(q)) for q in volumes]


_BILLS: dict[str, frozenset[str]] = {
    "api": frozenset(ApiBill._fields),
    "self_host": frozenset(SelfBill._fields) - {"feasible"},
}


def figures() -> list[str]:
    """The names `explain` knows."""
    return ["saving_usd", *(f"{bill}.{name}" for bill in _BILLS for name in sorted(_BILLS[bill]))]


def explain(inputs: Inputs, figure: str) -> Term:
    """The tree of terms behind a figure, named as in `figures()`; its value is the figure's.

    Raises ValueError for a name it does not know.
    """
    inputs = traced(inputs)
    bill, _, name = figure.partition(".")
    if figure == "saving_usd":
        value = monthly_saving(inputs)
    elif name in _BILLS.get(bill, ()):
        of_api = bill == "api"
        shown: ApiBill | SelfBill = (
            api_bill(inputs.workload, inputs.api)
            if of_api
            else self_bill(inputs.workload, inputs.self_host)
        )
        value = getattr(shown, name)
    else:
        raise ValueError(f"{figure} is not a figure; try saving_usd or self_host.total_usd")
    return value if isinstance(value, Term) else Term(value, name=name or figure)
