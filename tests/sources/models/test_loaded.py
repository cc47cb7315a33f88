"""What a server has in memory."""

import time
from dataclasses import replace

import pytest

from console.core.routing.request import Request
from console.core.settings import LOCAL_DEFAULT
from console.core.tier import Tier
from console.sources.demo.servers import open_stand_ins
from console.sources.models import model_source
from tests.sources.models.wire import http, playing


async def test_ollama_tells_what_is_loaded_and_a_dead_server_tells_nothing():
    with open_stand_ins(time.time_ns() // 1_000_000, local_tokens_per_s=float("inf")) as servers:
        settings = replace(LOCAL_DEFAULT, base_url=servers.local.url)
        source = model_source(settings, {}, Tier.LOCAL)
        assert await source.loaded() == ()
        async for _ in source.stream(Request(task="hi").prompt(None)):
            pass
        (loaded,) = await source.loaded()
        assert loaded.name == settings.model and loaded.vram_b > 2**30
        await source.aclose()
    assert await model_source(settings, {}, Tier.LOCAL).loaded() == ()


LLAMA_CPP = {
    "object": "list",
    "data": [
        {"id": "tiny", "aliases": ["tiny"], "tags": [], "object": "model", "owned_by": "llamacpp"}
    ],
}
VLLM = {
    "object": "list",
    "data": [
        {
            "id": "Qwen/Qwen3-8B",
            "object": "model",
            "owned_by": "vllm",
            "root": "Qwen/Qwen3-8B",
            "parent": None,
            "max_model_len": 40960,
        },
        {"id": "house-lora", "object": "model", "owned_by": "vllm", "parent": "Qwen/Qwen3-8B"},
    ],
}


@pytest.mark.parametrize(
    ("answer", "names"), [(LLAMA_CPP, ["tiny"]), (VLLM, ["Qwen/Qwen3-8B"]), ([], []), ({}, [])]
)  # fmt: skip
async def test_an_openai_compatible_server_tells_what_it_serves_but_no_bytes(answer, names):
    async with playing({"/v1/models": [http(200, answer)]}) as wire:
        settings = replace(LOCAL_DEFAULT, kind="openai", model="x", base_url=wire.url)
        loaded = await model_source(settings, {}, Tier.LOCAL).loaded()
    assert [(each.name, each.vram_b) for each in loaded] == [(name, None) for name in names]


async def test_a_server_that_is_not_there_and_other_protocols_do_not_tell():
    for kind in ("openai", "anthropic"):
        settings = replace(LOCAL_DEFAULT, kind=kind, model="x", base_url="http://127.0.0.1:9")
        assert await model_source(settings, {}, Tier.LOCAL).loaded() == ()
