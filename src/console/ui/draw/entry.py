"""One ledger row in full: every field, and how its cost was made."""

from collections.abc import Iterable, Iterator, Sequence

from console.core.entry import Entry, Totals
from console.core.explain import Step, explain, usd
from console.core.explain_sums import explain_sum
from console.core.kin import relation, together
from console.core.routing.report import told_of_row
from console.core.text import one_line
from console.core.tier import Tier
from console.core.usage import Usage
from console.ui.draw.ledger import local_time
from console.ui.draw.line import Line
from console.ui.draw.number import UNKNOWN, milliseconds, rate
from console.ui.draw.wrap import wrapped

_LABEL = 16


def entry_lines(entry: Entry, family: Sequence[Entry], zone: str, width: int) -> list[Line]:
    """The row in lines of `width` cells; `family` are the rows that belong together with it."""
    lines: list[Line] = [[("request", "accent")], *fact_lines(_request(entry, zone), width), []]
    if len(family) > 1:
        lines += [[("belongs together", "accent")], *_family(entry, family, zone, width), []]
    if decided := told_of_row(entry.decision):
        lines += [[("decision", "accent")], *fact_lines(decided, width), []]
    for figure in explain(entry):
        lines.append([(figure.name, "accent"), (f"  {usd(figure.nano)}", "strong")])
        lines += [*step_lines(figure.steps, width), []]
    for name, fields in (
        ("tokens", _tokens(entry)),
        ("reply", _reply(entry)),
        ("marks", _marks(entry)),
    ):
        lines += [[(name, "accent")], *fact_lines(fields, width), []]
    return lines[:-1]


def _family(entry: Entry, family: Sequence[Entry], zone: str, width: int) -> list[Line]:
    """The rows that belong together, in time, and what they cost together."""
    told = [
        (
            f"{'▸ ' if row.id == entry.id else ''}{relation(row, family)}",
            f"{local_time(row.started_ms, zone):%H:%M:%S}  {row.tier}  {row.model}  "
            f"{row.ending or 'in flight'}  {usd(row.spent_nano)}  {row.reason}",
        )
        for row in family
    ]
    nano, unknown = together(family)
    left_out = f", {unknown:,} rows left out" if unknown else ""
    return fact_lines([*told, ("together", f"{usd(nano)}, each counted once{left_out}")], width)


def _request(entry: Entry, zone: str) -> Iterator[tuple[str, str]]:
    at = local_time(entry.started_ms, zone)
    yield "began", f"{at:%Y-%m-%d %H:%M:%S %Z}"
    yield "tier", str(entry.tier)
    yield "model", entry.model
    yield "reason", f"{entry.reason} (policy {entry.policy})"
    yield "ended", str(entry.ending) if entry.ending else "in flight"
    if entry.error:
        yield "error", entry.error


def _reply(entry: Entry) -> Iterator[tuple[str, str]]:
    yield "first token", milliseconds(entry.ttft_ms)
    yield "whole time", milliseconds(entry.duration_ms)
    yield "tok/s", rate(entry.output_per_s)
    yield "sent", f"{entry.prompt_chars:,} characters, {entry.prompt_bytes:,} bytes"
    if entry.reply_chars is not None:
        yield "received", f"{entry.reply_chars:,} characters, {entry.reply_bytes or 0:,} bytes"


def _tokens(entry: Entry) -> Iterator[tuple[str, str]]:
    usage = entry.usage
    yield "counts", str(entry.usage_source)
    yield "prompt", _tokens_of(usage.prompt)
    for name, tokens in _buckets(usage).items():
        if name not in ("in", "out") and tokens is not None:
            yield f"  {name}", _tokens_of(tokens)
    yield "output", _tokens_of(usage.output)
    if usage.reasoning is not None:
        yield "  reasoning", _tokens_of(usage.reasoning)
    if entry.usage_raw:
        yield "as reported", entry.usage_raw


def _marks(entry: Entry) -> Iterator[tuple[str, str]]:
    yield "row", entry.id
    yield "provider", entry.provider
    yield "model reported", entry.model_reported or UNKNOWN
    yield "model digest", entry.model_digest or UNKNOWN
    yield "response id", entry.response_id or UNKNOWN
    yield "conversation", entry.conversation or UNKNOWN
    yield "parent", entry.parent or UNKNOWN
    yield "tag", entry.tag or UNKNOWN
    yield "system prompt", " ".join(filter(None, (entry.system_name, entry.system_hash))) or UNKNOWN
    yield "time zone", entry.zone


def _buckets(usage: Usage) -> dict[str, int | None]:
    """Tokens by the name their rate has in a price."""
    return {
        "in": usage.uncached,
        "cache read": usage.cache_read,
        "cache write 5m": usage.cache_write_5m,
        "cache write 1h": usage.cache_write_1h,
        "out": usage.output,
    }


def _tokens_of(tokens: int | None) -> str:
    return UNKNOWN if tokens is None else f"{tokens:,}"


def sum_lines(totals: Totals, tier: Tier, width: int) -> list[Line]:
    """A sum over rows: every figure, the rows it is made of, and those it leaves out."""
    return step_lines(explain_sum(totals, tier), width)


def step_lines(steps: Iterable[Step], width: int) -> list[Line]:
    """An explanation, a step below the other."""
    return fact_lines([(step.what, step.how) for step in steps], width)


def fact_lines(facts: Iterable[tuple[str, str]], width: int) -> list[Line]:
    """Named facts, one below the other."""
    lines: list[Line] = []
    for name, value in facts:
        parts = wrapped([(one_line(value) or UNKNOWN, "")], max(8, width - _LABEL - 3))
        lines.append([(f"  {name:<{_LABEL}} ", "dim"), *parts[0]])
        lines += [[(" " * (_LABEL + 3), ""), *part] for part in parts[1:]]
    return lines
