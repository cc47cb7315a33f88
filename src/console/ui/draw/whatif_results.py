"""The results as lines: each alternative's month, every crossover with its interval, in words."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from console.core.text import one_line
from console.core.whatif.alternatives import Alternative, Results, counted_view
from console.core.whatif.curve import Side
from console.core.whatif.distribution import chance, draws_share, percent
from console.core.whatif.duel import OWN, Duel
from console.ui.draw.line import Line, Run
from console.ui.draw.whatif_words import (
    cut,
    dollars,
    plain_usd,
    short,
    short_span,
    span,
    usd_span,
    volume,
    whole,
)

if TYPE_CHECKING:
    from console.core.whatif.later import Later
    from console.core.whatif.spread import Spread

SIGNS = "123456789"
"""What each alternative is called in the chart."""


def style_of(each: Alternative) -> str:
    """The hue of where it runs."""
    return "local" if each.local else "api"


def heading(results: Results, spread: "Spread | None", width: int, *, stale: bool) -> Line:
    """What the figures are of."""
    q = volume(results.sheet.case.inputs.workload.requests_per_day)
    running = "" if counted_view(results.sheet) == "full cost" else " running"
    sure = " ~" if spread is not None and spread.quick else ""
    runs: list[Run] = [
        (f"$/month{running} at {q}/day", "dim"),
        (f" P5–P95{sure}" if width >= 44 else "", "dim"),
        (" stale" if stale else "", "warn"),
    ]
    return cut(runs, width)


def bill_lines(
    results: Results, spread: "Spread | None", width: int, *, by_cost: bool = False
) -> list[Line]:
    """Each alternative's sign, name, month, interval and parts; the cheapest called out."""
    cheapest = results.cheapest
    lines: list[Line] = []
    names = min(max(len(each.name) for each in results.alternatives), max(8, width - 11))
    signed = list(zip(SIGNS, results.alternatives, strict=False))
    if by_cost:
        signed.sort(key=lambda pair: math.inf if pair[1].usd is None else pair[1].usd)
    for sign, each in signed:
        hue = style_of(each)
        usd = "-" if each.usd is None else plain_usd(each.usd)
        runs: list[Run] = [
            (f"{sign} ", hue),
            (f"{one_line(each.name)[:names]:<{names}}", ""),
            (f"{usd:>7}", "strong"),
            (" ◂" if each is cheapest else "  ", "good"),
        ]
        room = width - sum(len(text) for text, _ in runs)
        month = spread.months.get(each.key) if spread is not None else None
        if each.usd is None:
            runs.append((f" {each.trouble}"[:room], "warn"))
        elif month is not None and room >= 20:
            runs.append((f" {usd_span(month):<19}", "dim"))
            parts = " + ".join(f"{name} {dollars(part)}" for name, part in each.parts)
            room = width - sum(len(text) for text, _ in runs) - 1
            if room >= min(12, len(parts)):
                parts = parts if len(parts) <= room else f"{parts[: room - 1]}…"
                runs.append((f" {parts}", "dim"))
        lines.append(cut(runs, width))
    return lines


def here_lines(results: Results, spread: "Spread | None", width: int) -> list[Line]:
    """You are here: the measured volume, and what the rig saves at the sheet's."""
    here = results.sheet.base.here
    lines: list[Line] = []
    if here is not None:
        where = f"{volume(here.p50)}/day {span(here)}"
        long = f"you are here: {where} measured"
        text = long if len(long) + 2 <= width else f"here {where}"
        lines.append(cut([("◆ ", "accent"), (text, "")], width))
    duel = results.duels[0]
    known = spread.duels.get(duel.key) if spread is not None else None
    if results.saving_usd is not None:
        verb = "saves" if results.saving_usd >= 0 else "costs"
        more = "" if results.saving_usd >= 0 else " more"
        interval = likely = ""
        if known is not None and known.saving is not None:
            interval = f" {usd_span(known.saving)}"
            likely = f" P(saves) {chance(known.p_saving)}"
        forms = (
            f"the rig {verb} {whole(abs(results.saving_usd))}{more} a month against "
            f"{duel.name}{interval}{likely}",
            f"rig {verb} {whole(abs(results.saving_usd))}{more}{interval}{likely}",
            f"rig {verb} {whole(abs(results.saving_usd))}{more}{interval}",
            f"saves {whole(results.saving_usd)}{interval}",
        )
        text = next((form for form in forms if len(form) + 2 <= width), forms[-1])
        hue = "good" if results.saving_usd >= 0 else "warn"
        lines.append(cut([("Σ ", hue), (text, "")], width))
    return lines


def duel_lines(results: Results, spread: "Spread | None", width: int) -> list[Line]:
    """Every crossover with its direction, reason and interval, one duel after the other."""
    lines: list[Line] = []
    for duel in results.duels:
        lines += _duel(duel, spread, width)
    return lines


def _duel(duel: Duel, spread: "Spread | None", width: int) -> list[Line]:
    known = spread.duels.get(duel.key) if spread is not None else None
    found = duel.breakeven.crossovers
    if not found:
        leads = duel.leader
        beaten = duel.name if leads == duel.who else duel.who
        forms = [
            f"{leads} is cheaper than {beaten} at every volume up to {duel.breakeven.q_max:,.0f}",
            f"{leads} is cheaper than {beaten} up to {short(duel.breakeven.q_max)}",
            f"{_brief(leads)} < {_brief(beaten)} up to {short(duel.breakeven.q_max)}",
        ]
        never = f" in {draws_share(known.never)} of draws" if known and known.never < 1 else ""
        forms = [form + never for form in forms]
        text = next((form for form in forms if len(form) + 2 <= width), forms[-1])
        return [cut([("· ", "dim"), (text, "")], width)]
    if known is None:
        return [cut([("· ", "dim"), (f"{duel.name}: no interval, so no crossover", "")], width)]
    lines: list[Line] = []
    for place, crossover in enumerate(found):
        if place >= len(known.crossings):
            rest = len(found) - place
            lines.append(cut([("  ", ""), (f"{rest} more crossovers, in few draws", "dim")], width))
            break
        at = known.crossings[place]
        own = crossover.cheaper_above is Side.SELF
        often = "" if at.share == 1 or width < 44 else f" {draws_share(at.share)}"
        where = f"{crossover.requests_per_day:,.0f}/day {span(at.at)}{often} "
        brief_where = f"{short(crossover.requests_per_day)} {short_span(at.at)} "
        one, other = _brief(duel.who), _brief(duel.name)
        brief = f"{one} < {other}" if own else f"{other} < {one}"
        ways = ((where, duel.reason(crossover)), (where, brief), (brief_where, brief))
        spot, text = next((way for way in ways if len("".join(way)) + 2 <= width), ways[-1])
        hue = "local" if own or duel.against == OWN else "api"
        sign: Run = ("▲ " if own else "▼ ", hue)
        lines.append(cut([sign, (spot, "strong"), (text, "")], width))
    if known.for_good is not None and len(found) > 1 and duel.breakeven.for_good_from is not None:
        text = f"for good from {duel.breakeven.for_good_from:,.0f} {span(known.for_good)}"
        lines.append(cut([("  ", ""), (text, "dim")], width))
    return lines


def _brief(who: str) -> str:
    return who.removeprefix("the ")


def later_line(known: "Later | None", results: Results, width: int) -> Line:
    """Payback, net present value and CO₂."""
    if known is None:
        return [("payback … NPV … CO₂ …", "dim")]
    if known.investment is None:
        return cut([(f"payback -: {known.trouble}", "dim")], width)
    months = known.investment.payback_months
    back = "never" if months is None else f"{months:,.1f} months"
    horizon = results.sheet.case.outlook.horizon_months
    carbon = "-" if known.kgco2 is None else f"{known.kgco2:,.0f} kg/mo"
    worth = f"payback {back}  NPV {whole(known.investment.npv_usd)} in {horizon:g} mo"
    against = f"against {results.duels[0].name}: {worth}  CO₂ {carbon}"
    text = against if len(against) <= width else f"{worth}  CO₂ {carbon}"
    return cut([(text, "")], width)


def peak_line(results: Results, width: int) -> Line:
    """The peak hour on the rig, and by Erlang C how often a request of it waits."""
    peak, own = results.peak, results.own
    if peak is None:
        return [("peak hour -: the rig cannot carry it", "dim")]
    rig = "1 replica" if own.replicas == 1 else f"{own.replicas:,.0f} replicas"
    head = f"peak {volume(peak.rps)} req/s on {rig}, {percent(own.utilisation)} busy all in all"
    if peak.waiting is None:
        return cut([(head, "")], width)
    waits = f"{percent(peak.waiting)} wait over {peak.wait_s:g} s"
    forms = (
        f"{head}; in the peak hour {waits} (Erlang C)",
        f"peak {volume(peak.rps)} req/s on {rig}; {waits}",
        waits,
    )
    text = next((form for form in forms if len(form) <= width), forms[-1])
    return cut([(text, "warn" if peak.waiting > 0.05 else "")], width)


def advice_lines(advice: Sequence[str], width: int, most: int) -> list[Line]:
    """The warnings, each cut to a line; the last says how many there are more."""
    if not advice or most < 1:
        return []
    shown: list[Line] = [
        cut([("! ", "warn"), (one_line(text), "dim")], width) for text in advice[:most]
    ]
    if len(advice) > most:
        left = len(advice) - most
        last = cut([("! ", "warn"), (one_line(advice[most - 1]), "dim")], width - 13)
        shown[-1] = [*last, (f" +{left} more: d", "dim")]
    return shown
