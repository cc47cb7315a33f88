"""One ledger row in full: every field, and how its cost was made."""

from collections.abc import Iterable, Iterator
from decimal import Decimal, InvalidOperation

from console.core.entry import Entry, Price
from console.core.money import to_usd, token_cost
from console.core.text import one_line
from console.core.tier import Tier
from console.core.usage import Usage
from console.ui.draw.ledger import local_time
from console.ui.draw.line import Line
from console.ui.draw.number import UNKNOWN, milliseconds, rate
from console.ui.draw.wrap import wrapped

_LABEL = 16


def entry_lines(entry: Entry, zone: str, width: int) -> list[Line]:
    """The row in lines of `width` cells."""
    lines: list[Line] = [[("request", "accent")], *_fields(_request(entry, zone), width), []]
    if entry.tier is Tier.API:
        lines.append([("cost", "accent")])
        lines += cost_lines("charged", entry.usage, entry.price, entry.cost_nano, width)
    else:
        lines += [[("electricity", "accent")], *_fields(_energy(entry), width), []]
        lines.append([("what the api would have charged", "accent")])
        lines += cost_lines("shadow", entry.usage, entry.shadow_price, entry.shadow_nano, width)
        if entry.shadow_nano is not None and entry.energy_nano is not None:
            saved = _usd(entry.shadow_nano - entry.energy_nano)
            lines += _fields([("saved", f"{saved}  (shadow less electricity)")], width)
    lines += [[], [("tokens", "accent")], *_fields(_tokens(entry), width)]
    lines += [[], [("reply", "accent")], *_fields(_reply(entry), width)]
    lines += [[], [("marks", "accent")], *_fields(_marks(entry), width)]
    return lines


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


def _energy(entry: Entry) -> Iterator[tuple[str, str]]:
    if entry.energy_j is None or entry.energy_nano is None:
        yield "electricity", "- (no reading for this time, or requests overlapped)"
        return
    yield "energy", f"{entry.energy_j:,.1f} J, {entry.energy_source or 'of unknown origin'}"
    yield "tariff", f"${entry.tariff_usd_per_kwh or UNKNOWN} per kWh"
    yield "electricity", f"{_usd(entry.energy_nano)}  (energy × tariff)"


def cost_lines(
    label: str, usage: Usage, price: Price | None, total_nano: int | None, width: int
) -> list[Line]:
    """A bill: buckets × rates, their sum, and where the price comes from."""
    if price is None:
        return _fields([(label, "- (no price list knows this model)")], width)
    rates = dict(_rates(price.rates))
    lines: list[Line] = []
    for name, tokens in _buckets(usage).items():
        per_mtok = rates.get(name, rates.get("in"))
        if tokens and per_mtok is not None:
            usd = token_cost(tokens, per_mtok)
            lines.append(
                [
                    (f"  {name:<{_LABEL}}", "dim"),
                    (f"{tokens:>12,} × ${per_mtok:f}/1M = ${usd:f}"[: max(0, width - 20)], ""),
                ]
            )
    since = f", in force since {price.effective}" if price.effective else ""
    return lines + _fields(
        [
            (label, _usd(total_nano)),
            ("price", f"{price.source}{since}"),
            ("rates", price.rates),
        ],
        width,
    )


def _buckets(usage: Usage) -> dict[str, int | None]:
    """Tokens by the name their rate has in a price."""
    return {
        "in": usage.uncached,
        "cache read": usage.cache_read,
        "cache write 5m": usage.cache_write_5m,
        "cache write 1h": usage.cache_write_1h,
        "out": usage.output,
    }


def _rates(text: str) -> Iterator[tuple[str, Decimal]]:
    """The rates in a price's one line, by name; what does not read as one is passed over."""
    for part in text.partition(": ")[2].split(", "):
        name, _, figure = part.rpartition(" ")
        try:
            yield name, Decimal(figure)
        except InvalidOperation:
            continue


def _tokens_of(tokens: int | None) -> str:
    return UNKNOWN if tokens is None else f"{tokens:,}"


def _usd(nano: int | None) -> str:
    return UNKNOWN if nano is None else f"${to_usd(nano):f}"


def _fields(fields: Iterable[tuple[str, str]], width: int) -> list[Line]:
    lines: list[Line] = []
    for name, value in fields:
        parts = wrapped([(one_line(value) or UNKNOWN, "")], max(8, width - _LABEL - 3))
        lines.append([(f"  {name:<{_LABEL}} ", "dim"), *parts[0]])
        lines += [[(" " * (_LABEL + 3), ""), *part] for part in parts[1:]]
    return lines
