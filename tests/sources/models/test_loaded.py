"""What a server has in memory."""

import time
from dataclasses import replace

from console.core.routing import Request
from console.core.settings import LOCAL_DEFAULT
from console.core.tier import Tier
from console.sources.demo.servers import open_stand_ins
from console.sources.models import model_source


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


async def test_other_protocols_do_not_tell():
    settings = replace(LOCAL_DEFAULT, kind="openai", model="x")
    assert await model_source(settings, {}, Tier.LOCAL).loaded() == ()
