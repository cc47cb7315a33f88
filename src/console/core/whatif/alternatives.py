"""All alternatives of a sheet at its volume and along the chart, and every crossover of the rig."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from math import floor, log10

from console.core.whatif.api import ApiBill, api_bill
from console.core.whatif.breakeven import Breakeven, Crossover, Kind, Lines, Side, cross, lines
from console.core.whatif.card import Card
from console.core.whatif.case import View
from console.core.whatif.design import api_slope, burst_lines, hybrid_lines
from console.core.whatif.hybrid import burst_bill, hybrid_bill
from console.core.whatif.inputs import Inputs
from console.core.whatif.offer import Offer
from console.core.whatif.rig import SelfBill, self_bill
from console.core.whatif.sheet import Sheet

LOW, HIGH = 100.0, 1_000_000.0
"""Requests a day at the ends of the chart, moved when the sheet's own volume lies outside."""


class Role(StrEnum):
    """What an alternative is."""

    API = "api"
    OPEN = "open weights, hosted"
    OWN = "own rig"
    HYBRID = "hybrid"
    BURST = "burst"


Bill = Callable[[float], float | None]
"""Dollars a month at so many requests a day; None where it cannot be done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alternative:
    """One way to serve the workload: its month and the month's parts.

    `usd` is None when it cannot be done or priced, and `trouble` says why.
    """

    key: str
    name: str
    role: Role
    usd: float | None
    parts: tuple[tuple[str, float], ...] = ()
    trouble: str = ""
    at: Bill = lambda _: None

    @property
    def local(self) -> bool:
        """Whether it runs on the operator's rig, at least in part."""
        return self.role in (Role.OWN, Role.HYBRID, Role.BURST)


@dataclass(frozen=True, slots=True, kw_only=True)
class Duel:
    """The rig against one API model: every volume at which the cheaper one changes."""

    key: str
    name: str
    breakeven: Breakeven

    def reason(self, crossover: Crossover) -> str:
        """Why the cheaper side changes there, in words."""
        if crossover.kind is Kind.INFEASIBLE:
            return "the rig's most replicas carry no more"
        if crossover.cheaper_above is Side.SELF:
            return f"the rig becomes cheaper than {self.name}"
        if crossover.kind is Kind.STEP:
            count = self.breakeven.lines.replicas(crossover.requests_per_day * (1 + 1e-6))
            return f"replica {count:,.0f} is added, {self.name} cheaper again"
        return f"{self.name} becomes cheaper than the rig"

    @property
    def verdict(self) -> str:
        """How it ends: from where on the rig is cheaper for good, or that it never is."""
        if self.breakeven.for_good_from is not None:
            return f"for good from {self.breakeven.for_good_from:,.0f}"
        if not self.breakeven.crossovers and self.breakeven.regions[0].cheaper is Side.API:
            return f"never up to {self.breakeven.q_max:,.0f}"
        return "not for good"


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """Every figure of a sheet that one keystroke needs; `saving_usd` is API less rig."""

    sheet: Sheet
    api: ApiBill
    own: SelfBill
    alternatives: tuple[Alternative, ...]
    duels: tuple[Duel, ...]
    saving_usd: float | None
    low: float
    high: float

    @property
    def cheapest(self) -> Alternative | None:
        """The alternative with the lowest month."""
        known = [each for each in self.alternatives if each.usd is not None]
        return min(known, key=lambda each: each.usd or 0.0, default=None)

    def alternative(self, key: str) -> Alternative | None:
        """The alternative of that key."""
        return next((each for each in self.alternatives if each.key == key), None)

    def curves(self, points: int) -> list[list[tuple[float, float | None]]]:
        """Each alternative's month over requests a day, on a logarithmic grid."""
        first, last = log10(self.low), log10(self.high)
        step = (last - first) / (points - 1)
        volumes = [10 ** (first + step * index) for index in range(points)]
        return [[(q, each.at(q)) for q in volumes] for each in self.alternatives]

    @property
    def unpriced(self) -> tuple[str, ...]:
        """What could not be priced, and why."""
        return tuple(
            f"{each.name}: {each.trouble}"
            for each in self.alternatives
            if each.trouble and not each.local
        )


def evaluate(sheet: Sheet) -> Results:
    """All figures of a sheet.

    Raises ValueError when the comparison itself has an impossible input; an alternative beside it
    that cannot be priced says so itself.
    """
    inputs = sheet.case.counted
    q = inputs.workload.requests_per_day
    both = lines(inputs)
    low, high = chart_ends(q, sheet.base.here.p50 if sheet.base.here else None)
    paid, own = api_bill(inputs.workload, inputs.api), self_bill(inputs.workload, inputs.self_host)
    found = [_own(own, both), _api(sheet.offer, paid, both)]
    duels = [Duel(key=sheet.offer.key, name=sheet.offer.listing.short, breakeven=cross(both, high))]
    for offer in sheet.versus:
        other, lines_of = beside(offer, inputs, both)
        found.append(other)
        if lines_of is not None:
            crossed = cross(lines_of, high)
            duels.append(Duel(key=offer.key, name=offer.listing.short, breakeven=crossed))
    if sheet.shows("hybrid"):
        found.append(_hybrid(sheet, inputs))
    if sheet.shows("burst"):
        found.append(_burst(sheet, inputs))
    return Results(
        sheet=sheet,
        api=paid,
        own=own,
        alternatives=tuple(found),
        duels=tuple(duels),
        saving_usd=paid.total_usd - own.total_usd if own.feasible else None,
        low=low,
        high=high,
    )


def chart_ends(*volumes: float | None) -> tuple[float, float]:
    """The ends of the chart, so that every volume lies inside."""
    known = [volume for volume in volumes if volume]
    low = min([LOW, *(10.0 ** floor(log10(volume)) for volume in known)])
    return low, max([HIGH, *(10.0 ** (floor(log10(volume)) + 1) for volume in known)])


def with_card(both: Lines, inputs: Inputs, card: Card) -> Lines:
    """The rig's line against another card's."""
    return replace(
        both,
        api_slope=api_slope(inputs.workload, card),
        api_commit=card.min_commit_usd_per_month * (1 + card.tax_rate),
    )


def _api(offer: Offer, bill: ApiBill, both: Lines) -> Alternative:
    parts = ("input", "cache_read", "cache_write", "output", "fees", "discount", "commit_topup",
             "tax")  # fmt: skip
    return Alternative(
        key=offer.key,
        name=offer.listing.short,
        role=Role.OPEN if offer.listing.open_weights else Role.API,
        usd=bill.total_usd,
        parts=_parts(bill, parts),
        at=both.api,
    )


def beside(offer: Offer, inputs: Inputs, both: Lines) -> tuple[Alternative, Lines | None]:
    """Another API model's month of the same traffic, and its line against the rig's."""
    try:
        if offer.card is None:
            raise ValueError(offer.trouble)
        bill = api_bill(inputs.workload, offer.card)
        other = with_card(both, inputs, offer.card)
    except ValueError as error:
        role = Role.OPEN if offer.listing.open_weights else Role.API
        name = offer.listing.short
        return Alternative(key=offer.key, name=name, role=role, usd=None, trouble=str(error)), None
    return _api(offer, bill, other), other


_OWN_PARTS = ("capital", "rent", "setup", "energy", "ops", "facility", "maintenance")


def _own(bill: SelfBill, both: Lines) -> Alternative:
    trouble = "" if bill.feasible else f"the peak takes {bill.replicas:,.0f} replicas"
    return Alternative(
        key="own",
        name="own rig",
        role=Role.OWN,
        usd=bill.total_usd if bill.feasible else None,
        parts=_parts(bill, _OWN_PARTS),
        trouble=trouble,
        at=both.own,
    )


def _hybrid(sheet: Sheet, inputs: Inputs) -> Alternative:
    plan = sheet.case.hybrid
    name = f"hybrid {plan.share_self:.0%}/{1 - plan.share_self:.0%}"
    try:
        bill = hybrid_bill(plan.parts(inputs.workload), inputs.api, inputs.self_host)
        at = hybrid_lines(inputs, plan).total
    except ValueError as error:
        return Alternative(key="hybrid", name=name, role=Role.HYBRID, usd=None, trouble=str(error))
    parts = (
        ("rig", bill.local_usd),
        ("complex", bill.api_complex_usd),
        ("escalated", bill.api_escalated_usd),
        ("commitment", bill.api_commit_topup_usd),
    )
    return Alternative(
        key="hybrid",
        name=name,
        role=Role.HYBRID,
        usd=bill.total_usd,
        parts=tuple(part for part in parts if part[1]),
        at=at,
    )


def _burst(sheet: Sheet, inputs: Inputs) -> Alternative:
    plan, hours = sheet.case.burst, sheet.hours
    name = f"burst over {plan.replicas:,.0f}"
    try:
        bill = burst_bill(inputs.workload, inputs.api, inputs.self_host, int(plan.replicas), hours)
        at = burst_lines(inputs, plan, hours).total
    except ValueError as error:
        return Alternative(key="burst", name=name, role=Role.BURST, usd=None, trouble=str(error))
    return Alternative(
        key="burst",
        name=name,
        role=Role.BURST,
        usd=bill.total_usd,
        parts=(("rig", bill.own.total_usd), ("overflow", bill.api.total_usd)),
        at=at,
    )


def _parts(bill: object, names: Sequence[str]) -> tuple[tuple[str, float], ...]:
    found: Mapping[str, float] = {name: getattr(bill, f"{name}_usd") for name in names}
    return tuple((name.replace("_", " "), usd) for name, usd in found.items() if usd)


def counted_view(sheet: Sheet) -> str:
    """Which costs of the rig are counted, in words."""
    if sheet.case.reading.view is View.RUNNING:
        return "running cost only: the hardware is already owned"
    return "full cost"
