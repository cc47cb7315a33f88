"""The real `ollama` client against the stand-in."""

import json

import httpx
import ollama
import pytest

from console.sources.demo import replies
from console.sources.demo.faults import Fault

LLAMA = "llama3.1:8b"
HI = [{"role": "user", "content": "hello there"}]


@pytest.fixture
async def ollama_client(server):
    client = ollama.AsyncClient(host=server.url)
    yield client
    await client._client.aclose()


async def chat(client, messages=HI, **more):
    return [line async for line in await client.chat(LLAMA, messages, stream=True, **more)]


async def test_a_stream_counts_what_it_sent(ollama_client):
    *lines, last = await chat(ollama_client)
    assert last.done and last.done_reason == "stop"
    assert last.eval_count == len(lines) + 1
    assert last.prompt_eval_count == replies.framed("hello there")
    text = "".join(line.message.content for line in lines)
    assert text in replies.LOCAL_REPLIES
    assert last.total_duration >= last.eval_duration > 0


async def test_whole_and_streamed_replies_are_the_same(ollama_client):
    whole = await ollama_client.chat(LLAMA, HI)
    *lines, last = await chat(ollama_client)
    assert whole.message.content == "".join(line.message.content for line in lines)
    assert whole.eval_count == last.eval_count


async def test_num_predict_ends_a_reply_with_length(ollama_client):
    *lines, last = await chat(ollama_client, options={"num_predict": 3})
    assert len(lines) == last.eval_count == 3
    assert last.done_reason == "length"


@pytest.mark.parametrize("stream", [False, True])
async def test_an_unknown_model_is_404(ollama_client, stream):
    with pytest.raises(ollama.ResponseError, match="model 'nope' not found") as caught:
        answer = await ollama_client.chat("nope", HI, stream=stream)
        async for _ in answer:
            pass
    assert caught.value.status_code == 404


async def test_lists_shows_and_loads(ollama_client):
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
async def test_models_stay_as_long_as_asked(ollama_client, keep_alive, least_s, most_s):
    await ollama_client.chat(LLAMA, HI, keep_alive=keep_alive)
    listed = (await ollama_client.list()).models[0]
    (running,) = (await ollama_client.ps()).models
    # The stand-in's list says its models came a day, and a little more, before it opened.
    opened = listed.modified_at.timestamp() + 86_400.123456789
    assert least_s <= running.expires_at.timestamp() - opened <= most_s + 60


async def test_a_cut_stream(server, ollama_client):
    server.order(Fault(cut_after=2))
    with pytest.raises(httpx.RemoteProtocolError):
        await chat(ollama_client)
    assert len(await chat(ollama_client)) > 3


async def test_an_error_in_the_stream_has_no_status(server, ollama_client):
    server.order(Fault(error_after=2))
    with pytest.raises(ollama.ResponseError, match="unexpected EOF") as caught:
        await chat(ollama_client)
    assert caught.value.status_code == -1


async def test_a_malformed_line(server, ollama_client):
    server.order(Fault(malformed_after=1))
    with pytest.raises(json.JSONDecodeError):
        await chat(ollama_client)


async def test_busy(server, ollama_client):
    server.order(Fault(status=503))
    with pytest.raises(ollama.ResponseError, match="server busy") as caught:
        await chat(ollama_client)
    assert caught.value.status_code == 503


async def test_silence_is_a_read_timeout(server):
    server.order(Fault(delay_s=60), Fault(stall_after=1))
    client = ollama.AsyncClient(host=server.url, timeout=0.05)
    for _ in range(2):
        with pytest.raises(httpx.ReadTimeout):
            await chat(client)
    await client._client.aclose()


async def test_nobody_listens_once_closed(server):
    server.close()
    client = ollama.AsyncClient(host=server.url)
    with pytest.raises(ConnectionError):
        await client.ps()
    with pytest.raises(httpx.ConnectError):
        await chat(client)
    await client._client.aclose()


async def test_counts_can_be_wrong_zero_or_missing(server, ollama_client):
    server.order(Fault(usage="missing"), Fault(usage="zero"), Fault(usage={"eval_count": 7}))
    last = [(await chat(ollama_client))[-1] for _ in range(3)]
    assert [line.eval_count for line in last] == [None, 0, 7]
    assert [bool(line.prompt_eval_count) for line in last] == [False, False, True]
    assert all(line.done for line in last)


async def test_bodies_of_the_wrong_kind_are_400(server):
    async with httpx.AsyncClient() as client:
        for messages in ([{"role": "user", "content": 3}], ["x"], "x"):
            body = {"model": LLAMA, "messages": messages}
            answer = await client.post(f"{server.url}/api/chat", json=body)
            assert answer.status_code == 400 and answer.json()["error"]
        answer = await client.post(f"{server.url}/api/chat", content="[" * 100_000)
        assert answer.status_code == 400
