"""Verdicts in the ledger's file: one row per blind comparison, written once, read oldest first."""

import json
import sqlite3
from collections.abc import Callable, Sequence
from typing import Any

from console.core.tier import Tier
from console.core.verdict import Judgement, Verdict

Rows = Callable[[str, Sequence[Any]], list[sqlite3.Row]]

_COLUMNS = (
    "pair", "a_entry", "b_entry", "a_tier", "judgement", "at_ms", "prompt_hash", "features",
    "features_version", "prompt",
)  # fmt: skip
_INSERT = (
    f"INSERT INTO verdicts ({', '.join(_COLUMNS)}) VALUES ({', '.join('?' * len(_COLUMNS))}) "
    "ON CONFLICT (pair) DO UPDATE SET judgement = excluded.judgement, at_ms = excluded.at_ms"
)


def write(db: sqlite3.Connection, verdict: Verdict) -> None:
    """Keep a verdict; a second one on the same pair replaces the first."""
    features = None if verdict.features is None else json.dumps(dict(verdict.features))
    db.execute(
        _INSERT,
        (
            verdict.pair, verdict.a, verdict.b, verdict.a_tier, verdict.judgement, verdict.at_ms,
            verdict.prompt_hash, features, verdict.features_version, verdict.prompt,
        ),
    )  # fmt: skip


def read(rows: Rows) -> list[Verdict]:
    """All verdicts, oldest first."""
    found = rows(f"SELECT {', '.join(_COLUMNS)} FROM verdicts ORDER BY at_ms, pair", ())
    return [_verdict(row) for row in found]


def _verdict(row: sqlite3.Row) -> Verdict:
    features = row["features"]
    return Verdict(
        pair=row["pair"],
        a=row["a_entry"],
        b=row["b_entry"],
        a_tier=Tier(row["a_tier"]),
        judgement=Judgement(row["judgement"]),
        at_ms=row["at_ms"],
        prompt_hash=row["prompt_hash"],
        features=None if features is None else json.loads(features),
        features_version=row["features_version"],
        prompt=row["prompt"],
    )
