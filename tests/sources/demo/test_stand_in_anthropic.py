"""The real `anthropic` client against the stand-in."""

import asyncio
import json

import anthropic
import httpx
import httpx2
import pytest

from console.core.usage import WireShape, merge, normalise
from console.sources.demo import replies
from console.sources.demo.anthropic import KEY, AnthropicStandIn
from console.sources.demo.faults import Fault

SONNET = "claude-sonnet-5-5"
HI = [{"role": "user", "content": "hello there"}]


@pytest.fixture
def api():
    with AnthropicStandIn() as server:
        yield server


@pytest.fixture
async def claude(api):
    async with anthropic.AsyncAnthropic(api_key=KEY, base_url=api.url, max_retries=0) as client:
        yield client


async def events(client, messages=HI, **more):
    more = {"model": SONNET, "max_tokens": 1024} | more
    stream = await client.messages.create(messages=messages, stream=True, **more)
    async with stream:
        return [event async for event in stream]


def usage_of(events):
    raw = {}
    for event in events:
        usage = event.message.usage if event.type == "message_start" else None
        usage = event.usage if event.type == "message_delta" else usage
        if usage is not None:
            raw = merge(raw, usage.to_dict())
    return normalise(WireShape.ANTHROPIC, raw)


async def test_a_stream_counts_what_it_sent(claude):
    seen = await events(claude)
    deltas = [event.delta.text for event in seen if event.type == "content_block_delta"]
    usage = usage_of(seen)
    assert "".join(deltas) in replies.API_REPLIES
    assert usage.output == len(deltas)
    assert usage.prompt == replies.framed("hello there")
    assert seen[0].message.usage.output_tokens == 1


async def test_the_clients_own_stream_helper_agrees(claude):
    async with claude.messages.stream(model=SONNET, max_tokens=64, messages=HI) as stream:
        message = await stream.get_final_message()
    assert message.stop_reason == "max_tokens"
    assert message.usage.output_tokens == 64 == replies.count(message.content[0].text)
    assert stream.request_id.startswith("req_")


async def test_a_whole_reply_says_the_same(claude):
    whole = await claude.messages.create(model=SONNET, max_tokens=1024, messages=HI)
    seen = await events(claude)
    assert whole.stop_reason == "end_turn"
    assert whole.usage.output_tokens == usage_of(seen).output
    assert whole.content[0].text == "".join(
        event.delta.text for event in seen if event.type == "content_block_delta"
    )
    assert whole.id != seen[0].message.id


async def test_a_continued_conversation_is_read_from_the_cache(claude):
    answer = {"role": "assistant", "content": "a reply of some words"}
    second = [*HI, answer, {"role": "user", "content": "and more"}]
    third = [*second, answer, {"role": "user", "content": "and again more"}]
    seen = [usage_of(await events(claude, turns)) for turns in (HI, second, third)]
    before = [replies.framed(turn["content"]) for turn in second[:2]]
    assert [usage.cache_read for usage in seen] == [0, 0, sum(before)]
    assert seen[1].cache_write_5m == sum(before)
    assert seen[2].cache_write_5m == sum(replies.framed(t["content"]) for t in third[2:4])
    for usage, turns in zip(seen, (HI, second, third), strict=True):
        assert usage.prompt == sum(replies.framed(turn["content"]) for turn in turns)


async def test_a_system_prompt_can_be_kept_for_an_hour(claude):
    block = {
        "type": "text",
        "text": "be brief, be right",
        "cache_control": {"type": "ephemeral", "ttl": "1h"},
    }
    first = usage_of(await events(claude, system=[block]))
    again = usage_of(await events(claude, system=[block]))
    tokens = replies.framed("be brief, be right")
    assert (first.cache_write_1h, first.cache_write_5m) == (tokens, 0)
    assert again.cache_read == tokens
    # The last event repeats the input without the split.
    final = (await events(claude, system=[block]))[-2]
    assert final.usage.cache_read_input_tokens == tokens
    assert "cache_creation" not in final.usage.to_dict()


async def test_counting_and_models(claude):
    counted = await claude.messages.count_tokens(model=SONNET, messages=HI)
    assert counted.input_tokens == replies.framed("hello there")
    names = [model.id async for model in claude.models.list()]
    assert SONNET in names
    assert (await claude.models.retrieve(SONNET)).display_name == "Claude Sonnet 5.5"


@pytest.mark.parametrize("how", [{"api_key": "wrong"}, {"auth_token": "wrong"}])
async def test_a_wrong_key_is_refused_everywhere(api, how):
    async with anthropic.AsyncAnthropic(base_url=api.url, max_retries=0, **how) as client:
        with pytest.raises(anthropic.AuthenticationError) as caught:
            await events(client)
        with pytest.raises(anthropic.AuthenticationError):
            await client.models.list()
    assert caught.value.body["error"]["type"] == "authentication_error"
    assert "wrong" not in str(caught.value)


@pytest.mark.parametrize("path", ["/v1/messages", "/v1/models"])
async def test_no_key_is_refused(api, path):
    async with httpx.AsyncClient() as client:
        answer = await client.request("POST" if "mess" in path else "GET", api.url + path)
    assert answer.status_code == 401
    assert answer.json()["error"]["message"] == "x-api-key header is required"


async def test_an_unknown_model_is_404(claude):
    with pytest.raises(anthropic.NotFoundError, match="model: nope"):
        await events(claude, model="nope")


@pytest.mark.parametrize(
    "body",
    [
        {"messages": HI},
        {"messages": [], "max_tokens": 1},
        {"messages": [{"role": "system", "content": "x"}], "max_tokens": 1},
        {"messages": [{"role": "user", "content": 1}], "max_tokens": 1},
        {"messages": HI, "max_tokens": 0},
    ],
)
async def test_what_the_api_would_not_take(claude, body):
    with pytest.raises(anthropic.BadRequestError) as caught:
        await claude.post(
            "/v1/messages", body={"model": SONNET, **body}, cast_to=anthropic.types.Message
        )
    assert caught.value.body["error"]["type"] == "invalid_request_error"


@pytest.mark.parametrize(
    ("status", "error", "kind"),
    [
        (400, anthropic.BadRequestError, "invalid_request_error"),
        (403, anthropic.PermissionDeniedError, "permission_error"),
        (429, anthropic.RateLimitError, "rate_limit_error"),
        (500, anthropic.InternalServerError, "api_error"),
        (529, anthropic.APIStatusError, "overloaded_error"),
    ],
)
async def test_ordered_statuses_are_the_clients_errors(api, claude, status, error, kind):
    api.order(Fault(status=status, retry_after=7))
    with pytest.raises(error) as caught:
        await events(claude)
    assert caught.value.status_code == status
    assert caught.value.response.headers["retry-after"] == "7"
    assert caught.value.body["error"]["type"] == kind
    assert caught.value.request_id == caught.value.body["request_id"]


async def test_the_client_retries_after_what_it_is_told(api):
    api.order(Fault(status=429, retry_after=0.01), Fault(status=529, retry_after=0.01))
    async with anthropic.AsyncAnthropic(api_key=KEY, base_url=api.url) as client:
        assert await events(client)
    assert len(api.chats) == 3


async def test_a_cut_stream(api, claude):
    api.order(Fault(cut_after=2))
    with pytest.raises(httpx2.RemoteProtocolError):
        await events(claude)


async def test_an_error_event(api, claude):
    api.order(Fault(error_after=2))
    with pytest.raises(anthropic.APIStatusError) as caught:
        await events(claude)
    assert caught.value.status_code == 200
    assert caught.value.body["error"]["type"] == "overloaded_error"


async def test_a_malformed_event(api, claude):
    api.order(Fault(malformed_after=2))
    with pytest.raises(json.JSONDecodeError):
        await events(claude)


async def test_plain_json_has_no_events_and_no_error(api, claude):
    api.order(Fault(plain=True))
    assert await events(claude) == []


async def test_usage_can_be_wrong_zero_or_missing(api, claude):
    api.order(Fault(usage="zero"), Fault(usage={"output_tokens": 7}), Fault(usage="missing"))
    zero, wrong = [usage_of(await events(claude)) for _ in range(2)]
    assert zero.total == 0
    assert wrong.output == 7 and wrong.prompt == replies.framed("hello there")
    missing = await events(claude)
    assert all("usage" not in event.to_dict() for event in missing)


async def test_a_stopped_reply_is_noticed(api, claude):
    api.order(Fault(stall_after=3))
    stream = await claude.messages.create(model=SONNET, max_tokens=64, messages=HI, stream=True)
    async for event in stream:
        if event.type == "content_block_delta":
            break
    (received,) = api.chats
    assert await asyncio.to_thread(received.stalled.wait, 10)
    await stream.close()
    assert await asyncio.to_thread(received.ended.wait, 10)
    assert received.disconnected and received.sent == 3
