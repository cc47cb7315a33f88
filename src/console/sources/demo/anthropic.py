"""A stand-in for Anthropic's API, with its event order, its usage fields and its errors."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from console.sources.demo import replies
from console.sources.demo.answers import Answer, Reply
from console.sources.demo.faults import Fault, Received, reported
from console.sources.demo.standin import INSTANT, OPENED_MS, StandIn

KEY = "sk-ant-stand-in"
"""The key a stand-in asks for; it opens nothing else."""

MODELS = {
    "claude-opus-5-5": "Claude Opus 5.5",
    "claude-sonnet-5-5": "Claude Sonnet 5.5",
    "claude-haiku-5-5": "Claude Haiku 5.5",
}
JSON = "application/json"
EVENTS = "text/event-stream; charset=utf-8"
PREFILL_PER_S = 8_000.0
"""Prompt tokens read per second, when the stand-in takes its time."""

ERRORS = {
    400: ("invalid_request_error", "The request was not valid."),
    401: ("authentication_error", "invalid x-api-key"),
    402: ("billing_error", "Your credit balance is too low to access the API."),
    403: ("permission_error", "Your API key may not use this resource."),
    404: ("not_found_error", "Not found"),
    413: ("request_too_large", "Request exceeds the maximum size"),
    429: ("rate_limit_error", "This request would exceed your organization's rate limit."),
    500: ("api_error", "Internal server error"),
    504: ("timeout_error", "The request timed out."),
    529: ("overloaded_error", "Overloaded"),
}


class AnthropicStandIn(StandIn):
    """Speaks the Messages API for models that do not exist; asks for `key` as the API does.

    Prompts are cached without being asked for: of all that stands before the last message, the
    part that an earlier request held is read from the cache and the rest written to it; the last
    message itself is never cached. The cache keeps five minutes' prices, or an hour's when a
    block of the request asks for that; it forgets nothing.
    """

    chat_path = "/v1/messages"

    def __init__(
        self,
        *,
        key: str = KEY,
        models: Sequence[str] = tuple(MODELS),
        tokens_per_s: float = INSTANT,
        opened_ms: int = OPENED_MS,
    ) -> None:
        super().__init__(tokens_per_s=tokens_per_s, opened_ms=opened_ms)
        self.key = key
        self.models = tuple(models)
        self._cached: set[bytes] = set()
        self._ids = 0

    def answer(self, request: Received, fault: Fault) -> Answer | Reply:
        """What the API answers to a request."""
        refused = self._unauthorised(request)
        if refused is not None:
            return refused
        one_model = request.path.removeprefix("/v1/models/")
        match request.method, request.path:
            case "GET", "/v1/models":
                return self._json(_page([self._model(name) for name in self.models]))
            case "GET", _ if one_model in self.models:
                return self._json(self._model(one_model))
            case "POST", "/v1/messages" | "/v1/messages/count_tokens":
                if "anthropic-version" not in request.headers:
                    return self._error(400, "anthropic-version: header is required")
                try:
                    return self._prompted(request, fault)
                except (ValueError, RecursionError) as error:
                    return self._error(400, str(error))
            case _:
                return self.refusal(404)

    def refusal(self, status: int, body: str | None = None) -> Answer:
        """An error as the API sends it."""
        if body is None:
            return self._error(status, None)
        return Answer(
            status=status,
            content_type=JSON,
            body=body.encode(errors="replace"),
            headers={"request-id": self._id("req")},
        )

    def _unauthorised(self, request: Received) -> Answer | None:
        bearer = request.headers.get("authorization", "").removeprefix("Bearer ")
        given = request.headers.get("x-api-key") or bearer
        if given == self.key:
            return None
        if not given:
            return self._error(401, "x-api-key header is required")
        return self._error(401, "Invalid bearer token" if bearer else "invalid x-api-key")

    def _prompted(self, request: Received, fault: Fault) -> Answer | Reply:
        asked = request.json
        if not isinstance(asked, dict):
            raise ValueError("the body must be an object")
        model = asked.get("model")
        if model not in self.models:
            return self._error(404, f"model: {model}")
        turns = _turns(asked)
        if request.path != self.chat_path:
            return self._json({"input_tokens": sum(replies.framed(text) for _, text in turns)})
        limit = asked.get("max_tokens")
        if not isinstance(limit, int) or limit < 1:
            raise ValueError("max_tokens: must be a number greater than or equal to 1")
        own = replies.choose(replies.API_REPLIES, turns[-1][1])
        pieces = replies.pieces(own if fault.reply is None else fault.reply)
        stop = "max_tokens" if limit < len(pieces) else "end_turn"
        usage = self._prompt_usage(turns, hour=_asks_for_an_hour(asked))
        return self._reply(
            str(model), pieces[:limit], stop, usage, asked.get("stream") is True, fault
        )

    def _prompt_usage(self, turns: Sequence[tuple[str, str]], *, hour: bool) -> dict[str, Any]:
        """The input side of usage, and the cache's new content."""
        *before, (_, last) = turns
        known, read, written = hashlib.sha256(), 0, 0
        for role, text in before:
            known.update(f"{role}\0{text}\0".encode(errors="replace"))
            if known.digest() in self._cached:
                read += replies.framed(text)
            else:
                written += replies.framed(text)
                self._cached.add(known.digest())
        return {
            "input_tokens": replies.framed(last),
            "cache_creation_input_tokens": written,
            "cache_read_input_tokens": read,
            "cache_creation": {
                "ephemeral_5m_input_tokens": 0 if hour else written,
                "ephemeral_1h_input_tokens": written if hour else 0,
            },
        }

    def _reply(
        self,
        model: str,
        pieces: Sequence[str],
        stop: str,
        prompt: Mapping[str, Any],
        streamed: bool,
        fault: Fault,
    ) -> Reply:
        # A stream begins with a placeholder for the output; its end repeats the input without
        # the cache's split.
        first = reported({**prompt, "output_tokens": 1, "service_tier": "standard"}, fault)
        final = reported({**prompt, "output_tokens": len(pieces)}, fault)
        final.pop("cache_creation", None)
        whole = reported(
            {**prompt, "output_tokens": len(pieces), "service_tier": "standard"}, fault
        )
        request_id = self._id("req")
        message: dict[str, Any] = {
            "model": model,
            "id": self._id("msg"),
            "type": "message",
            "role": "assistant",
            "content": [],
            "stop_reason": None,
            "stop_sequence": None,
        }
        text = [{"type": "text", "text": "".join(pieces)}]
        ended = {"stop_reason": stop, "stop_sequence": None}
        tokens = sum(part for part in prompt.values() if isinstance(part, int))
        return Reply(
            pieces=pieces,
            prefill_s=0.0 if self.instant else 0.5 + tokens / PREFILL_PER_S,
            streamed=streamed,
            stream_type=EVENTS,
            whole_type=JSON,
            headers={"cache-control": "no-cache", "request-id": request_id},
            opening=[
                _event("message_start", message=message | _usage(first)),
                _event("content_block_start", index=0, content_block={"type": "text", "text": ""}),
                _event("ping"),
            ],
            frame=lambda piece: _event(
                "content_block_delta", index=0, delta={"type": "text_delta", "text": piece}
            ),
            closing=lambda timing: [
                _event("content_block_stop", index=0),
                _event("message_delta", delta=ended, **_usage(final)),
                _event("message_stop"),
            ],
            whole=lambda timing: _dump(message | {"content": text} | ended | _usage(whole)),
            broken=b'event: content_block_delta\ndata: {"type":"content_block_delta","ind\n\n',
            error=b"event: error\ndata: "
            + _dump(_error_body("overloaded_error", "Overloaded", request_id))
            + b"\n\n",
        )

    def _model(self, name: str) -> dict[str, Any]:
        return {
            "type": "model",
            "id": name,
            "display_name": MODELS.get(name, name),
            "created_at": "2026-09-01T00:00:00Z",
            "lifecycle": "active",
            "deprecated_at": None,
            "retires_at": None,
            "max_input_tokens": 200_000,
            "max_tokens": 64_000,
        }

    def _json(self, value: Mapping[str, Any]) -> Answer:
        headers = {"request-id": self._id("req")}
        return Answer(content_type=JSON, body=_dump(value), headers=headers)

    def _error(self, status: int, message: str | None) -> Answer:
        kind, usual = ERRORS.get(status, ("api_error", f"The stand-in was told to fail: {status}"))
        request_id = self._id("req")
        return Answer(
            status=status,
            content_type=JSON,
            body=_dump(_error_body(kind, message or usual, request_id)),
            headers={"request-id": request_id},
        )

    def _id(self, kind: str) -> str:
        """An id no other answer has, nor one of a stand-in that is open at the same time."""
        self._ids += 1
        origin = f"{self.url} {self._opened_ms} {self._ids}"
        return f"{kind}_{hashlib.sha256(origin.encode()).hexdigest()[:24]}"


def _turns(asked: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Role and text of all that is sent, the system prompt first.

    Raises ValueError, worded as the API does, when something is missing or of the wrong kind.
    """
    messages = asked.get("messages")
    if not isinstance(messages, list) or not messages:
        raise ValueError("messages: at least one message is required")
    turns = [("system", replies.said(asked["system"]))] if asked.get("system") else []
    for place, message in enumerate(messages):
        role = message.get("role") if isinstance(message, dict) else None
        if role not in ("user", "assistant"):
            raise ValueError(f"messages.{place}.role: Input should be 'user' or 'assistant'")
        turns.append((role, replies.said(message.get("content"))))
    return turns


def _asks_for_an_hour(asked: Mapping[str, Any]) -> bool:
    """Whether any cache mark in the request asks for the longer time."""
    return '"ttl":"1h"' in _dump(asked).decode()


def _page(models: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    ends = [models[0]["id"], models[-1]["id"]] if models else [None, None]
    return {"data": models, "has_more": False, "first_id": ends[0], "last_id": ends[1]}


def _usage(usage: Mapping[str, Any]) -> dict[str, Any]:
    return {"usage": usage} if usage else {}


def _error_body(kind: str, message: str, request_id: str) -> dict[str, Any]:
    error = {"type": kind, "message": message}
    return {"type": "error", "error": error, "request_id": request_id}


def _event(kind: str, **fields: object) -> bytes:
    return b"event: %b\ndata: %b\n\n" % (kind.encode(), _dump({"type": kind, **fields}))


def _dump(value: Mapping[str, Any]) -> bytes:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.encode(errors="replace")
