"""`ledger reconcile`: the ledger held against servers' own counters and vendors' cost reports."""

import asyncio
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

import click

from console.cli.exits import Exit, Stop
from console.cli.invocation import Invocation, json_option, pass_invocation
from console.cli.ledger_writes import open_ledger, utc_now_ms
from console.cli.output import print_json, print_table, usd

if TYPE_CHECKING:
    from console.core.reconcile import Line, Owed, Reading, Span
    from console.core.settings import TierSettings
    from console.core.tier import Tier
    from console.sources.ledger.store import SqliteLedger

ADMIN_KEYS = {"anthropic": "ANTHROPIC_ADMIN_KEY", "openai": "OPENAI_ADMIN_KEY"}
"""The variable that holds an admin's key, by vendor."""

_NAMES = {
    "uncached_tokens": "prompt, computed",
    "cache_read_tokens": "prompt, cached",
    "prompt_tokens": "prompt",
    "output_tokens": "output",
}


@dataclass(frozen=True)
class _Counted:
    """What one server counted of one model in the same days, and what the ledger has of it."""

    server: str
    spans: "list[Span]"
    rows: int
    estimated: int
    lines: "tuple[Line, ...]"


@dataclass
class _Found:
    """What was compared, and what could not be."""

    counted: list[_Counted] = field(default_factory=list)
    owed: "dict[str, list[Owed]]" = field(default_factory=dict)
    in_flight: int = 0
    said: list[str] = field(default_factory=list)


@click.command("reconcile")
@click.option("--days", type=click.IntRange(1, 366), default=7, show_default=True,
              help="How far back; of a cost report so many UTC days.")  # fmt: skip
@click.option("--fail-above", type=click.FloatRange(0), metavar="PERCENT",
              help="Exit with 1 when a drift is larger; for a timer's job.")  # fmt: skip
@click.option("--report-url", metavar="URL",
              help="Where the vendor's cost report is, when not at the vendor itself.")  # fmt: skip
@json_option
@pass_invocation
def reconcile(
    invocation: Invocation, days: int, fail_above: float | None, report_url: str | None,
    as_json: bool,
) -> int:  # fmt: skip
    """Hold the ledger against what servers counted and what vendors charged.

    A llama.cpp (started with --metrics) or vLLM server tells its counters: this reads them, keeps
    the reading, and compares what was counted since the reading before with the rows that ended
    in that time. The first reading of a server process counts from its start, where it tells
    that; a restart begins anew. One run a day gives one line a day. What others ask the same
    server is in its counters and not in the ledger.

    With an admin's key in ANTHROPIC_ADMIN_KEY or OPENAI_ADMIN_KEY the vendor's cost report is
    compared too, by UTC day and model. Drift is the ledger's figure less theirs, in % of theirs.
    """
    from console.core.reconcile import worst

    with open_ledger(invocation) as (ledger, zone, _):
        found = _Found()
        _counters(invocation, ledger, zone, days, found)
        _reports(ledger, days, report_url, found)
    if as_json:
        print_json(_json(found, zone))
    else:
        _print(found, zone)
    if not found.counted and not found.owed:
        raise Stop(" ".join(found.said), Exit.USAGE)
    lines = [line for counted in found.counted for line in counted.lines]
    lines += [each.line for charges in found.owed.values() for each in charges]
    if fail_above is not None and worst(lines) * 100 > fail_above:
        return Exit.FAILED
    return Exit.FINE


def _counters(
    invocation: Invocation, ledger: "SqliteLedger", zone: str, days: int, found: _Found
) -> None:
    """Read both tiers' counters, keep them, and compare every span of the days asked for."""
    from console.core.reconcile import by_day, spans
    from console.core.tier import Tier
    from console.sources.ledger.readings import in_flight, keep, kept
    from console.sources.models.counters import NoCounters, read_counters
    from console.sources.models.keys import key_getter

    settings, now_ms = invocation.settings, utc_now_ms()
    for tier, chosen in ((Tier.LOCAL, settings.local), (Tier.API, settings.api)):
        if (provider := _provider(chosen, tier, found)) is None:
            continue
        try:
            key = key_getter(chosen, os.environ)
            asking = read_counters(chosen, key, now_ms, proxies=tier is Tier.API)
            readings: tuple[Reading, ...] = asyncio.run(asking)
        except NoCounters as error:
            found.said.append(str(error))
            continue
        keep(ledger, readings)
        found.in_flight += in_flight(ledger, tier, provider)
        since_ms = now_ms - days * 86_400_000
        known = spans(kept(ledger, readings[0].server, since_ms))
        name = f"{readings[0].kind} at {readings[0].server}"
        for group in by_day((span for span in known if span.until_ms >= since_ms), zone):
            found.counted.append(_compared(ledger, tier, provider, name, group))


def _provider(chosen: "TierSettings", tier: "Tier", found: _Found) -> str | None:
    """What a tier's rows name as their provider; None for a server that has no counters."""
    from console.sources.cost_reports import VENDORS
    from console.sources.models import model_source
    from console.sources.models.openai_compatible import UNLISTED

    if chosen.kind == "ollama":
        found.said.append(
            f"The {tier} tier is Ollama, which tells no counters of tokens; llama.cpp and vLLM do."
        )
        return None
    provider = model_source(chosen, os.environ, tier).provider
    vendor = chosen.base_url.rstrip("/") in VENDORS.values()
    listed = chosen.kind == "openai" and provider != UNLISTED
    return None if vendor or listed else provider


def _compared(
    ledger: "SqliteLedger", tier: "Tier", provider: str, name: str, group: "list[Span]"
) -> _Counted:
    from console.core.reconcile import compared, total
    from console.sources.ledger.readings import served

    ours = [served(ledger, tier, provider, span) for span in group]
    lines = compared(total(span.counts for span in group), total(each.counts for each in ours))
    return _Counted(
        name, group, sum(each.rows for each in ours), sum(each.estimated for each in ours), lines
    )


def _reports(ledger: "SqliteLedger", days: int, url: str | None, found: _Found) -> None:
    """Ask each vendor for which there is an admin's key."""
    from console.core.reconcile import owed, window_ms
    from console.sources.cost_reports import NoReport, read_charges
    from console.sources.ledger.readings import charged

    since_ms, until_ms = window_ms(days, utc_now_ms())
    for vendor, variable in ADMIN_KEYS.items():
        if not (key := os.environ.get(variable, "").strip()):
            continue
        if not (key.isascii() and key.isprintable() and " " not in key):
            # A client would quote it in its complaint.
            found.said.append(f"The variable {variable} does not hold a key: it is no plain word.")
            continue
        try:
            theirs = read_charges(vendor, key, since_ms, until_ms, url)
        except NoReport as error:
            found.said.append(str(error))
            continue
        found.owed[vendor] = owed(theirs, charged(ledger, vendor, since_ms, until_ms))


def _json(found: _Found, zone: str) -> dict[str, Any]:
    return {
        "counters": [
            {
                "server": each.server,
                "days": each.spans[0].days(zone),
                "since_ms": each.spans[0].since_ms,
                "until_ms": each.spans[-1].until_ms,
                "model": each.spans[0].model or None,
                "rows": each.rows,
                "estimated_rows": each.estimated,
                "why_not": each.spans[0].why or None,
                "compared": {line.what: _line(line) for line in each.lines},
            }
            for each in found.counted
        ],
        "charges": {
            vendor: [
                {
                    "day": each.day,
                    "model": each.model or None,
                    "rows": each.rows,
                    "unpriced_rows": each.unpriced,
                    **_line(each.line),
                }
                for each in charges
            ]
            for vendor, charges in found.owed.items()
        },
        "in_flight": found.in_flight,
        "notes": found.said,
    }


def _line(line: "Line") -> dict[str, Any]:
    return {**asdict(line), "drift": line.drift}


def _print(found: _Found, zone: str) -> None:
    if found.counted:
        rows = [row for counted in found.counted for row in _counted(counted, zone)]
        print_table(("day", "<server", "<model", "<figure", "server", "ledger", "drift", "<"), rows)
        if found.in_flight:
            click.echo(f"{found.in_flight:,} in flight: their tokens may be on one side only")
    for vendor, charges in found.owed.items():
        click.echo(f"\n{vendor}'s cost report, by UTC day" if found.counted else
                   f"{vendor}'s cost report, by UTC day")  # fmt: skip
        print_table(
            ("day", "<model", "report", "ledger", "drift", "<"), [_owed(each) for each in charges]
        )
    if found.counted or found.owed:
        for sentence in found.said:
            click.echo(sentence)


def _counted(counted: _Counted, zone: str) -> Iterator[list[str]]:
    span = counted.spans[0]
    head = [span.days(zone), counted.server, span.model or "all"]
    if span.why:
        yield [*head, "", "", "", "", span.why]
        return
    about = f"{counted.rows:,} rows"
    about += f", {counted.estimated:,} of them estimated" if counted.estimated else ""
    for place, line in enumerate(counted.lines):
        told = head if place == 0 else ["", "", ""]
        figures = [f"{line.theirs:,}", f"{line.ours:,}", percent(line.drift)]
        yield [*told, _NAMES[line.what], *figures, about if place == 0 else ""]


def _owed(each: "Owed") -> list[str]:
    about = f"{each.rows:,} requests" if each.rows else "not in the ledger"
    about += f", {each.unpriced:,} unpriced" if each.unpriced else ""
    figures = [usd(each.line.theirs), usd(each.line.ours), percent(each.line.drift)]
    return [each.day, each.model or "no model", *figures, about]


def percent(drift: float | None) -> str:
    """A drift in %, with its sign; `-` where there is nothing to divide by."""
    if drift is None:
        return "-"
    return "0.0 %" if abs(drift) < 0.0005 else f"{drift:+.1%}".replace("%", " %")
