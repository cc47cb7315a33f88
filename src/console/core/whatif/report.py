"""Results for other programs and people: JSON, CSV, Markdown, and the command that computes them.

In a fixed order and without times, so that the same scenario gives the same text.
"""

import csv
import io
import json
import shlex
from collections.abc import Sequence
from typing import Any

from console.core.whatif.alternatives import Results
from console.core.whatif.distribution import Interval
from console.core.whatif.later import Later
from console.core.whatif.parse import Range
from console.core.whatif.scenario import Scenario, field_of, to_document
from console.core.whatif.spread import Spread

POINTS = 41
"""Volumes of the CSV, evenly spaced on a logarithmic axis."""


def as_document(
    results: Results,
    spread: Spread | None,
    known: Later | None,
    advice: Sequence[str],
    version: str,
) -> dict[str, Any]:
    """Inputs with their provenance, and every result."""
    sheet = results.sheet
    return {
        "format": 1,
        "version": version,
        "scenario": to_document(sheet.scenario),
        "title": sheet.base.title,
        "prices": {
            offer.key: {"source": offer.source.text or None, "as_of": offer.source.as_of or None,
                "trouble": offer.trouble or None}
            for offer in (sheet.offer, *sheet.versus)
        },
        "inputs": {row.name: _input(results, row.name) for row in sheet.fields()},
        "alternatives": [
            {
                "key": each.key,
                "name": each.name,
                "kind": str(each.role),
                "usd_per_month": each.usd,
                "interval": _span(spread.months.get(each.key)) if spread is not None else None,
                "parts_usd": dict(each.parts),
                "trouble": each.trouble or None,
            }
            for each in results.alternatives
        ],
        "saving_usd_per_month": results.saving_usd,
        "peak_hour": None if results.peak is None else results.peak._asdict(),
        "here": _span(sheet.base.here),
        "crossovers": crossovers(results, spread),
        "later": None if known is None else _later(known),
        "monte_carlo": None
        if spread is None
        else {"n": spread.n, "seed": spread.seed, "impossible": spread.impossible,
              "inputs": list(spread.uncertain)},
        "warnings": list(advice),
        "unpriced": list(results.unpriced),
    }  # fmt: skip


def crossovers(results: Results, spread: Spread | None) -> list[dict[str, Any]]:
    """Every duel with all its crossovers; one without an interval is not told."""
    found = []
    for duel in results.duels:
        known = spread.duels.get(duel.key) if spread is not None else None
        crossed = []
        for place, crossover in enumerate(duel.breakeven.crossovers):
            if known is None or place >= len(known.crossings):
                break
            crossed.append(
                {
                    "requests_per_day": float(crossover.requests_per_day),
                    "interval": _span(known.crossings[place].at),
                    "share_of_draws": known.crossings[place].share,
                    "kind": str(crossover.kind),
                    "cheaper_above": str(crossover.cheaper_above),
                    "reason": duel.reason(crossover),
                }
            )
        found.append(
            {
                "duel": duel.key,
                "design": duel.one,
                "against": duel.against,
                "between": f"{duel.who} and {duel.name}",
                "cheaper_at_first": duel.leader,
                "up_to": duel.breakeven.q_max,
                "crossovers": crossed,
                "untold": len(duel.breakeven.crossovers) - len(crossed),
                "for_good_from": None
                if known is None or known.for_good is None
                else duel.breakeven.for_good_from,
                "for_good_interval": None if known is None else _span(known.for_good),
                "for_good_share": None if known is None else known.for_good_share,
                "draws": None if known is None else known.draws,
                "saving_interval": None if known is None else _span(known.saving),
                "p_saving": None if known is None else known.p_saving,
                "never_share": None if known is None else known.never,
            }
        )
    return found


def _input(results: Results, name: str) -> dict[str, Any]:
    sheet = results.sheet
    value, source = sheet.value(name), sheet.source(name)
    if isinstance(value, Range):
        value = f"{value.low:.12g}..{value.high:.12g}"
    return {
        "value": value,
        "unit": field_of(name).unit or None,
        "origin": str(source.origin),
        "source": source.text or None,
        "as_of": source.as_of or None,
        "grade": source.grade or None,
        "out_of_date": source.old,
        "low": source.low,
        "high": source.high,
    }


def _span(of: Interval | None) -> dict[str, float] | None:
    return None if of is None else of._asdict()


def _later(known: Later) -> dict[str, Any]:
    worth = known.investment
    return {
        "payback_months": None if worth is None else worth.payback_months,
        "npv_usd": None if worth is None else worth.npv_usd,
        "capex_usd": None if worth is None else worth.capex_usd,
        "kgco2_per_month": known.kgco2,
        "trouble": known.trouble or None,
    }


def as_json(document: dict[str, Any]) -> str:
    """The document as JSON for reading."""
    return json.dumps(document, indent=1, ensure_ascii=False, default=str) + "\n"


def as_csv(results: Results) -> str:
    """One row for each volume: requests a day, then each alternative's dollars a month."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["requests_per_day", *(each.key for each in results.alternatives)])
    curves = results.curves(POINTS)
    for place in range(POINTS):
        usd = (curve[place][1] for curve in curves)
        writer.writerow(
            [
                f"{curves[0][place][0]:.2f}",
                *("" if value is None else f"{value:.2f}" for value in usd),
            ]
        )
    return text.getvalue()


def as_markdown(document: dict[str, Any]) -> str:
    """The months, the crossovers, the assumptions and what could not be priced, as tables."""
    lines = [f"# {document['title']}", "", "| alternative | $ a month | P5–P95 |", "|---|---:|---|"]
    for each in document["alternatives"]:
        usd = "-" if each["usd_per_month"] is None else f"{each['usd_per_month']:,.2f}"
        lines.append(f"| {_cell(each['name'])} | {usd} | {_between(each['interval'])} |")
    lines += ["", "| crossover, requests/day | P5–P95 | why |", "|---:|---|---|"]
    for duel in document["crossovers"]:
        for each in duel["crossovers"]:
            lines.append(
                f"| {each['requests_per_day']:,.0f} | {_between(each['interval'])} | "
                f"{_cell(each['reason'])} |"
            )
        if not duel["crossovers"]:
            up_to = f"{duel['cheaper_at_first']} is cheaper up to {duel['up_to']:,.0f}"
            up_to = _cell(f"none between {duel['between']}: {up_to}")
            lines.append(f"| - |  | {up_to} |")
    lines += ["", "| input | value | from |", "|---|---:|---|"]
    for name, each in document["inputs"].items():
        value = "-" if each["value"] is None else each["value"]
        said = each["origin"] + (f": {each['source']}" if each["source"] else "")
        lines.append(f"| `{name}` | {_cell(str(value))} | {_cell(said)} |")
    for title, key in (("Warnings", "warnings"), ("Could not be priced", "unpriced")):
        if document[key]:
            lines += ["", f"{title}:", "", *(f"- {_cell(text)}" for text in document[key])]
    return "\n".join(lines) + "\n"


def _between(span: dict[str, float] | None) -> str:
    return "" if span is None else f"{span['p5']:,.0f}–{span['p95']:,.0f}"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def command(scenario: Scenario) -> str:
    """The command line that computes the same."""
    parts = ["llmconsole", "whatif", "--preset", scenario.base]
    for name, value in scenario.changes.items():
        if isinstance(value, Range):
            text = f"{value.low:.12g}..{value.high:.12g}"
        elif value is None:
            text = field_of(name).empty
        else:
            text = f"{value:.12g}" if isinstance(value, int | float) else value
        parts += ["--set", f"{name}={text}"]
    return shlex.join(parts)
