"""A server of this machine is asked how it is without the client that takes 5 MB."""

import asyncio
import subprocess
import sys

import httpx
import pytest

from console.sources.models.plain import PlainHttp, TransportError

from .wire import http, playing

HEAD = b"HTTP/1.1 200 OK\r\n"
CLOSES = HEAD + b"connection: close\r\n"
ANSWERS = {
    "a length": (HEAD + b"Content-Length: 4\r\n\r\nfour",),
    "in pieces": (HEAD + b"Content-Le", b"ngth: 4\r\n\r\nfo", b"ur"),
    "chunks": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n1;x=y\r\nd\r\n0\r\n\r\n",),
    "to the end": (CLOSES + b"\r\nall of it",),
    "an early one": (b"HTTP/1.1 103 Hints\r\nA: x\r\n\r\n" + HEAD + b"Content-Length: 0\r\n\r\n",),
    "no reason": (b"HTTP/1.1 503\r\nContent-Length: 2\r\nRetry-After:  7 \r\n\r\nno",),
    "a redirect": (b"HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n",),
    "no text": (HEAD + b"Content-Length: 2\r\n\r\n\xff\xfe",),
}  # fmt: skip
BROKEN = {
    "another protocol": (b"220 smtp.example ESMTP, connection: close\r\n",),
    "half a head": (CLOSES + b"Content-Le",),
    "half a body": (CLOSES + b"Content-Length: 9\r\n\r\nfour",),
    "half a chunk": (CLOSES + b"Transfer-Encoding: chunked\r\n\r\n9\r\nabc",),
    "a length of words": (CLOSES + b"Content-Length: four\r\n\r\nfour",),
}


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
async def test_an_answer_is_read_as_the_client_reads_it(answer):
    async with playing({"/api/version": answer}) as wire:
        url = f"{wire.url}/api/version"
        async with PlainHttp(None) as plain, httpx.AsyncClient(trust_env=False) as client:
            ours, theirs = await plain.get(url), await client.get(url)
    assert (ours.status_code, ours.is_success) == (theirs.status_code, theirs.is_success)
    assert ours.text == theirs.text
    assert ours.headers.get("retry-after") == theirs.headers.get("retry-after")


@pytest.mark.parametrize("answer", BROKEN.values(), ids=BROKEN)
async def test_an_answer_that_breaks_off_is_one_error_for_both(answer):
    async with playing({"/": answer}) as wire, httpx.AsyncClient(trust_env=False) as client:
        with pytest.raises(httpx.TransportError):
            await client.get(wire.url)
        with pytest.raises(TransportError):
            await PlainHttp(None).get(wire.url)


@pytest.mark.parametrize("size", [-1, 8 * 2**20 + 1, 2**63])
async def test_a_length_that_no_answer_has_is_not_waited_for(size):
    head = HEAD + f"Content-Length: {size}\r\n\r\n".encode()
    async with playing({"/": (head,)}) as wire:
        with pytest.raises(TransportError):
            await PlainHttp(None).get(wire.url)


async def test_what_is_asked_is_what_the_client_asks():
    async with playing(
        {"/v1/models/a%20b": (http(200, {}),), "/show": (http(200, {"a": 1}),)}
    ) as wire:
        plain = PlainHttp("sesame")
        await plain.get(f"{wire.url}/v1/models/a b?limit=1000", headers={"version": "2023"})
        shown = await plain.post(f"{wire.url}/show", json={"model": "größer"})
    first, second = wire.asked
    assert first.line == "GET /v1/models/a%20b?limit=1000 HTTP/1.1"
    assert first.headers["authorization"] == "bearer sesame" and first.headers["version"] == "2023"
    assert first.headers["host"] == f"127.0.0.1:{wire.port}"
    assert second.line == "POST /show HTTP/1.1" and second.json == {"model": "größer"}
    assert second.headers["content-type"] == "application/json" and shown.json() == {"a": 1}


async def test_a_key_cannot_add_a_header():
    async with playing({"/": (http(200, {}),)}) as wire:
        with pytest.raises(ValueError, match="break its line"):
            await PlainHttp("x\r\nHost: evil").get(wire.url)
    assert not wire.asked


PROGRAM = """
import asyncio, sys
from dataclasses import replace
from console.core.settings import TIER_DEFAULTS
from console.core.tier import Tier
from console.sources.models import model_source

kind, url = sys.argv[1:]
source = model_source(
    replace(TIER_DEFAULTS[Tier.LOCAL, kind], base_url=url, model="llama3.1:8b"), {}, Tier.LOCAL
)
probe, loaded = asyncio.run(source.probe()), asyncio.run(source.loaded())
gone = asyncio.run(source.residence())
print(probe.ok, *probe.models, *(each.name for each in loaded), gone)
print(*sys.modules)
"""
OLLAMA = {
    "/api/version": (http(200, {"version": "0.12.11"}),),
    "/api/tags": (http(200, {"models": [{"name": "llama3.1:8b", "digest": "d"}]}),),
    "/api/show": (http(200, {"capabilities": ["completion"]}),),
    "/api/ps": (http(200, {"models": [{"name": "llama3.1:8b", "size_vram": 5}]}),),
}
OPENAI = {"/v1/models": (http(200, {"data": [{"id": "llama3.1:8b"}]}),)}


@pytest.mark.parametrize(
    ("kind", "answers", "told"),
    [
        ("ollama", OLLAMA, "True llama3.1:8b llama3.1:8b None"),
        ("openai", OPENAI, "True llama3.1:8b llama3.1:8b None"),
        ("anthropic", OPENAI, "True llama3.1:8b None"),
    ],
)
async def test_a_server_of_this_machine_is_asked_without_a_client(kind, answers, told):
    async with playing(answers) as wire:
        command = [sys.executable, "-c", PROGRAM, kind, wire.url]
        done = await asyncio.to_thread(
            subprocess.run, command, capture_output=True, text=True, timeout=120, check=True
        )
    said, modules = done.stdout.splitlines()
    assert said == told
    assert not {"httpx", "anyio", "ollama", "anthropic"} & set(modules.split())
