"""The real clients of both protocols, against the stand-ins."""

import asyncio
import json

import anthropic
import httpx
import httpx2
import ollama
import pytest

from console.core.usage import WireShape, merge, normalise
from console.sources.demo import replies
from console.sources.demo.anthropic import KEY, AnthropicStandIn
from console.sources.demo.faults import Fault
from console.sources.demo.ollama import OllamaStandIn

LLAMA = "llama3.1:8b"
SONNET = "claude-sonnet-5-5"
HI = [{"role": "user", "content": "hello there"}]


@pytest.fixture
def local():
    with OllamaStandIn() as server:
        yield server


@pytest.fixture
def api():
    with AnthropicStandIn() as server:
        yield server


@pytest.fixture
async def ollama_client(local):
    client = ollama.AsyncClient(host=local.url)
    yield client
    await client._client.aclose()


@pytest.fixture
async def claude(api):
    async with anthropic.AsyncAnthropic(api_key=KEY, base_url=api.url, max_retries=0) as client:
        yield client


async def chat(client, messages=HI, **more):
    return [line async for line in await client.chat(LLAMA, messages, stream=True, **more)]


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


class TestOllama:
    async def test_a_stream_counts_what_it_sent(self, ollama_client):
        *lines, last = await chat(ollama_client)
        assert last.done and last.done_reason == "stop"
        assert last.eval_count == len(lines) + 1
        assert last.prompt_eval_count == replies.framed("hello there")
        text = "".join(line.message.content for line in lines)
        assert text in replies.LOCAL_REPLIES
        assert last.total_duration >= last.eval_duration > 0

    async def test_whole_and_streamed_replies_are_the_same(self, ollama_client):
        whole = await ollama_client.chat(LLAMA, HI)
        *lines, last = await chat(ollama_client)
        assert whole.message.content == "".join(line.message.content for line in lines)
        assert whole.eval_count == last.eval_count

    async def test_num_predict_ends_a_reply_with_length(self, ollama_client):
        *lines, last = await chat(ollama_client, options={"num_predict": 3})
        assert len(lines) == last.eval_count == 3
        assert last.done_reason == "length"

    @pytest.mark.parametrize("stream", [False, True])
    async def test_an_unknown_model_is_404(self, ollama_client, stream):
        with pytest.raises(ollama.ResponseError, match="model 'nope' not found") as caught:
            answer = await ollama_client.chat("nope", HI, stream=stream)
            async for _ in answer:
                pass
        assert caught.value.status_code == 404

    async def test_lists_shows_and_loads(self, ollama_client):
        assert [model.model for model in (await ollama_client.list()).models] == [LLAMA]
        shown = await ollama_client.show(LLAMA)
        assert shown.details.parameter_size == "8.0B"
        assert not (await ollama_client.ps()).models
        loaded = await ollama_client.chat(LLAMA, [])
        assert loaded.done_reason == "load"
        (running,) = (await ollama_client.ps()).models
        listed = (await ollama_client.list()).models[0]
        assert running.digest == listed.digest and running.context_length == 32_768
        assert (await ollama_client.chat(LLAMA, [], keep_alive=0)).done_reason == "unload"
        assert not (await ollama_client.ps()).models

    @pytest.mark.parametrize(
        ("keep_alive", "least_s", "most_s"),
        [(-1, 1e8, 1e10), ("1h30m", 5_300, 5_400), (90, 80, 90), (None, 290, 300)],
    )
    async def test_models_stay_as_long_as_asked(self, ollama_client, keep_alive, least_s, most_s):
        await ollama_client.chat(LLAMA, HI, keep_alive=keep_alive)
        listed = (await ollama_client.list()).models[0]
        (running,) = (await ollama_client.ps()).models
        # The stand-in's list says its models came a day, and a little more, before it opened.
        opened = listed.modified_at.timestamp() + 86_400.123456789
        assert least_s <= running.expires_at.timestamp() - opened <= most_s + 10

    async def test_a_cut_stream(self, local, ollama_client):
        local.order(Fault(cut_after=2))
        with pytest.raises(httpx.RemoteProtocolError):
            await chat(ollama_client)
        assert len(await chat(ollama_client)) > 3

    async def test_an_error_in_the_stream_has_no_status(self, local, ollama_client):
        local.order(Fault(error_after=2))
        with pytest.raises(ollama.ResponseError, match="unexpected EOF") as caught:
            await chat(ollama_client)
        assert caught.value.status_code == -1

    async def test_a_malformed_line(self, local, ollama_client):
        local.order(Fault(malformed_after=1))
        with pytest.raises(json.JSONDecodeError):
            await chat(ollama_client)

    async def test_busy(self, local, ollama_client):
        local.order(Fault(status=503))
        with pytest.raises(ollama.ResponseError, match="server busy") as caught:
            await chat(ollama_client)
        assert caught.value.status_code == 503

    async def test_silence_is_a_read_timeout(self, local):
        local.order(Fault(delay_s=60), Fault(stall_after=1))
        client = ollama.AsyncClient(host=local.url, timeout=0.05)
        for _ in range(2):
            with pytest.raises(httpx.ReadTimeout):
                await chat(client)
        await client._client.aclose()

    async def test_nobody_listens_once_closed(self, local):
        local.close()
        client = ollama.AsyncClient(host=local.url)
        with pytest.raises(ConnectionError):
            await client.ps()
        with pytest.raises(httpx.ConnectError):
            await chat(client)
        await client._client.aclose()

    async def test_counts_can_be_wrong_zero_or_missing(self, local, ollama_client):
        local.order(Fault(usage="missing"), Fault(usage="zero"), Fault(usage={"eval_count": 7}))
        last = [(await chat(ollama_client))[-1] for _ in range(3)]
        assert [line.eval_count for line in last] == [None, 0, 7]
        assert [bool(line.prompt_eval_count) for line in last] == [False, False, True]
        assert all(line.done for line in last)

    async def test_text_blocks_are_not_ollamas_but_harmless(self, local):
        async with httpx.AsyncClient() as client:
            for messages in ([{"role": "user", "content": 3}], ["x"], "x"):
                body = {"model": LLAMA, "messages": messages}
                answer = await client.post(f"{local.url}/api/chat", json=body)
                assert answer.status_code == 400 and answer.json()["error"]
            answer = await client.post(f"{local.url}/api/chat", content="[" * 100_000)
            assert answer.status_code == 400


class TestAnthropic:
    async def test_a_stream_counts_what_it_sent(self, claude):
        seen = await events(claude)
        deltas = [event.delta.text for event in seen if event.type == "content_block_delta"]
        usage = usage_of(seen)
        assert "".join(deltas) in replies.API_REPLIES
        assert usage.output == len(deltas)
        assert usage.prompt == replies.framed("hello there")
        assert seen[0].message.usage.output_tokens == 1

    async def test_the_clients_own_stream_helper_agrees(self, claude):
        async with claude.messages.stream(model=SONNET, max_tokens=64, messages=HI) as stream:
            message = await stream.get_final_message()
        assert message.stop_reason == "max_tokens"
        assert message.usage.output_tokens == 64 == replies.count(message.content[0].text)
        assert stream.request_id.startswith("req_")

    async def test_a_whole_reply_says_the_same(self, claude):
        whole = await claude.messages.create(model=SONNET, max_tokens=1024, messages=HI)
        seen = await events(claude)
        assert whole.stop_reason == "end_turn"
        assert whole.usage.output_tokens == usage_of(seen).output
        assert whole.content[0].text == "".join(
            event.delta.text for event in seen if event.type == "content_block_delta"
        )
        assert whole.id != seen[0].message.id

    async def test_a_continued_conversation_is_read_from_the_cache(self, claude):
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

    async def test_a_system_prompt_can_be_kept_for_an_hour(self, claude):
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

    async def test_counting_and_models(self, claude):
        counted = await claude.messages.count_tokens(model=SONNET, messages=HI)
        assert counted.input_tokens == replies.framed("hello there")
        names = [model.id async for model in claude.models.list()]
        assert SONNET in names
        assert (await claude.models.retrieve(SONNET)).display_name == "Claude Sonnet 5.5"

    @pytest.mark.parametrize("how", [{"api_key": "wrong"}, {"auth_token": "wrong"}])
    async def test_a_wrong_key_is_refused_everywhere(self, api, how):
        async with anthropic.AsyncAnthropic(base_url=api.url, max_retries=0, **how) as client:
            with pytest.raises(anthropic.AuthenticationError) as caught:
                await events(client)
            with pytest.raises(anthropic.AuthenticationError):
                await client.models.list()
        assert caught.value.body["error"]["type"] == "authentication_error"
        assert "wrong" not in str(caught.value)

    @pytest.mark.parametrize("path", ["/v1/messages", "/v1/models"])
    async def test_no_key_is_refused(self, api, path):
        async with httpx.AsyncClient() as client:
            answer = await client.request("POST" if "mess" in path else "GET", api.url + path)
        assert answer.status_code == 401
        assert answer.json()["error"]["message"] == "x-api-key header is required"

    async def test_an_unknown_model_is_404(self, claude):
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
    async def test_what_the_api_would_not_take(self, claude, body):
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
    async def test_ordered_statuses_are_the_clients_errors(self, api, claude, status, error, kind):
        api.order(Fault(status=status, retry_after=7))
        with pytest.raises(error) as caught:
            await events(claude)
        assert caught.value.status_code == status
        assert caught.value.response.headers["retry-after"] == "7"
        assert caught.value.body["error"]["type"] == kind
        assert caught.value.request_id == caught.value.body["request_id"]

    async def test_the_client_retries_after_what_it_is_told(self, api):
        api.order(Fault(status=429, retry_after=0.01), Fault(status=529, retry_after=0.01))
        async with anthropic.AsyncAnthropic(api_key=KEY, base_url=api.url) as client:
            assert await events(client)
        assert len(api.chats) == 3

    async def test_a_cut_stream(self, api, claude):
        api.order(Fault(cut_after=2))
        with pytest.raises(httpx2.RemoteProtocolError):
            await events(claude)

    async def test_an_error_event(self, api, claude):
        api.order(Fault(error_after=2))
        with pytest.raises(anthropic.APIStatusError) as caught:
            await events(claude)
        assert caught.value.status_code == 200
        assert caught.value.body["error"]["type"] == "overloaded_error"

    async def test_a_malformed_event(self, api, claude):
        api.order(Fault(malformed_after=2))
        with pytest.raises(json.JSONDecodeError):
            await events(claude)

    async def test_plain_json_has_no_events_and_no_error(self, api, claude):
        api.order(Fault(plain=True))
        assert await events(claude) == []

    async def test_usage_can_be_wrong_zero_or_missing(self, api, claude):
        api.order(Fault(usage="zero"), Fault(usage={"output_tokens": 7}), Fault(usage="missing"))
        zero, wrong = [usage_of(await events(claude)) for _ in range(2)]
        assert zero.total == 0
        assert wrong.output == 7 and wrong.prompt == replies.framed("hello there")
        missing = await events(claude)
        assert all("usage" not in event.to_dict() for event in missing)

    async def test_a_stopped_reply_is_noticed(self, api, claude):
        api.order(Fault(stall_after=3))
        stream = await claude.messages.create(
            model=SONNET, max_tokens=64, messages=HI, stream=True
        )
        async for event in stream:
            if event.type == "content_block_delta":
                break
        await stream.close()
        (received,) = api.chats
        assert await asyncio.to_thread(received.ended.wait, 10)
        assert received.disconnected and received.sent == 3
