"""A conversation as a document to keep or to hand on: Markdown to read, JSON to work with."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from console.core.chat import Attachment
from console.core.entry import Entry
from console.core.exchange import Exchange
from console.core.text import printable
from console.services.conversation import Conversation

FORMATS = ("md", "json")


def file_name(conversation: Conversation, suffix: str) -> str:
    """A name for an export: the title in plain letters, and the beginning of the id."""
    slug = re.sub(r"[^a-z0-9]+", "-", conversation.called.lower()).strip("-")[:40].strip("-")
    return f"{slug or 'conversation'}-{conversation.id[:6]}.{suffix}"


def as_markdown(conversation: Conversation, zone: str) -> str:
    """The conversation to read, times in the operator's zone; images and files by their names."""
    parts = [f"# {printable(conversation.called) or 'Conversation'}"]
    if conversation.pinned:
        parts.append(f"Pinned to local: {printable(conversation.pinned)}.")
    if conversation.system:
        system = conversation.system
        parts.append(f"System prompt `{system.name}` ({system.version}):")
        parts.append(_fenced(system.text))
    for exchange in conversation.exchanges:
        parts += _exchange(exchange, zone)
    return "\n\n".join(parts) + "\n"


def as_json(conversation: Conversation, entries: Mapping[str, Entry]) -> dict[str, Any]:
    """Everything that is kept of a conversation; money is in nano-dollars, times in UTC ms."""
    system = conversation.system
    return {
        "id": conversation.id,
        "title": conversation.called,
        "pinned": conversation.pinned,
        "system": system and {"name": system.name, "hash": system.version, "text": system.text},
        "models": dict(conversation.models),
        "exchanges": [
            _exchange_json(exchange, entries.get(exchange.entry or ""))
            for exchange in conversation.exchanges
        ],
    }


def _exchange(exchange: Exchange, zone: str) -> list[str]:
    at = datetime.fromtimestamp(exchange.asked_ms / 1000, ZoneInfo(zone))
    parts = [f"## You · {at:%Y-%m-%d %H:%M}", printable(exchange.task)]
    parts += [f"*with {printable(each.name)}*" for each in exchange.attachments]
    if not exchange.reply:
        return [*parts, "*no reply was kept*"]
    who = " · ".join(filter(None, (exchange.tier, exchange.model, exchange.reason)))
    parts += [f"## {printable(who)}", printable(exchange.reply)]
    if exchange.replaced:
        parts.append("*asked again below*")
    elif not exchange.whole:
        parts.append("*stopped or cut here*")
    return parts


def _exchange_json(exchange: Exchange, entry: Entry | None) -> dict[str, Any]:
    took = None
    if entry is not None:
        took = {
            "prompt_tokens": entry.usage.prompt,
            "output_tokens": entry.usage.output,
            "ttft_ms": entry.ttft_ms,
            "spent_nano": entry.spent_nano,
        }
    return {
        "asked_ms": exchange.asked_ms,
        "task": exchange.task,
        "attachments": [_attachment_json(each) for each in exchange.attachments],
        "reply": exchange.reply,
        "whole": exchange.whole,
        "replaced": exchange.replaced,
        "tier": exchange.tier,
        "model": exchange.model,
        "reason": exchange.reason,
        "entry": exchange.entry,
        "took": took,
    }


def _attachment_json(attachment: Attachment) -> dict[str, Any]:
    image = attachment.image
    return {
        "name": attachment.name,
        "path": attachment.path,
        "text": attachment.text,
        "image": image and {"media_type": image.media_type, "base64": image.base64},
    }


def _fenced(text: str) -> str:
    """A text as a block of code, whatever fences it holds."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{printable(text)}\n{fence}"
