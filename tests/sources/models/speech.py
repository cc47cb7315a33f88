"""What servers of the three protocols say, from recorded answers, and the tiers that listen."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from console.core.settings import TierSettings
from console.core.tier import Tier
from console.sources.models import model_source

SSE = "text/event-stream"
NDJSON = "application/x-ndjson"


@dataclass(frozen=True)
class Speech:
    """One protocol: the path it is spoken at, a reply in pieces, an error inside a reply."""

    kind: str
    path: str
    content_type: str
    opening: tuple[str, ...]
    first: str
    rest: tuple[str, ...]
    error: str

    @property
    def pieces(self) -> tuple[str, ...]:
        return (*self.opening, self.first, *self.rest)


def event(name: str, data: str) -> str:
    return f"event: {name}\ndata: {data}\n\n"


# Ollama 0.32.15
OLLAMA = Speech(
    "ollama",
    "/api/chat",
    NDJSON,
    (),
    '{"model":"tiny","created_at":"2026-11-23T23:39:41.48359708Z","message":'
    '{"role":"assistant","content":"Node"},"done":false}\n',
    (
        '{"model":"tiny","created_at":"2026-11-23T23:39:42.1095687Z","message":'
        '{"role":"assistant","content":" fine."},"done":false}\n',
        '{"model":"tiny","created_at":"2026-11-23T23:39:42.111159032Z","message":'
        '{"role":"assistant","content":""},"done":true,"done_reason":"stop",'
        '"total_duration":1105388174,"load_duration":257357356,"prompt_eval_count":20,'
        '"prompt_eval_duration":218576000,"eval_count":6,"eval_duration":627476000}\n',
    ),
    '{"error":"an error was encountered while running the model: unexpected EOF"}\n',
)

# The API's own order of events, with a cache and with thinking.
ANTHROPIC = Speech(
    "anthropic",
    "/v1/messages",
    SSE,
    (
        event(
            "message_start",
            '{"type":"message_start","message":{"id":"msg_01","type":"message",'
            '"role":"assistant","content":[],"model":"claude-tiny-1","stop_reason":null,'
            '"stop_sequence":null,"usage":{"input_tokens":7,"cache_creation_input_tokens":30,'
            '"cache_read_input_tokens":11,"cache_creation":{"ephemeral_5m_input_tokens":10,'
            '"ephemeral_1h_input_tokens":20},"output_tokens":1,"service_tier":"standard"}}}',
        ),
        event("ping", '{"type":"ping"}'),
        event(
            "content_block_start",
            '{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}',
        ),
    ),
    event(
        "content_block_delta",
        '{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Node"}}',
    ),
    (
        event(
            "content_block_delta",
            '{"type":"content_block_delta","index":0,'
            '"delta":{"type":"text_delta","text":" fine."}}',
        ),
        event("content_block_stop", '{"type":"content_block_stop","index":0}'),
        event(
            "message_delta",
            '{"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},'
            '"usage":{"input_tokens":7,"cache_creation_input_tokens":30,'
            '"cache_read_input_tokens":11,"output_tokens":6}}',
        ),
        event("message_stop", '{"type":"message_stop"}'),
    ),
    event(
        "error",
        '{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}',
    ),
)

# llama.cpp b11549
_CHUNK = '"created":1795476961,"id":"chatcmpl-m8b5","model":"tiny","object":"chat.completion.chunk"'
OPENAI = Speech(
    "openai",
    "/v1/chat/completions",
    SSE,
    (
        'data: {"choices":[{"finish_reason":null,"index":0,"delta":'
        '{"role":"assistant","content":null}}],' + _CHUNK + "}\n\n",
    ),
    'data: {"choices":[{"finish_reason":null,"index":0,"delta":{"content":"Node"}}],'
    + _CHUNK
    + "}\n\n",
    (
        'data: {"choices":[{"finish_reason":null,"index":0,"delta":{"content":" fine."}}],'
        + _CHUNK
        + "}\n\n",
        'data: {"choices":[{"finish_reason":"stop","index":0,"delta":{}}],' + _CHUNK + "}\n\n",
        'data: {"choices":[],' + _CHUNK + ',"usage":{"completion_tokens":6,"prompt_tokens":20,'
        '"total_tokens":26,"prompt_tokens_details":{"cached_tokens":19}}}\n\n',
        "data: [DONE]\n\n",
    ),
    'data: {"error":{"code":500,"message":"the model stopped","type":"server_error"}}\n\n',
)

ALL = (OLLAMA, ANTHROPIC, OPENAI)


def source(
    speech: Speech,
    url: str,
    environment: Mapping[str, str] | None = None,
    tier: Tier = Tier.LOCAL,
    **changes: Any,
) -> Any:
    """A tier that is served at `url`."""
    settings = TierSettings(**{"kind": speech.kind, "base_url": url, "model": "tiny", **changes})
    return model_source(settings, environment or {}, tier)
