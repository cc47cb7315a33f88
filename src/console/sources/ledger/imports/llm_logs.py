"""The logs.db of the `llm` command."""

import json
import sqlite3
from contextlib import closing
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from console.core.entry import Ending
from console.core.tier import Tier
from console.core.usage import Usage, WireShape, normalise
from console.sources.ledger.imports.found import Findings, Found, Skipped, instant, row, tokens

ORIGIN = "llm"

_PROVIDERS = (
    ("anthropic", ("claude-*", "anthropic/*")),
    ("openai", ("gpt-*", "chatgpt-*", "o1*", "o3*", "o4*", "openai/*")),
    ("google", ("gemini*", "google/*")),
    ("mistral", ("mistral/*", "mistral-*")),
)
"""Whose model a name is; a name that is nobody's has no price."""


def read(path: Path, *, zone: str, local: tuple[str, ...]) -> Findings:
    """One row per logged response.

    Models that match one of `local`, and names with a tag as Ollama's have, were served here.
    """
    # Read only, without touching a database that `llm` may be writing.
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as db:
        db.row_factory = sqlite3.Row
        columns = {name for _, name, *_ in db.execute("PRAGMA table_info(responses)")}
        if not {"id", "model", "datetime_utc"} <= columns:
            raise ValueError(f"{path} is no database of llm: it has no table of responses.")
        for record in db.execute("SELECT * FROM responses ORDER BY datetime_utc"):
            yield _response(dict(record), zone, local)


def _response(record: dict[str, Any], zone: str, local: tuple[str, ...]) -> Found | Skipped:
    at_ms, model = instant(record["datetime_utc"]), record["model"]
    if at_ms is None or not isinstance(model, str):
        return Skipped("a response without a time or a model", str(record["id"]))
    here = ":" in model or any(fnmatchcase(model.lower(), glob.lower()) for glob in local)
    usage, raw = _usage(record)
    reply = record.get("response")
    duration = tokens(record.get("duration_ms"))
    entry = row(
        ORIGIN,
        str(record["id"]),
        started_ms=at_ms,
        ended_ms=None if duration is None else at_ms + duration,
        ending=Ending.DONE,
        zone=zone,
        tier=Tier.LOCAL if here else Tier.API,
        provider="local" if here else _provider(model),
        model=model.partition("/")[2] or model,
        model_reported=record.get("resolved_model"),
        usage=usage,
        raw=raw,
        conversation=record.get("conversation_id"),
        prompt_chars=len(record.get("prompt") or "") + len(record.get("system") or ""),
        reply_chars=len(reply) if isinstance(reply, str) else None,
    )
    return Found(entry)


def _usage(record: dict[str, Any]) -> tuple[Usage, dict[str, Any]]:
    """Tokens by the shape of their details: Anthropic's input leaves cached tokens out."""
    sent, written = tokens(record.get("input_tokens")), tokens(record.get("output_tokens"))
    try:
        details = json.loads(record.get("token_details") or "{}")
    except ValueError:
        details = {}
    details = details if isinstance(details, dict) else {}
    if any(name.startswith("cache_") for name in details):
        raw = {"input_tokens": sent, "output_tokens": written, **details}
        return normalise(WireShape.ANTHROPIC, raw), raw
    raw = {"prompt_tokens": sent, "completion_tokens": written, **details}
    return normalise(WireShape.OPENAI, raw), raw


def _provider(model: str) -> str:
    name = model.lower()
    return next(
        (who for who, globs in _PROVIDERS if any(fnmatchcase(name, glob) for glob in globs)),
        "unknown",
    )
