"""Every fault that can be ordered, and clients that leave before the end."""

import asyncio
import json

import httpx
import pytest
from tests.patience import PATIENCE_S

from console.sources.demo.faults import Fault

BODY = {"model": "llama3.1:8b", "messages": [{"role": "user", "content": "hello"}]}


def text_of(answer):
    return "".join(json.loads(line)["message"]["content"] for line in answer.text.splitlines())


async def ended(received):
    assert await asyncio.to_thread(received.ended.wait, PATIENCE_S)
    return received


async def pieces(client, into, body=BODY):
    """Read a stream's lines into a list until it ends or breaks."""
    async with client.stream("POST", "/api/chat", json=body) as answer:
        async for line in answer.aiter_lines():
            into.append(json.loads(line))


class TestFaults:
    async def test_faults_are_taken_in_order_by_the_chat_endpoint_only(self, server, client):
        server.order(Fault(status=500), Fault(status=503, retry_after="soon", body="<b>no</b>"))
        assert (await client.get("/api/tags")).status_code == 200
        assert (await client.get("/api/chat")).status_code == 404
        first, second, third = [await client.post("/api/chat", json=BODY) for _ in range(3)]
        assert (first.status_code, second.status_code, third.status_code) == (500, 503, 200)
        assert first.json()["error"]
        assert (second.text, second.headers["retry-after"]) == ("<b>no</b>", "soon")
        assert "retry-after" not in first.headers

    async def test_a_reply_can_be_any_text(self, server, client):
        hostile = "\x1b]52;c;aGk=\x07[/markup]\r\n\u202eevil\u2028 ✓ \x00 \U0001f600"
        server.order(Fault(reply=hostile), Fault(reply=""))
        lines = (await client.post("/api/chat", json=BODY)).content.split(b"\n")
        said = [json.loads(line)["message"]["content"] for line in lines if line]
        assert "".join(said) == hostile
        empty = (await client.post("/api/chat", json=BODY)).text.splitlines()
        assert len(empty) == 1 and json.loads(empty[0])["eval_count"] == 1

    async def test_a_cut_closes_without_the_terminator(self, server, client):
        server.order(Fault(cut_after=2))
        lines = []
        with pytest.raises(httpx.RemoteProtocolError):
            await pieces(client, lines)
        received = await ended(server.chats[0])
        assert len(lines) == received.sent == 2
        assert not received.disconnected

    async def test_a_cut_beyond_the_end_still_comes_before_the_last_line(self, server, client):
        server.order(Fault(reply="one two", cut_after=99))
        lines = []
        with pytest.raises(httpx.RemoteProtocolError):
            await pieces(client, lines)
        assert [line["message"]["content"] for line in lines] == ["one", " two"]

    async def test_a_stall_lasts_until_released(self, server, client):
        server.order(Fault(reply="one two three", stall_after=2))
        lines = []
        reading = asyncio.create_task(pieces(client, lines))
        received = await asyncio.to_thread(server.arrived)
        assert await asyncio.to_thread(received.stalled.wait, PATIENCE_S)
        assert received.sent == 2 and not reading.done()
        server.release()
        await asyncio.wait_for(reading, PATIENCE_S)
        assert lines[-1]["done"] and not received.stalled.is_set()
        received.release()

    async def test_a_release_before_the_stall_counts(self, server, client):
        server.order(Fault(delay_s=0.05, stall_after=1))
        reading = asyncio.create_task(client.post("/api/chat", json=BODY))
        await asyncio.to_thread(server.arrived)
        server.release()
        answer = await asyncio.wait_for(reading, PATIENCE_S)
        assert json.loads(answer.text.splitlines()[-1])["done"]

    async def test_a_stall_can_end_by_itself(self, server, client):
        server.order(Fault(reply="x y", stall_after=1, stall_s=0.01))
        assert text_of(await client.post("/api/chat", json=BODY)) == "x y"

    async def test_malformed_and_error_lines_end_the_stream(self, server, client):
        server.order(Fault(malformed_after=1), Fault(error_after=1))
        broken = (await client.post("/api/chat", json=BODY)).text.splitlines()
        assert len(broken) == 2
        with pytest.raises(ValueError):
            json.loads(broken[1])
        failed = (await client.post("/api/chat", json=BODY)).text.splitlines()
        assert len(failed) == 2 and list(json.loads(failed[1])) == ["error"]

    async def test_plain_json_instead_of_a_stream(self, server, client):
        server.order(Fault(plain=True))
        answer = await client.post("/api/chat", json=BODY)
        assert answer.headers["content-type"].startswith("application/json")
        assert answer.json()["done"] and answer.json()["message"]["content"]

    async def test_faults_of_an_answer_that_is_no_stream(self, server, client):
        whole = BODY | {"stream": False}
        server.order(
            Fault(cut_after=0),
            Fault(malformed_after=0),
            Fault(stall_after=0, stall_s=0.01),
            Fault(error_after=0),
        )
        with pytest.raises(httpx.RemoteProtocolError):
            await client.post("/api/chat", json=whole)
        half = await client.post("/api/chat", json=whole)
        with pytest.raises(ValueError):
            half.json()
        assert (await client.post("/api/chat", json=whole)).json()["done"]
        assert (await client.post("/api/chat", json=whole)).status_code == 500

    async def test_a_pace_is_kept(self, server, client):
        server.order(Fault(reply="a b c d e f", tokens_per_s=100))
        last = json.loads((await client.post("/api/chat", json=BODY)).text.splitlines()[-1])
        # Six pieces at a hundred a second: the last is due 50 ms after the first.
        assert last["eval_duration"] >= 50_000_000

    async def test_a_whole_answer_takes_as_long(self, server, client):
        server.order(Fault(reply="a b c d e", tokens_per_s=100))
        answer = await client.post("/api/chat", json=BODY | {"stream": False})
        assert answer.json()["eval_duration"] >= 45_000_000

    async def test_a_slow_start(self, server, client):
        server.order(Fault(delay_s=60))
        with pytest.raises(httpx.ReadTimeout):
            await client.post("/api/chat", json=BODY, timeout=0.05)
        assert (await ended(server.chats[0])).disconnected


class TestClientsThatLeave:
    @pytest.mark.parametrize(
        "fault",
        [Fault(stall_after=2), Fault(stall_after=2, stall_s=60), Fault(tokens_per_s=0.5)],
        ids=["stalled", "stalled for a time", "between two pieces"],
    )
    async def test_leaving_a_stream_is_noticed_at_once(self, server, client, fault):
        server.order(fault)
        async with client.stream("POST", "/api/chat", json=BODY) as answer:
            async for _ in answer.aiter_lines():
                break
        received = await ended(server.chats[0])
        assert received.disconnected and received.sent < 5

    async def test_leaving_while_a_whole_answer_is_written(self, server, client):
        server.order(Fault(tokens_per_s=0.01))
        with pytest.raises(httpx.ReadTimeout):
            await client.post("/api/chat", json=BODY | {"stream": False}, timeout=0.05)
        assert (await ended(server.chats[0])).disconnected

    async def test_a_client_that_reads_to_the_end_did_not_leave(self, server, client):
        await client.post("/api/chat", json=BODY)
        assert not (await ended(server.chats[0])).disconnected
