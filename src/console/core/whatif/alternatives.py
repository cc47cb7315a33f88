"""All alternatives of a sheet at its volume and along the chart, and all that they cross."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from math import floor, log10
from typing import NamedTuple

from console.core.whatif.api import ApiBill, api_bill
from console.core.whatif.breakeven import Lines, lines
from console.core.whatif.case import Case, View
from console.core.whatif.curve import Curve
from console.core.whatif.design import api_curve, burst_curve, hybrid_curve
from console.core.whatif.duel import BURST, HYBRID, OWN, Duel, duels
from console.core.whatif.hybrid import burst_bill, hybrid_bill
from console.core.whatif.inputs import Inputs
from console.core.whatif.limits import PeakHour, peak_hour
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


class Alternative(NamedTuple):
    """One way to serve the workload: its month and the month's parts.

    `usd` is None when it cannot be done or priced, and `trouble` says why.
    """

    key: str
    name: str
    role: Role
    usd: float | None
    parts: tuple[tuple[str, float], ...] = ()
    trouble: str = ""
    curve: Curve | None = None

    def at(self, q: float) -> float | None:
        """Dollars a month at q requests a day; None where it cannot be done."""
        return None if self.curve is None else self.curve.at(q)

    @property
    def local(self) -> bool:
        """Whether it runs on the operator's rig, at least in part."""
        return self.role in (Role.OWN, Role.HYBRID, Role.BURST)


class Results(NamedTuple):
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

    @property
    def peak(self) -> PeakHour | None:
        """The peak hour on the rig; None where it cannot carry it."""
        queue, own = self.sheet.case.queue, self.own
        if not own.feasible or own.replicas < 1:
            return None
        return peak_hour(
            rps=own.peak_rps,
            replicas=own.replicas,
            replica_rps=own.replica_rps,
            slots=queue.slots,
            service_s=queue.service_s,
            wait_s=queue.wait_s,
        )

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
    first = sheet.offer.key
    curves = {OWN: both.own_curve, first: both.api_curve}
    found = [_own(own, curves[OWN]), _api(sheet.offer, paid, curves[first])]
    for offer in sheet.versus:
        other = _beside(offer, inputs)
        found.append(other)
        if other.curve is not None:
            curves[offer.key] = other.curve
    apis = [key for key in curves if key != OWN]
    for design, bill in ((HYBRID, _hybrid), (BURST, _burst)):
        if sheet.shows(design):
            curves[design] = design_curve(design, sheet.case, inputs, both, sheet.hours)
            found.append(bill(sheet, inputs, curves[design]))
    names = {offer.key: offer.listing.short for offer in (sheet.offer, *sheet.versus)}
    shown = [design for design in (HYBRID, BURST) if design in curves]
    return Results(
        sheet=sheet,
        api=paid,
        own=own,
        alternatives=tuple(found),
        duels=duels(apis, shown, curves, names, high),
        saving_usd=paid.total_usd - own.total_usd if own.feasible else None,
        low=low,
        high=high,
    )


def design_curve(
    design: str, case: Case, inputs: Inputs, both: Lines, hours: tuple[float, ...]
) -> Curve:
    """The bill of the hybrid or of the burst; `both` are the lines of the inputs."""
    if design == HYBRID:
        return hybrid_curve(inputs, case.hybrid, both)
    return burst_curve(inputs, case.burst, hours, both)


def chart_ends(*volumes: float | None) -> tuple[float, float]:
    """The ends of the chart, so that every volume lies inside."""
    known = [volume for volume in volumes if volume]
    low = min([LOW, *(10.0 ** floor(log10(volume)) for volume in known)])
    return low, max([HIGH, *(10.0 ** (floor(log10(volume)) + 1) for volume in known)])


def _api(offer: Offer, bill: ApiBill, curve: Curve) -> Alternative:
    parts = ("input", "cache_read", "cache_write", "output", "fees", "discount", "commit_topup",
             "tax")  # fmt: skip
    return Alternative(
        key=offer.key,
        name=offer.listing.short,
        role=Role.OPEN if offer.listing.open_weights else Role.API,
        usd=bill.total_usd,
        parts=_parts(bill, parts),
        curve=curve,
    )


def _beside(offer: Offer, inputs: Inputs) -> Alternative:
    """Another API model's month of the same traffic."""
    try:
        if offer.card is None:
            raise ValueError(offer.trouble)
        bill = api_bill(inputs.workload, offer.card)
        return _api(offer, bill, api_curve(inputs.workload, offer.card))
    except ValueError as error:
        role = Role.OPEN if offer.listing.open_weights else Role.API
        name = offer.listing.short
        return Alternative(key=offer.key, name=name, role=role, usd=None, trouble=str(error))


_OWN_PARTS = ("capital", "rent", "setup", "energy", "ops", "facility", "maintenance")


def _own(bill: SelfBill, curve: Curve) -> Alternative:
    trouble = "" if bill.feasible else f"the peak takes {bill.replicas:,.0f} replicas"
    return Alternative(
        key=OWN,
        name="own rig",
        role=Role.OWN,
        usd=bill.total_usd if bill.feasible else None,
        parts=_parts(bill, _OWN_PARTS),
        trouble=trouble,
        curve=curve,
    )


def _hybrid(sheet: Sheet, inputs: Inputs, curve: Curve) -> Alternative:
    plan = sheet.case.hybrid
    name = f"hybrid {plan.share_self:.0%}/{1 - plan.share_self:.0%}"
    try:
        bill = hybrid_bill(plan.parts(inputs.workload), inputs.api, inputs.self_host)
    except ValueError as error:
        return Alternative(
            key=HYBRID, name=name, role=Role.HYBRID, usd=None, trouble=str(error), curve=curve
        )
    parts = (
        ("rig", bill.local_usd),
        ("complex", bill.api_complex_usd),
        ("escalated", bill.api_escalated_usd),
        ("commitment", bill.api_commit_topup_usd),
    )
    return Alternative(
        key=HYBRID,
        name=name,
        role=Role.HYBRID,
        usd=bill.total_usd,
        parts=tuple(part for part in parts if part[1]),
        curve=curve,
    )


def _burst(sheet: Sheet, inputs: Inputs, curve: Curve) -> Alternative:
    plan, hours = sheet.case.burst, sheet.hours
    name = f"burst over {plan.replicas:,.0f}"
    try:
        bill = burst_bill(inputs.workload, inputs.api, inputs.self_host, int(plan.replicas), hours)
    except ValueError as error:
        return Alternative(
            key=BURST, name=name, role=Role.BURST, usd=None, trouble=str(error), curve=curve
        )
    return Alternative(
        key=BURST,
        name=name,
        role=Role.BURST,
        usd=bill.total_usd,
        parts=(("rig", bill.own.total_usd), ("overflow", bill.api.total_usd)),
        curve=curve,
    )


def _parts(bill: object, names: Sequence[str]) -> tuple[tuple[str, float], ...]:
    found: Mapping[str, float] = {name: getattr(bill, f"{name}_usd") for name in names}
    return tuple((name.replace("_", " "), usd) for name, usd in found.items() if usd)


def counted_view(sheet: Sheet) -> str:
    """Which costs of the rig are counted, in words."""
    if sheet.case.reading.view is View.RUNNING:
        return "running cost only: the hardware is already owned"
    return "full cost"
