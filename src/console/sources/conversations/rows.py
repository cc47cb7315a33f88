"""Rows of the conversations' file as what they mean."""

import json
from collections.abc import Sequence
from typing import Any

from console.core.chat import Attachment, Image, SystemPrompt
from console.core.exchange import Exchange
from console.core.kept import Kept
from console.core.tier import Tier


def plain(text: str) -> str:
    """`text` without lone surrogates, which SQLite cannot keep."""
    return text.encode("utf-8", "replace").decode()


def kept_of(row: Any, exchanges: tuple[Exchange, ...]) -> Kept:  # noqa: ANN401 (a row of SQLite)
    """A conversation, with what was said in it."""
    models = {Tier.LOCAL: row["local_model"], Tier.API: row["api_model"]}
    system = row["system_name"]
    return Kept(
        id=row["id"],
        title=row["title"],
        created_ms=row["created_ms"],
        updated_ms=row["updated_ms"],
        pinned=row["pinned"],
        waived=frozenset(json.loads(row["waived"])),
        system=None if system is None else SystemPrompt(system, row["system_text"]),
        models={tier: model for tier, model in models.items() if model},
        exchanges=exchanges,
    )


def exchange_of(row: Any, attachments: Sequence[Attachment]) -> Exchange:  # noqa: ANN401 (as above)
    """A message and its reply, with what travelled with it."""
    return Exchange(
        number=row["number"],
        task=row["task"],
        attachments=tuple(attachments),
        asked_ms=row["asked_ms"],
        reply=row["reply"],
        whole=bool(row["whole"]),
        entry=row["entry"],
        tier=Tier(row["tier"]) if row["tier"] else None,
        model=row["model"],
        reason=row["reason"],
        replaced=bool(row["replaced"]),
    )


def attachment_of(row: Any) -> Attachment:  # noqa: ANN401 (as above)
    """What travelled with a message."""
    kind = row["media_type"]
    image = Image(row["name"], kind, row["data"]) if kind else None
    return Attachment(row["name"], row["text"], image, row["path"], row["real_path"])
