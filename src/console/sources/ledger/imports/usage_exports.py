"""The usage exports of OpenAI and Anthropic, CSV or JSON: sums of requests by window."""

import csv
import json
from collections.abc import Iterator, Mapping, Set
from pathlib import Path
from typing import Any

from console.core.pricing import BATCH
from console.core.tier import Tier
from console.core.usage import Usage
from console.sources.ledger.imports.found import Findings, Found, Skipped, instant, row, tokens

DAY_MS = 86_400_000

Record = Mapping[str, Any]


def records(path: Path) -> Iterator[Record]:
    """The rows of a CSV file, or the results of a JSON page with their bucket's window.

    A JSON file may hold one page, a list of pages, or one page a line.
    """
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        first = file.read(1).strip()
        file.seek(0)
        if first not in ("{", "["):
            yield from csv.DictReader(file)
            return
        text = file.read()
    try:
        pages = json.loads(text)
    except ValueError:
        try:
            pages = [json.loads(line) for line in text.splitlines() if line.strip()]
        except ValueError as error:
            raise ValueError(f"{path} is neither CSV nor JSON ({error}).") from None
    for page in pages if isinstance(pages, list) else [pages]:
        for bucket in page.get("data", []) if isinstance(page, dict) else []:
            window = {name: value for name, value in bucket.items() if name != "results"}
            yield from ({**window, **result} for result in bucket.get("results", []))


def read_openai(path: Path, *, zone: str) -> Findings:
    """One row per window, model, project, user, key and batch; cached input is in the input."""
    for record in records(path):
        sent, cached = tokens(record.get("input_tokens")), tokens(record.get("input_cached_tokens"))
        start = instant(record.get("start_time") or record.get("start_time_iso"))
        end = instant(record.get("end_time") or record.get("end_time_iso"))
        model = record.get("model")
        if start is None or sent is None:
            yield Skipped("no row of an OpenAI usage export")
        elif not model:
            yield Skipped("a sum over several models: export it grouped by model")
        else:
            usage = Usage(
                uncached=sent - min(cached or 0, sent),
                cache_read=None if cached is None else min(cached, sent),
                output=tokens(record.get("output_tokens")),
            )
            batch = str(record.get("batch")).lower() in ("true", "1", "batch")
            yield _sum("openai", record, start, end, zone, str(model), usage,
                       calls=tokens(record.get("num_model_requests")),
                       told=({BATCH} if batch else set()) | _told(record))  # fmt: skip


def read_anthropic(path: Path, *, zone: str) -> Findings:
    """One row per window, model, workspace, key and service tier; input leaves cached out."""
    for record in records(path):
        start = instant(record.get("usage_date_utc") or record.get("starting_at"))
        end = instant(record.get("ending_at"))
        model = record.get("model_version") or record.get("model")
        written = record.get("cache_creation")
        written = written if isinstance(written, Mapping) else {}
        tools = record.get("server_tool_use")
        tools = tools if isinstance(tools, Mapping) else {}
        uncached = tokens(
            _first(record, "usage_input_tokens_no_cache", "uncached_input_tokens", "input_tokens")
        )
        if start is None or uncached is None:
            yield Skipped("no row of an Anthropic usage export")
        elif not model:
            yield Skipped("a sum over several models: export it grouped by model")
        else:
            usage = Usage(
                uncached=uncached,
                cache_read=tokens(
                    _first(record, "usage_input_tokens_cache_read", "cache_read_input_tokens")
                ),
                cache_write_5m=tokens(
                    _first(record, "usage_input_tokens_cache_write_5m")
                    or written.get("ephemeral_5m_input_tokens")
                ),
                cache_write_1h=tokens(
                    _first(record, "usage_input_tokens_cache_write_1h")
                    or written.get("ephemeral_1h_input_tokens")
                ),
                output=tokens(_first(record, "usage_output_tokens", "output_tokens")),
                web_searches=tokens(
                    _first(record, "web_search_count") or tools.get("web_search_requests")
                ),
            )
            yield _sum("anthropic", record, start, end, zone, str(model), usage, calls=None,
                       told=_told(record))  # fmt: skip


def _told(record: Record) -> set[str]:
    usual = {"", "standard", "default", "auto", "global", "not_available", "none"}
    names = ("usage_type", "service_tier", "speed", "inference_geo")
    told = (str(record.get(name) or "").strip().lower() for name in names)
    return {value for value in told if value not in usual}


def _first(record: Record, *names: str) -> object:
    return next((record[name] for name in names if record.get(name) not in (None, "")), None)


_FIGURES = ("token", "num_", "count", "cache_creation", "server_tool", "cost", "end", "object")


def _sum(
    provider: str,
    record: Record,
    start: int,
    end: int | None,
    zone: str,
    model: str,
    usage: Usage,
    *,
    calls: int | None,
    told: Set[str],
) -> Found:
    # What names the sum, not what it counts: today's sum has grown when it is read again.
    key = {
        name: value
        for name, value in record.items()
        if isinstance(name, str) and not any(part in name for part in _FIGURES)
    }
    until = end or start + DAY_MS
    raw = {name: value for name, value in record.items() if value not in (None, "")}
    entry = row(
        f"{provider}-usage",
        json.dumps(key, sort_keys=True, default=str),
        started_ms=start,
        zone=zone,
        tier=Tier.API,
        provider=provider,
        model=model,
        usage=usage,
        raw=raw | {"service_tier": BATCH} if BATCH in told else raw,
        calls=calls or 0,
    )
    return Found(entry, until_ms=until, circumstances=frozenset(told))
