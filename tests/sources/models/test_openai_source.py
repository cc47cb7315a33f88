"""What only OpenAI-compatible servers do: their many ways to answer, names of fields, prices."""

import json

import pytest

from console.core.chat import FailureKind, Prompt, Turn
from console.core.settings import TierSettings
from console.core.usage import WireShape, normalise
from console.sources.models.openai_compatible import OpenAICompatibleSource
from tests.sources.models.replies import PICTURED, collect
from tests.sources.models.speech import OPENAI, SSE, source
from tests.sources.models.test_model_sources import failure_of
from tests.sources.models.wire import http, playing, streamed

REPLY = streamed(SSE, *OPENAI.pieces)


def said(**delta):
    return f"data: {json.dumps({'choices': [{'delta': delta}]}, ensure_ascii=False)}\n\n"


async def reply_to(*answer, **changes):
    async with playing({OPENAI.path: answer}) as wire:
        tier = source(OPENAI, wire.url, **changes)
        reply = await collect(tier)
        await tier.aclose()
    return reply, wire.asked[0].json


async def test_what_is_asked():
    async with playing({OPENAI.path: REPLY}) as wire:
        tier = source(OPENAI, wire.url, max_tokens=64)
        await collect(tier, Prompt(turns=(Turn("user", "a"),), system="s"))
        await tier.aclose()
    assert wire.asked[0].json == {
        "model": "tiny",
        "messages": [{"role": "system", "content": "s"}, {"role": "user", "content": "a"}],
        "stream": True,
        "stream_options": {"include_usage": True},
        "max_tokens": 64,
    }
    _, bare = await reply_to(*REPLY)
    assert "max_tokens" not in bare


async def test_images_are_data_uris_before_the_text():
    async with playing({OPENAI.path: REPLY}) as wire:
        tier = source(OPENAI, wire.url)
        await collect(tier, Prompt(turns=(PICTURED,)))
        await tier.aclose()
    (message,) = wire.asked[0].json["messages"]
    assert message["content"] == [
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw=="}},
        {"type": "text", "text": "look"},
    ]


@pytest.mark.parametrize(
    ("takes", "vision"), [(["text"], False), (["text", "image"], True), (None, None)]
)
async def test_a_probe_knows_whether_the_model_sees(takes, vision):
    mine = {"id": "tiny"} | ({"architecture": {"input_modalities": takes}} if takes else {})
    async with playing({"/v1/models": (http(200, {"data": [mine]}),)}) as wire:
        assert (await source(OPENAI, wire.url).probe()).vision is vision


@pytest.mark.parametrize("field", ["reasoning_content", "reasoning"])
async def test_thinking_is_told_apart(field):
    pieces = (OPENAI.opening[0], said(**{field: "Hm", "content": None}), OPENAI.first, *OPENAI.rest)
    reply, _ = await reply_to(*streamed(SSE, *pieces))
    assert (reply.thoughts, reply.text) == (["Hm"], "Node fine.")


async def test_a_refusal_of_the_model_is_shown():
    reply, _ = await reply_to(*streamed(SSE, said(refusal="I can't."), *OPENAI.rest[1:]))
    assert reply.text == "I can't."


async def test_events_as_different_servers_write_them():
    pieces = [
        ": a comment\r\n\r\n",
        "event: message\r\nid: 1\r\nretry: 5\r\n" + said(content="A").replace("\n", "\r\n"),
        said(content="B\u2028C\x85D").replace("data: ", "data:"),
        'data: {"choices":\ndata: [{"delta":{"content":"E"}}]}\n\n',
        *OPENAI.rest[1:],
    ]
    reply, _ = await reply_to(*streamed(SSE, *pieces))
    assert reply.deltas == ["A", "B‹2028›C‹0085›D", "E"]


async def test_the_end_may_be_told_without_done():
    reply, _ = await reply_to(*streamed(SSE, *OPENAI.pieces[:-1]))
    assert reply.final and reply.stop_reason == "stop"


async def test_usage_in_every_event_is_complete_at_the_end_only():
    counting = OPENAI.first.replace('"index":0', '"index":0,"n":1').replace(
        "}\n\n", ',"usage":{"prompt_tokens":20,"completion_tokens":1}}\n\n'
    )
    reply, _ = await reply_to(*streamed(SSE, *OPENAI.opening, counting, *OPENAI.rest))
    assert [report.final for report in reply.reports if report.usage] == [False, True]
    assert normalise(WireShape.OPENAI, reply.usage).output == 6


async def test_a_plain_answer_to_a_stream_request():
    answer = {
        "choices": [
            {
                "finish_reason": "stop",
                "index": 0,
                "message": {
                    "role": "assistant",
                    "content": "It is fine.",
                    "reasoning_content": "Hm",
                },
            }
        ],
        "model": "tiny",
        "id": "chatcmpl-5nbq",
        "usage": {
            "completion_tokens": 5,
            "prompt_tokens": 20,
            "prompt_tokens_details": {"cached_tokens": 4},
        },
    }
    reply, _ = await reply_to(http(200, answer, "application/json; charset=utf-8"))
    assert (reply.text, reply.thoughts, reply.stop_reason) == ("It is fine.", ["Hm"], "stop")
    assert (reply.model, reply.response_id, reply.final) == ("tiny", "chatcmpl-5nbq", True)
    usage = normalise(WireShape.OPENAI, reply.usage)
    assert (usage.uncached, usage.cache_read, usage.output) == (16, 4, 5)


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (
            404,
            {"error": {"message": "The model `tiny` does not exist", "code": "model_not_found"}},
            FailureKind.UNKNOWN_MODEL,
        ),
        (
            404,
            {"object": "error", "message": "The model `tiny` does not exist.", "code": 404},
            FailureKind.UNKNOWN_MODEL,
        ),
        (404, {"detail": "Not Found"}, FailureKind.REFUSED),
        (
            400,
            {
                "error": {
                    "message": "This model's maximum context length is 4096 tokens.",
                    "code": "context_length_exceeded",
                }
            },
            FailureKind.CONTEXT_TOO_LONG,
        ),
        (
            429,
            {"error": {"message": "You exceeded your quota", "code": "insufficient_quota"}},
            FailureKind.RATE_LIMITED,
        ),
        (503, {"error": {"message": "Loading model", "code": 503}}, FailureKind.OVERLOADED),
    ],
)
async def test_errors_as_different_servers_word_them(status, body, kind):
    failure, _ = await failure_of(OPENAI, (http(status, body),))
    assert (failure.kind, failure.status) == (kind, status)
    words = body.get("message") or body.get("detail") or body["error"]["message"]
    assert words.rstrip(".") in failure.what


async def test_an_error_with_status_200():
    body = {"error": {"message": "no such model", "code": 404}}
    failure, _ = await failure_of(OPENAI, (http(200, body),))
    assert (failure.kind, failure.status) == (FailureKind.UNKNOWN_MODEL, None)


@pytest.mark.parametrize(
    ("base_url", "url"),
    [
        ("http://h:8080", "http://h:8080/v1/chat/completions"),
        ("http://h:8080/", "http://h:8080/v1/chat/completions"),
        ("http://h:8080/v1", "http://h:8080/v1/chat/completions"),
        ("h:8080/v1/", "http://h:8080/v1/chat/completions"),
        ("https://h/openai/v1", "https://h/openai/v1/chat/completions"),
        ("https://h/v1beta/openai", "https://h/v1beta/openai/chat/completions"),
        ("https://h/llm", "https://h/llm/v1/chat/completions"),
    ],
)
def test_where_completions_are(base_url, url):
    tier = OpenAICompatibleSource(TierSettings(kind="openai", base_url=base_url, model="m"))
    assert tier._url("chat/completions") == url


@pytest.mark.parametrize(
    ("base_url", "provider", "limit"),
    [
        ("https://api.openai.com", "openai", "max_completion_tokens"),
        ("https://api.groq.com/openai/v1", "groq", "max_tokens"),
        ("http://127.0.0.1:8080", "openai-compatible", "max_tokens"),
        ("https://api.openai.com.evil.example", "openai-compatible", "max_tokens"),
    ],
)
def test_whose_prices_apply(base_url, provider, limit):
    settings = TierSettings(kind="openai", base_url=base_url, model="m", max_tokens=5)
    tier = OpenAICompatibleSource(settings)
    assert tier.provider == provider
    assert tier._body(Prompt(turns=(Turn("user", "a"),)))[limit] == 5


def test_providers_are_those_of_the_price_list():
    from genai_prices.data_snapshot import get_snapshot

    from console.sources.models.openai_compatible import _PROVIDERS

    assert set(_PROVIDERS.values()) <= {provider.id for provider in get_snapshot().providers}


async def test_a_probe_names_what_is_listed_when_the_model_is_not():
    models = {"data": [{"id": name} for name in ("a", "b\x1b[2J", "c", "d")]}
    async with playing({"/v1/models": (http(200, models),)}) as wire:
        probe = await source(OPENAI, wire.url).probe()
    assert probe.ok and probe.models == ("a", "b␛[2J", "c", "d")
    assert probe.trouble == (
        f"127.0.0.1:{wire.port} (tiny) lists a, b␛[2J, c, not this model. Check tiers.local.model."
    )
