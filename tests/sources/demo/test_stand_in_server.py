"""The stand-ins as servers: concurrency, shutdown, and bytes that are no request."""

import asyncio
import json
import socket
import subprocess
import sys
import threading

import httpx
import pytest
from tests.patience import PATIENCE_S

from console.sources.demo.anthropic import KEY, AnthropicStandIn
from console.sources.demo.faults import Fault
from console.sources.demo.ollama import OllamaStandIn

BODY = {"model": "llama3.1:8b", "messages": [{"role": "user", "content": "hello"}]}


def text_of(answer):
    return "".join(json.loads(line)["message"]["content"] for line in answer.text.splitlines())


class TestTogether:
    async def test_many_requests_at_once(self, server, client):
        texts = [f"reply number {n}" for n in range(30)]
        server.order(*(Fault(reply=text, tokens_per_s=500) for text in texts))
        answers = await asyncio.gather(*(client.post("/api/chat", json=BODY) for _ in texts))
        assert sorted(map(text_of, answers)) == sorted(texts)

    async def test_a_stalled_reply_holds_up_nobody(self, server, client):
        server.order(Fault(stall_after=1))
        async with client.stream("POST", "/api/chat", json=BODY) as stalled:
            assert await anext(stalled.aiter_lines())
            assert (await client.post("/api/chat", json=BODY)).status_code == 200
            assert (await client.get("/api/version")).status_code == 200

    async def test_two_servers_do_not_know_of_each_other(self, server, client):
        with OllamaStandIn() as other, AnthropicStandIn() as api:
            assert len({server.url, other.url, api.url}) == 3
            server.order(Fault(status=503))
            async with httpx.AsyncClient() as outside:
                assert (await outside.post(f"{other.url}/api/chat", json=BODY)).status_code == 200
            assert (await client.post("/api/chat", json=BODY)).status_code == 503
            assert (len(server.chats), len(other.chats), len(api.requests)) == (1, 1, 0)

    async def test_requests_are_kept_as_they_arrived(self, server, client):
        await client.post("/api/chat?a=1", json=BODY, headers={"X-Thing": "v: w"})
        (received,) = server.requests
        assert (received.method, received.path, received.query) == ("POST", "/api/chat", "a=1")
        assert received.headers["x-thing"] == "v: w"
        assert received.json == BODY
        assert b"hello" in received.body

    async def test_connections_are_reused(self, server):
        limits = httpx.Limits(max_connections=1)
        async with httpx.AsyncClient(base_url=server.url, limits=limits) as client:
            for _ in range(5):
                assert (await client.post("/api/chat", json=BODY)).status_code == 200
        assert len(server.requests) == 5


class TestShutdown:
    def test_closing_drops_a_stalled_stream(self):
        with OllamaStandIn() as server:
            server.order(Fault(stall_after=1))
            raw = socket.create_connection(("127.0.0.1", port(server)))
            raw.sendall(request("/api/chat", json.dumps(BODY).encode()))
            assert raw.recv(64)
            assert server.arrived().stalled.wait(PATIENCE_S)
        assert server.chats[0].ended.is_set()
        assert not server.chats[0].disconnected
        with raw:
            read_to_the_end(raw)

    def test_closing_drops_a_client_that_does_not_read(self):
        with OllamaStandIn() as server:
            server.order(Fault(reply="word " * 200_000))
            raw = socket.create_connection(("127.0.0.1", port(server)))
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            raw.sendall(request("/api/chat", json.dumps(BODY).encode()))
            assert raw.recv(64)
        raw.close()
        assert server.chats[0].ended.is_set()

    def test_closing_drops_idle_connections_and_half_sent_requests(self):
        with OllamaStandIn() as server:
            idle = socket.create_connection(("127.0.0.1", port(server)))
            half = socket.create_connection(("127.0.0.1", port(server)))
            half.sendall(b"POST /api/chat HTTP/1.1\r\ncontent-length: 10\r\n\r\nabc")
            httpx.get(f"{server.url}/api/version")
        for raw in (idle, half):
            with raw:
                read_to_the_end(raw)

    def test_closing_twice_or_unopened_is_fine(self):
        server = OllamaStandIn()
        server.close()
        server.open()
        server.close()
        server.close()

    def test_no_thread_is_left(self):
        before = threading.active_count()
        with OllamaStandIn(), AnthropicStandIn():
            assert threading.active_count() == before + 2
        assert threading.active_count() == before

    async def test_the_callers_loop_runs_on_while_a_reply_comes(self, server, client):
        server.order(Fault(reply="a b c d e", tokens_per_s=50))
        reading = asyncio.create_task(client.post("/api/chat", json=BODY))
        turns = 0
        while not reading.done():
            await asyncio.sleep(0.001)
            turns += 1
        assert turns > 5 and (await reading).status_code == 200

    def test_nothing_heavy_is_imported_and_nothing_is_printed(self):
        script = (
            "import sys\n"
            "from console.sources.demo.servers import open_stand_ins\n"
            "import urllib.request\n"
            "with open_stand_ins(0) as both:\n"
            "    urllib.request.urlopen(both.local.url + '/api/tags').read()\n"
            "heavy = {'httpx', 'httpx2', 'anthropic', 'ollama', 'textual', 'pydantic'}\n"
            "print(sorted(heavy & set(sys.modules)))\n"
        )
        done = subprocess.run(
            [sys.executable, "-X", "dev", "-W", "error", "-c", script],
            capture_output=True,
            text=True,
            timeout=PATIENCE_S * 3,
        )
        assert (done.returncode, done.stdout, done.stderr) == (0, "[]\n", "")


class TestRawBytes:
    def test_a_client_that_resets_the_connection(self, server):
        server.order(Fault(stall_after=1))
        with socket.create_connection(("127.0.0.1", port(server))) as raw:
            raw.sendall(request("/api/chat", json.dumps(BODY).encode()))
            raw.recv(64)
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        assert server.chats[0].ended.wait(PATIENCE_S)
        assert server.chats[0].disconnected

    @pytest.mark.parametrize(
        ("sent", "status"),
        [
            (b"hello\r\n\r\n", 400),
            (b"GET / HTTP/3\r\n\r\n", 400),
            (b"GET / HTTP/1.1\r\nno colon\r\n\r\n", 400),
            (b"POST /api/chat HTTP/1.1\r\ncontent-length: -1\r\n\r\n", 400),
            (b"POST /api/chat HTTP/1.1\r\ncontent-length: 99999999999\r\n\r\n", 413),
            (b"POST /api/chat HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n", 411),
            (b"GET / HTTP/1.1\r\nx: " + b"y" * 70_000 + b"\r\n\r\n", 431),
        ],
    )
    def test_what_is_not_a_request_is_refused_and_closed(self, server, sent, status):
        with socket.create_connection(("127.0.0.1", port(server))) as raw:
            raw.sendall(sent)
            answer = read_to_the_end(raw)
        assert answer.startswith(f"HTTP/1.1 {status} ".encode())
        assert not server.requests

    def test_a_client_may_ask_to_close(self, server):
        with socket.create_connection(("127.0.0.1", port(server))) as raw:
            raw.sendall(b"GET / HTTP/1.1\r\nconnection: close\r\n\r\n")
            assert read_to_the_end(raw).endswith(b"\r\n\r\nOllama is running")

    def test_every_line_is_a_chunk_of_its_own(self, server):
        server.order(Fault(reply="one two"))
        with socket.create_connection(("127.0.0.1", port(server))) as raw:
            raw.sendall(request("/api/chat", json.dumps(BODY).encode(), b"connection: close\r\n"))
            _, _, body = read_to_the_end(raw).partition(b"\r\n\r\n")
        chunks = []
        while body:
            size, _, rest = body.partition(b"\r\n")
            chunks.append(rest[: int(size, 16)])
            assert rest[int(size, 16) :][:2] == b"\r\n"
            body = rest[int(size, 16) + 2 :]
        assert chunks.pop() == b"" and len(chunks) == 3
        assert all(chunk.endswith(b"}\n") and chunk.count(b"\n") == 1 for chunk in chunks)


def test_errors_of_the_api_are_json_on_every_path():
    with AnthropicStandIn() as api:
        answer = httpx.get(f"{api.url}/nowhere", headers={"x-api-key": KEY})
        missing = httpx.post(f"{api.url}/v1/messages", headers={"x-api-key": KEY}, json={})
    assert (answer.status_code, answer.json()["error"]["type"]) == (404, "not_found_error")
    assert missing.json()["error"]["message"] == "anthropic-version: header is required"


def port(server):
    return int(server.url.rpartition(":")[2])


def request(path, body, more=b""):
    head = f"POST {path} HTTP/1.1\r\nhost: x\r\ncontent-length: {len(body)}\r\n".encode()
    return head + more + b"\r\n" + body


def read_to_the_end(raw):
    raw.settimeout(PATIENCE_S)
    parts = []
    try:
        while part := raw.recv(65536):
            parts.append(part)
    except ConnectionResetError:
        pass
    return b"".join(parts)
