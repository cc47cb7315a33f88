"""What a reader of foreign history yields: rows, and reasons for what it passes over."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from console.core.entry import Ending, Entry
from console.core.text import one_line
from console.core.tier import Tier
from console.core.usage import Usage, UsageSource


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something that is no row, and why, in a few words that many can share."""

    why: str
    where: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """A row, and for a sum of requests the UTC time its window ends."""

    entry: Entry
    until_ms: int | None = None
    circumstances: frozenset[str] = frozenset()


Findings = Iterator[Found | Skipped]

LATEST_MS = 32_503_680_000_000


def row(
    origin: str,
    key: str,
    *,
    started_ms: int,
    zone: str,
    tier: Tier,
    provider: str,
    model: str,
    usage: Usage,
    raw: Mapping[str, Any] | None = None,
    **fields: Any,  # noqa: ANN401 -- fields of an entry, which checks them
) -> Entry:
    """An ended row whose id follows from where it comes from, so that it is added only once."""
    digest = hashlib.sha256(f"{origin}\0{key}".encode()).hexdigest()[:24]
    values: dict[str, Any] = {
        "ending": Ending.DONE,
        "usage_source": UsageSource.REPORTED if usage.total is not None else UsageSource.NONE,
        **fields,
    }
    return Entry(
        id=f"i{digest}",
        started_ms=started_ms,
        zone=zone,
        tier=tier,
        provider=provider,
        model=one_line(model)[:200],
        policy="import",
        reason=f"imported from {origin}",
        origin=origin,
        usage=usage,
        usage_raw=json.dumps(raw, default=str) if raw else None,
        **values,
    )


def instant(value: object) -> int | None:
    """UTC milliseconds of a time as files hold it: ISO (UTC without a zone), epoch s or ms."""
    if isinstance(value, str):
        text = value.strip()
        try:
            value = float(text)
        except ValueError:
            try:
                at = datetime.fromisoformat(text.removesuffix(" UTC"))
            except ValueError:
                return None
            at = at if at.tzinfo else at.replace(tzinfo=UTC)
            value = at.timestamp()
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value:
        return None
    ms = value if value > 1e11 else value * 1000
    return int(ms) if 0 <= ms < LATEST_MS else None


def tokens(value: object) -> int | None:
    """A count as files hold it; None when it is none."""
    if isinstance(value, str):
        text = value.strip().replace(",", "")
        value = int(text) if text.isdecimal() else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return int(value) if 0 <= value < 10**12 and value == int(value) else None
