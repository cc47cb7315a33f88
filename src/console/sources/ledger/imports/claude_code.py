"""Claude Code's session logs: JSON lines, of which several can tell of one reply."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from console.core.tier import Tier
from console.core.usage import WireShape, circumstances, merge, normalise
from console.sources.ledger.imports.found import Findings, Found, Skipped, instant, row

ORIGIN = "claude-code"


def files(path: Path) -> list[Path]:
    """The logs under a folder, or the one file."""
    return sorted(path.rglob("*.jsonl")) if path.is_dir() else [path]


def read(paths: Iterable[Path], *, zone: str, plan: bool) -> Findings:
    """One row per reply, whatever the number of lines and files that repeat it.

    A reply is told by its message and request id; forked and resumed sessions copy lines, and a
    stream logs a line per block with counts that grow: per field the largest is the reply's.
    """
    replies: dict[tuple[str, str], dict[str, Any]] = {}
    for path in paths:
        for number, line in enumerate(_lines(path), 1):
            reply = _reply(line)
            if isinstance(reply, str):
                yield Skipped(reply, f"{path.name}:{number}")
                continue
            known = replies.setdefault(reply["key"], reply)
            if known is not reply:
                yield Skipped("another line of a reply that is counted once")
                known["usage"] = merge(known["usage"], reply["usage"])
                known["first_ms"] = min(known["first_ms"], reply["first_ms"])
                known["last_ms"] = max(known["last_ms"], reply["last_ms"])
    for (message, request), reply in replies.items():
        raw = reply["usage"]
        entry = row(
            ORIGIN,
            f"{message}\0{request}",
            started_ms=reply["first_ms"],
            ended_ms=reply["last_ms"],
            zone=zone,
            tier=Tier.API,
            provider="anthropic",
            model=reply["model"],
            model_reported=reply["model"],
            usage=normalise(WireShape.ANTHROPIC, raw),
            raw=raw,
            plan=plan,
            conversation=reply["session"],
            response_id=message if message.startswith("msg_") else None,
        )
        yield Found(entry, circumstances=circumstances(raw))


def _lines(path: Path) -> Iterator[str]:
    with path.open(encoding="utf-8", errors="replace") as file:
        yield from file


def _reply(line: str) -> dict[str, Any] | str:
    """What a line says of a reply, or why it says nothing."""
    try:
        entry = json.loads(line)
    except ValueError:
        return "no JSON"
    if not isinstance(entry, dict) or entry.get("type") != "assistant":
        return "no reply of a model"
    message = entry.get("message")
    if not isinstance(message, dict) or not isinstance(message.get("usage"), dict):
        return "a reply without usage"
    # Without an id of the reply the line's own has to do.
    model, id = message.get("model"), message.get("id") or entry.get("uuid")
    if not isinstance(model, str) or model == "<synthetic>":
        return "a reply that no model made"
    at_ms = instant(entry.get("timestamp"))
    if at_ms is None or not isinstance(id, str):
        return "a reply without a time or an id"
    return {
        "key": (id, str(entry.get("requestId") or "")),
        "model": model,
        "usage": merge({}, message["usage"]),
        "first_ms": at_ms,
        "last_ms": at_ms,
        "session": str(entry["sessionId"]) if entry.get("sessionId") else None,
    }
