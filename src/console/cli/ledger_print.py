"""The ledger's rows, sums and limits as `ledger` prints them."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from console.cli.output import UNKNOWN, count, print_json, seconds, usd

if TYPE_CHECKING:
    from console.core.budget import Limit
    from console.core.entry import Entry, Totals
    from console.core.tier import Tier
    from console.services.page import Page


def notes(rows: "Sequence[Entry]", totals: "Mapping[str, Mapping[Tier, Totals]]") -> Iterator[str]:
    """What the marks of the rows mean, and what to do about rows without a price."""
    if any(entry_row(entry)[2].endswith("†") for entry in rows):
        yield "†: a retired model, which the API serves no more"
    if any(sums.unpriced for by in totals.values() for tier, sums in by.items() if tier == "api"):
        yield (
            "unpriced: `llmconsole ledger is:unpriced` lists the rows; add a [[prices]] table, "
            "then `llmconsole ledger reprice`"
        )


def standing(page: "Page") -> Iterator[str]:
    """Where the API's dollars stand: the projection by its rule, then every limit."""
    from console.core.budget import PROJECTION

    if page.expected_nano is not None:
        yield f"api this month, projected: {usd(page.expected_nano)} ({PROJECTION})"
    for limit in page.limits:
        yield _limit(limit)


def print_sums(window: str, page: "Page", as_json: bool) -> None:
    """How the sums of a window were made, and of the month its standing."""
    from console.core.explain_sums import explain_month, explain_sum
    from console.core.tier import Tier

    parts = {str(tier): [*explain_sum(page.windows[window][tier], tier)] for tier in Tier}
    if window == "month":
        parts["limits"] = [*explain_month(page.month[Tier.API], page.projection, page.limits)]
    if as_json:
        steps = {part: {step.what.strip(): step.how for step in made}
                 for part, made in parts.items()}  # fmt: skip
        print_json({"window": window, "sums": steps})
        return
    for part, made in parts.items():
        click.echo(f"{window}, {part}:")
        for step in made:
            click.echo(f"  {step.what:<16} {step.how}")


def _limit(limit: "Limit") -> str:
    loud = {"passed": "PASSED ", "near": "near ", "ahead": "heading above ", "clear": ""}
    state = loud[limit.level]
    return f"{state}{limit.name}: {usd(limit.spent_nano)} of {usd(limit.limit_nano)}"


def entry_row(entry: "Entry") -> list[str]:
    """A row under `ROW`; a model with † is served no more."""
    from console.core.retirement import is_retired
    from console.core.usage import UsageSource

    today = f"{datetime.now(UTC):%F}"
    about = entry.usage_source is UsageSource.ESTIMATED
    return [
        _local(entry),
        entry.tier,
        f"{entry.model}{' †' * is_retired(entry.model, today)}",
        count(entry.usage.prompt, about=about),
        count(entry.usage.output, about=about),
        f"({usd(entry.cost_nano)} plan)" if entry.plan else _spent(entry),
        seconds(entry.duration_ms),
        entry.ending or "in flight",
        entry.reason,
        entry.id,
    ]


def _spent(entry: "Entry") -> str:
    mark = entry.energy_mark if entry.tier == "local" else ""
    return f"{mark}{usd(entry.spent_nano)}"


def entry_facts(entry: "Entry") -> list[list[str]]:
    """What is known of a row beside its figures, by name."""
    system = " ".join(filter(None, (entry.system_name, entry.system_hash)))
    facts: dict[str, Any] = {
        "id": entry.id,
        "began": _local(entry),
        "model": entry.model,
        "reported": entry.model_reported,
        "digest": entry.model_digest,
        "system prompt": system,
        "ended": entry.ending or "in flight",
        "tokens": f"{count(entry.usage.prompt)} in, {count(entry.usage.output)} out "
        f"({entry.usage_source})",
        "as sent": entry.usage_raw,
    }
    return [[name, str(value)] for name, value in facts.items() if value]


def _local(entry: "Entry") -> str:
    from console.core.period import zone_of

    return f"{datetime.fromtimestamp(entry.started_ms / 1000, zone_of(entry.zone)):%F %T}"


def utc(at_ms: int) -> str:
    """A time in UTC, for reading."""
    return f"{datetime.fromtimestamp(at_ms / 1000, UTC):%F %T} UTC"


ROW = ("when", "<tier", "<model", "in", "out", "cost", "time", "<ended", "<reason", "<id")
TOTALS = ("requests", "in", "cached", "out", "cost", "loaded", "saved", "saved-loaded", "<")


def totals_row(name: str, tier: str, totals: "Totals") -> list[str]:
    """A tier's sums under a name and `TOTALS`, with what they leave out."""
    local = tier == "local"
    left_out = (
        (totals.in_flight, "in flight"),
        (totals.unpriced, "unmeasured" if local else "unpriced"),
        (totals.uncounted, "uncounted"),
        (totals.unloaded, "without hardware"),
        (totals.unsaved, "without a saving"),
        (totals.plan_calls, f"by a plan (list price {usd(totals.plan_nano)})"),
        (totals.unpriced_plan, "by a plan, unpriced"),
        (totals.energy_estimated, "energy estimated"),
        (totals.energy_allocated, "energy allocated"),
        (totals.follow_ups, "with others"),
        (totals.api_too, "served by the api too"),
    )
    return [
        name,
        tier,
        count(totals.requests),
        count(totals.prompt_tokens),
        count(totals.cached_tokens),
        count(totals.output_tokens),
        (totals.energy_mark if local else "")
        + usd(totals.known(totals.spent_nano, totals.unpriced)),
        usd(totals.known(totals.loaded_nano, totals.unloaded)) if local else UNKNOWN,
        usd(totals.known(totals.saved_nano, totals.unsaved)) if local else UNKNOWN,
        usd(totals.known(totals.saved_loaded_nano, totals.unsaved_loaded)) if local else UNKNOWN,
        ", ".join(f"{number:,} {what}" for number, what in left_out if number),
    ]
