"""Any CSV file whose columns the operator names."""

import csv
import json
from collections import Counter
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from pathlib import Path

from console.core.entry import Price
from console.core.money import to_nano
from console.core.text import one_line
from console.core.tier import Tier
from console.core.usage import Usage
from console.sources.ledger.imports.found import Findings, Found, Skipped, instant, row, tokens

FIELDS = {
    "time": "when it began: ISO (UTC without a zone), or epoch seconds or milliseconds",
    "model": "the model's name",
    "input": "prompt tokens, cached ones included",
    "uncached": "prompt tokens, cached ones left out; instead of input",
    "output": "output tokens",
    "cached": "prompt tokens read from a cache",
    "write_5m": "tokens written to a cache for five minutes",
    "write_1h": "tokens written to a cache for an hour",
    "reasoning": "the part of the output that was thinking",
    "cost": "dollars, where the file knows them",
    "provider": "whose model it is",
    "tier": "local or api",
    "calls": "how many requests the row sums up",
    "tag": "a tag",
    "id": "what tells one row from another; else a row's whole content",
    "duration": "seconds it took",
}
"""What a column, or a constant, can be taken for."""


def read(
    path: Path, *, zone: str, columns: Mapping[str, str], constants: Mapping[str, str]
) -> Findings:
    """One row per line; `columns` maps a field to a column's name, `constants` to a value.

    Raises ValueError with a sentence when the mapping does not fit the file.
    """
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        reader = csv.DictReader(file)
        _check(path, columns, constants, reader.fieldnames or ())
        seen: Counter[str] = Counter()
        for record in reader:
            values = dict(constants) | {
                field: record.get(column) or "" for field, column in columns.items()
            }
            content = values.get("id") or json.dumps(record, sort_keys=True, default=str)
            seen[content] += 1
            # Two lines of one content are two requests, and stay two when they are read again.
            key = content if values.get("id") else f"{content}\0{seen[content]}"
            if values.get("id") and seen[content] > 1:
                yield Skipped("a line with an id that another has")
                continue
            yield _line(f"{path.name}:{reader.line_num}", key, values, zone)


def _check(
    path: Path, columns: Mapping[str, str], constants: Mapping[str, str], names: object
) -> None:
    known = ", ".join(FIELDS)
    for field in (*columns, *constants):
        if field not in FIELDS:
            raise ValueError(f'"{one_line(field)}" is no field; known are {known}.')
    have = list(names) if isinstance(names, list | tuple) else []
    for field, column in columns.items():
        if column not in have:
            there = ", ".join(one_line(str(name)) for name in have)
            raise ValueError(
                f'{path} has no column "{one_line(column)}" for {field}; it has {there}.'
            )
    given = {*columns, *constants}
    for needed in ("time", "model", "output"):
        if needed not in given:
            raise ValueError(f"Which column is {needed}? Say it with --map {needed}=COLUMN.")
    if not given & {"input", "uncached"}:
        raise ValueError("Which column is input (or uncached)? Say it with --map input=COLUMN.")


def _line(where: str, key: str, values: Mapping[str, str], zone: str) -> Found | Skipped:
    at_ms, model = instant(values["time"]), values["model"].strip()
    if at_ms is None:
        return Skipped("a line whose time cannot be read", where)
    if not model:
        return Skipped("a line without a model", where)
    tier = values.get("tier", "api").strip().lower()
    if tier not in list(Tier):
        return Skipped("a line whose tier is neither local nor api", where)
    cached = tokens(values.get("cached"))
    writes = [tokens(values.get(name)) for name in ("write_5m", "write_1h")]
    uncached = tokens(values.get("uncached"))
    if "input" in values and (sent := tokens(values["input"])) is not None:
        uncached = sent - (cached or 0) - sum(each or 0 for each in writes)
        if uncached < 0:
            return Skipped("a line whose cached tokens are more than its input", where)
    try:
        cost = Decimal(values["cost"].strip().removeprefix("$")) if values.get("cost") else None
        nano = None if cost is None else to_nano(cost)
        took_ms = int(Decimal(took) * 1000) if (took := values.get("duration")) else None
    except (InvalidOperation, ValueError):
        return Skipped("a line whose cost or duration is no number", where)
    usage = Usage(
        uncached=uncached,
        cache_read=cached,
        cache_write_5m=writes[0],
        cache_write_1h=writes[1],
        output=tokens(values.get("output")),
        reasoning=tokens(values.get("reasoning")),
    )
    api = tier == Tier.API
    entry = row(
        "csv",
        key,
        started_ms=at_ms,
        ended_ms=None if took_ms is None else at_ms + took_ms,
        zone=zone,
        tier=Tier(tier),
        provider=values.get("provider", "").strip() or ("unknown" if api else "local"),
        model=model,
        usage=usage,
        calls=tokens(values.get("calls")) or 1,
        tag=one_line(values.get("tag", "")) or None,
        cost_nano=nano if api else None,
        price=Price("the imported file", None, "as the file says")
        if nano is not None and api
        else None,
    )
    return Found(entry)
