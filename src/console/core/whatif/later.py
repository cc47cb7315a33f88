"""The figures that come after the rest: payback, net present value, CO₂."""

from typing import NamedTuple

from console.core.whatif.alternatives import Results
from console.core.whatif.investment import Investment, investment


class Later(NamedTuple):
    """What the purchase is worth, and the rig's CO₂ a month; `trouble` says why there is none."""

    investment: Investment | None
    kgco2: float | None
    trouble: str = ""


def later(results: Results) -> Later:
    """The slow figures of results that are on screen already."""
    case = results.sheet.case
    kgco2 = results.own.kgco2 if results.own.feasible else None
    try:
        return Later(investment=investment(case.inputs, case.outlook), kgco2=kgco2)
    except ValueError as error:
        return Later(investment=None, kgco2=kgco2, trouble=str(error))
