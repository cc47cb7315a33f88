"""The line at the top: host, tiers, watts, and today's money."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from rich.cells import cell_len

from console.core.tier import Tier
from console.ui.draw.line import Line, Run
from console.ui.draw.number import dollars, whole

if TYPE_CHECKING:
    from console.core.entry import Totals
    from console.services.electricity import Bill
    from console.services.page import Page
    from console.services.standing import Standing


class Glance(NamedTuple):
    """What the line says; None is not known yet."""

    host: str
    demo: bool
    standings: "Mapping[Tier, Standing]"
    watts: float | None = None
    usd_per_hour: float | None = None
    today: "Mapping[Tier, Totals] | None" = None
    time: str = ""


def glance(
    host: str,
    standings: "Mapping[Tier, Standing]",
    bill: "Bill",
    page: "Page | None",
    time: str,
    *,
    demo: bool,
) -> Glance:
    """What is known at a time of day, `page` None while the ledger is not read."""
    return Glance(
        host=host,
        demo=demo,
        standings=standings,
        watts=bill.watts,
        usd_per_hour=bill.usd_per_hour,
        today=page.today if page else None,
        time=time,
    )


def status_line(glance: Glance, width: int) -> Line:
    """The line in `width` cells; parts give way from the least important on.

    DEMO stays whatever the width.
    """
    demo: list[Run] = [(" DEMO ", "mark"), (" ", "")] if glance.demo else []
    tiers = [_standing(tier, glance.standings[tier]) for tier in Tier]
    left: list[tuple[int, list[Run]]] = [
        (2, [(f"{glance.host}  ", "strong")]),
        *((1, part) for part in tiers),
    ]
    if glance.watts is not None:
        left.append((4, [(f"{whole(glance.watts):>5} W", "")]))
    if glance.usd_per_hour is not None:
        left.append((6, [(f"  ${glance.usd_per_hour:.2f}", ""), ("/h", "dim")]))
    right: list[tuple[int, list[Run]]] = []
    if glance.today is not None:
        api, local = glance.today[Tier.API], glance.today[Tier.LOCAL]
        right = [
            (6, [("today  ", "dim")]),
            (3, [("api ", "api"), (_sum(api.spent_nano, api.unpriced), ""), ("  ", "")]),
            (5, [("local ", "local"),
                 (f"{local.energy_mark}{_sum(local.spent_nano, local.unpriced)}", ""), ("  ", "")]),
            (5, [("saved ", "dim"), (_sum(local.saved_nano, local.unsaved), ""), ("  ", "")]),
        ]  # fmt: skip
    right.append((7, [(glance.time, "dim")]))
    for rank in range(8, 0, -1):
        if _width(demo) + _total(left) + _total(right) + 3 <= width:
            break
        left = [part for part in left if part[0] < rank]
        right = [part for part in right if part[0] < rank]
    start = [(" ", ""), *demo, *_flat(left)]
    end = [*_flat(right), (" ", "")]
    gap = max(0, width - _width(start) - _width(end))
    return [*start, (" " * gap, ""), *end]


def _standing(tier: Tier, standing: "Standing") -> list[Run]:
    sign, word, style = {
        None: ("○", "-", "dim"),
        True: ("●", "ok", "good"),
        False: ("●", "down", "bad"),
    }[standing.ok]
    if standing.ok is False and tier is Tier.API:
        word = "no"
    return [(f"{sign} ", style), (str(tier), str(tier)), (f" {word:<4}  ", "")]


def _sum(nano: int, left_out: int) -> str:
    return dollars(nano) + ("+" if left_out else "")


def _flat(parts: Sequence[tuple[int, list[Run]]]) -> list[Run]:
    return [run for _, runs in parts for run in runs]


def _total(parts: Sequence[tuple[int, list[Run]]]) -> int:
    return _width(_flat(parts))


def _width(runs: Sequence[Run]) -> int:
    return sum(cell_len(text) for text, _ in runs)
