"""Token usage: what servers report, merged over a stream and split into disjoint buckets."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeGuard

Raw = Mapping[str, Any]
"""A usage object as a server sent it."""


class WireShape(StrEnum):
    """The form a server reports usage in; chosen by protocol, never by provider name."""

    ANTHROPIC = "anthropic"
    OPENAI = "openai"
    OLLAMA = "ollama"


class UsageSource(StrEnum):
    """Where a row's token counts come from."""

    REPORTED = "reported"
    ESTIMATED = "estimated"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Disjoint token buckets of one request; None is unknown, never 0.

    `reasoning` is the part of `output` that was thinking, not a bucket beside it; `web_searches`
    are calls of a tool that the server billed beside the tokens.
    """

    uncached: int | None = None
    cache_read: int | None = None
    cache_write_5m: int | None = None
    cache_write_1h: int | None = None
    output: int | None = None
    reasoning: int | None = None
    web_searches: int | None = None

    @property
    def prompt(self) -> int | None:
        """All prompt tokens, cached or not; None when the server did not say."""
        if self.uncached is None:
            return None
        parts = (self.uncached, self.cache_read, self.cache_write_5m, self.cache_write_1h)
        return sum(part or 0 for part in parts)

    @property
    def cached(self) -> int | None:
        """Prompt tokens read from a cache."""
        return self.cache_read

    @property
    def total(self) -> int | None:
        """Prompt and output tokens together; None when either is unknown."""
        if self.prompt is None or self.output is None:
            return None
        return self.prompt + self.output


MAX_TOKENS = 10**12
"""A larger number is no count of tokens; sums of such would not fit a ledger's column."""


def merge(seen: Raw, more: Raw) -> dict[str, Any]:
    """Two usage objects of one reply as one: per field the larger number.

    Servers repeat usage in several events, some with zeros first and some with zeros last, so a
    field never shrinks and the order of events does not matter. What is not a number is kept
    too: an object before a number, a number before anything else, the longest of other values.
    """
    merged = dict(seen)
    for name, value in more.items():
        merged[name] = _larger(merged[name], value) if name in merged else value
    return merged


def _larger(one: object, other: object) -> object:
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return merge(one, other)
    return max(one, other, key=_weight)


def _weight(value: object) -> tuple[int, float, str]:
    """A value's place in the one order by which `merge` chooses."""
    if isinstance(value, Mapping):
        return (3, 0, "")
    if _is_number(value):
        return (2, value, "")
    return (1, 0.0 if value is None else len(repr(value)), repr(value))


def normalise(shape: WireShape, raw: Raw) -> Usage:
    """The disjoint buckets behind a merged usage object of the given wire shape."""
    match shape:
        case WireShape.ANTHROPIC:
            return _from_anthropic(raw)
        case WireShape.OPENAI:
            return _from_openai(raw)
        case WireShape.OLLAMA:
            return Usage(
                uncached=_count(raw, "prompt_eval_count"), output=_count(raw, "eval_count")
            )


def _from_anthropic(raw: Raw) -> Usage:
    written = _count(raw, "cache_creation_input_tokens")
    split = raw.get("cache_creation")
    hour = _count(split, "ephemeral_1h_input_tokens")
    short = _count(split, "ephemeral_5m_input_tokens")
    if written is not None:
        # A stream's last event has the total without the split: what is not known to be written
        # for an hour was written for five minutes, the API's default.
        short = max(written - (hour or 0), short or 0)
    output = _count(raw, "output_tokens")
    return Usage(
        uncached=_count(raw, "input_tokens"),
        cache_read=_count(raw, "cache_read_input_tokens"),
        cache_write_5m=short,
        cache_write_1h=hour,
        output=output,
        reasoning=_part(_count(raw.get("output_tokens_details"), "thinking_tokens"), output),
        web_searches=_count(raw.get("server_tool_use"), "web_search_requests"),
    )


def _from_openai(raw: Raw) -> Usage:
    prompt = _count(raw, "prompt_tokens")
    cached = _part(_count(raw.get("prompt_tokens_details"), "cached_tokens"), prompt)
    output = _count(raw, "completion_tokens")
    reasoning = _count(raw.get("completion_tokens_details"), "reasoning_tokens")
    total = _count(raw, "total_tokens")
    if prompt is not None and output is not None and total == prompt + output + (reasoning or 0):
        # OpenAI counts reasoning in the completion, xAI beside it; the reported total tells.
        output += reasoning or 0
    return Usage(
        uncached=None if prompt is None else prompt - (cached or 0),
        cache_read=cached,
        output=output,
        reasoning=_part(reasoning, output),
    )


_ORDINARY = {None, "", "standard", "default", "auto", "global", "not_available"}


def circumstances(raw: Raw) -> frozenset[str]:
    """What a usage object says about a request that changes its price.

    "batch", "priority", "flex", … (the service tier), "fast" (the speed), "us" (where it ran).
    """
    told = (raw.get(name) for name in ("service_tier", "speed", "inference_geo"))
    return frozenset(value for value in told if isinstance(value, str) and value not in _ORDINARY)


def _is_number(value: object) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and value == value


def _count(raw: object, name: str) -> int | None:
    """A field of a usage object, when it is a number of tokens."""
    value = raw.get(name) if isinstance(raw, Mapping) else None
    if not _is_number(value) or not 0 <= value <= MAX_TOKENS or value != int(value):
        return None
    return int(value)


def _part(part: int | None, whole: int | None) -> int | None:
    """A count that is a part of another one, never more than it."""
    return part if part is None or whole is None else min(part, whole)
