"""What only the Messages API does: its limits, warnings, thinking, several usages, its probe."""

import json
import warnings

import pytest

from console.core.chat import FailureKind, Prompt, Turn
from console.core.usage import WireShape, normalise
from tests.sources.models.replies import PICTURED, collect
from tests.sources.models.speech import ANTHROPIC, SSE, event, source
from tests.sources.models.test_model_sources import failure_of
from tests.sources.models.wire import http, playing, streamed

REPLY = streamed(SSE, *ANTHROPIC.pieces)


async def test_what_is_asked():
    async with playing({"/v1/messages": REPLY}) as wire:
        tier = source(ANTHROPIC, wire.url, {"K": "key-1"}, key_env="K", max_tokens=64)
        turns = (Turn("user", "a"), Turn("assistant", "b"), Turn("user", "c"))
        await collect(tier, Prompt(turns=turns, system="s"))
        plain = source(ANTHROPIC, wire.url)
        await collect(plain)
        await tier.aclose()
        await plain.aclose()
    full, bare = wire.asked
    assert full.json == {
        "model": "tiny",
        "max_tokens": 64,
        "system": "s",
        "messages": [
            {"role": "user", "content": "a"},
            {"role": "assistant", "content": "b"},
            {"role": "user", "content": "c"},
        ],
        "stream": True,
    }
    assert bare.json["max_tokens"] == 1024 and "system" not in bare.json


async def test_images_are_blocks_before_the_text():
    async with playing({"/v1/messages": REPLY}) as wire:
        tier = source(ANTHROPIC, wire.url)
        await collect(tier, Prompt(turns=(PICTURED,)))
        await tier.aclose()
    (message,) = wire.asked[0].json["messages"]
    image = {"type": "base64", "media_type": "image/png", "data": "iVBORw=="}
    assert message["content"] == [
        {"type": "image", "source": image},
        {"type": "text", "text": "look"},
    ]


async def test_usage_grows_over_the_stream():
    async with playing({"/v1/messages": REPLY}) as wire:
        tier = source(ANTHROPIC, wire.url)
        reply = await collect(tier)
        await tier.aclose()
    usage = normalise(WireShape.ANTHROPIC, reply.usage)
    assert (usage.uncached, usage.cache_read, usage.output) == (7, 11, 6)
    assert (usage.cache_write_5m, usage.cache_write_1h) == (10, 20)
    assert reply.response_id == "msg_01"


async def test_thinking_is_told_apart_and_unknown_events_pass():
    extra = (
        event("new_event", '{"type":"new_event","x":1}'),
        event(
            "content_block_delta",
            '{"type":"content_block_delta","index":0,'
            '"delta":{"type":"thinking_delta","thinking":"Hm"}}',
        ),
        event(
            "content_block_delta",
            '{"type":"content_block_delta","index":0,'
            '"delta":{"type":"signature_delta","signature":"Eq"}}',
        ),
    )
    pieces = (*ANTHROPIC.opening, *extra, ANTHROPIC.first, *ANTHROPIC.rest)
    async with playing({"/v1/messages": streamed(SSE, *pieces)}) as wire:
        tier = source(ANTHROPIC, wire.url)
        reply = await collect(tier)
        await tier.aclose()
    assert (reply.thoughts, reply.text) == (["Hm"], "Node fine.")


async def test_a_deprecated_model_is_no_noise_and_other_warnings_still_come():
    from anthropic.resources.messages.messages import DEPRECATED_MODELS

    async with playing({"/v1/messages": REPLY}) as wire:
        tier = source(ANTHROPIC, wire.url, model=next(iter(DEPRECATED_MODELS)))
        for _ in range(2):
            assert (await collect(tier)).text
        await tier.aclose()
    with pytest.raises(DeprecationWarning):
        warnings.warn("something else is deprecated", DeprecationWarning, stacklevel=1)


async def test_a_plain_answer_to_a_stream_request():
    answer = {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "tiny",
        "content": [{"type": "text", "text": "It is fine."}],
        "usage": {"input_tokens": 1, "output_tokens": 5},
    }
    async with playing({"/v1/messages": (http(200, answer),)}) as wire:
        tier = source(ANTHROPIC, wire.url)
        reply = await collect(tier)
        await tier.aclose()
    assert (reply.text, reply.usage) == ("It is fine.", answer["usage"])
    assert reply.response_id == "msg_1"


@pytest.mark.parametrize("answer", [{}, [], {"type": "message", "content": 5}, b"<p>hello</p>"])
async def test_an_answer_that_is_no_message(answer):
    failure, wire = await failure_of(ANTHROPIC, (http(200, answer),))
    assert failure.kind is FailureKind.MALFORMED
    assert failure.what == (
        f"127.0.0.1:{wire.port} (tiny) answered, but not as the Messages API does."
    )


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ("overloaded_error", FailureKind.OVERLOADED),
        ("rate_limit_error", FailureKind.RATE_LIMITED),
        ("api_error", FailureKind.SERVER),
        ("authentication_error", FailureKind.UNAUTHORISED),
        ("invalid_request_error", FailureKind.REFUSED),
    ],
)
async def test_errors_inside_a_stream(error, kind):
    body = {"type": "error", "error": {"type": error, "message": "so"}}
    said = event("error", json.dumps(body))
    failure, _ = await failure_of(ANTHROPIC, streamed(SSE, *ANTHROPIC.opening, said))
    assert (failure.kind, failure.status) == (kind, None)
    assert failure.what.endswith(": so.")


@pytest.mark.parametrize(
    ("status", "error", "message", "kind"),
    [
        (
            400,
            "invalid_request_error",
            "prompt is too long: 208310 tokens > 200000 maximum",
            FailureKind.CONTEXT_TOO_LONG,
        ),
        (413, "request_too_large", "Request exceeds 32 MB", FailureKind.CONTEXT_TOO_LONG),
        (404, "not_found_error", "model: tiny", FailureKind.UNKNOWN_MODEL),
        (401, "authentication_error", "invalid x-api-key", FailureKind.UNAUTHORISED),
    ],
)
async def test_the_apis_own_errors(status, error, message, kind):
    body = {"type": "error", "error": {"type": error, "message": message}}
    failure, _ = await failure_of(ANTHROPIC, (http(status, body),))
    assert (failure.kind, failure.status) == (kind, status)
    assert failure.what.endswith(f"({status}): {message}.")


async def test_a_probe_asks_as_the_client_does():
    answers = {"/v1/models": (http(200, {"data": [{"id": "tiny"}]}),), "/v1/messages": REPLY}
    async with playing(answers) as wire:
        tier = source(ANTHROPIC, wire.url, {"K": "key-1"}, key_env="K")
        probe = await tier.probe()
        await collect(tier)
        await tier.aclose()
    assert (probe.ok, probe.models, probe.trouble) == (True, ("tiny",), None)
    looked, chatted = wire.asked
    for name in ("authorization", "anthropic-version"):
        assert looked.headers[name] == chatted.headers[name]


async def test_a_probe_of_a_model_that_is_not_listed():
    listed = {"/v1/models": (http(200, {"data": [{"id": "tiny-20260101"}]}),)}
    gone = {"error": {"type": "not_found_error", "message": "model: gone"}}
    answers = {
        **listed,
        "/v1/models/tiny": (http(200, {"id": "tiny-20260101"}),),
        "/v1/models/gone": (http(404, gone),),
    }
    async with playing(answers) as wire:
        alias = await source(ANTHROPIC, wire.url).probe()
        missing = await source(ANTHROPIC, wire.url, model="gone").probe()
    assert alias.ok and alias.trouble is None
    assert not missing.ok and "does not have this model (404): model: gone." in missing.trouble


async def test_a_probe_of_a_server_that_lists_nothing():
    async with playing({}) as wire:
        probe = await source(ANTHROPIC, wire.url).probe()
    assert (probe.ok, probe.models, probe.trouble) == (True, None, None)
