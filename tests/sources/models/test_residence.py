"""Where the model of a local server runs, before it is sent what must stay."""

from dataclasses import replace

import pytest

from console.core.chat import Prompt, Turn
from console.core.settings import API_DEFAULT, LOCAL_DEFAULT
from console.core.tier import Tier
from console.sources.models import model_source
from tests.sources.models.wire import HOLD, http, playing

SHOW = "/api/show"


async def residence(answer, **about):
    async with playing({SHOW: (answer,)} if answer else {}) as wire:
        settings = replace(LOCAL_DEFAULT, base_url=wire.url, **about)
        return await model_source(settings, {}, Tier.LOCAL).residence()


async def test_a_model_that_runs_here():
    assert await residence(http(200, {"details": {}, "model_info": {}})) is None


@pytest.mark.parametrize(
    "shown", [{"remote_host": "https://ollama.com:443"}, {"remote_model": "gpt-oss:120b"}]
)
async def test_a_model_that_runs_in_a_cloud_under_any_name(shown):
    why = await residence(http(200, {"details": {}, **shown}), model="my-own-name:latest")
    assert why.startswith("my-own-name:latest runs at ")


@pytest.mark.parametrize(
    "answer", [http(200, b"not json"), http(200, [1]), http(500, {"error": "no"}),
               http(404, b"404 page not found", kind="text/plain"), http(302, location="http://x")],
)  # fmt: skip
async def test_a_server_that_does_not_tell_is_not_trusted(answer):
    assert "does not tell" in await residence(answer)


async def test_a_model_that_is_not_there_is_told_by_asking_it():
    assert await residence(http(404, {"error": "model 'x' not found"})) is None


@pytest.mark.parametrize("kind", ["openai", "anthropic"])
async def test_an_ollama_that_is_spoken_to_in_another_protocol_tells_too(kind):
    answer = http(200, {"details": {}, "remote_host": "https://ollama.com:443"})
    async with playing({SHOW: (answer,)}) as wire:
        settings = replace(LOCAL_DEFAULT, kind=kind, base_url=f"{wire.url}/v1", model="mine")
        why = await model_source(settings, {}, Tier.LOCAL).residence()
        assert why == "mine runs at https://ollama.com:443; choose a model that runs here"


@pytest.mark.parametrize("kind", ["openai", "anthropic"])
@pytest.mark.parametrize(
    "answer", [http(404, {"error": {"code": 404}}), http(401, b"key?"), http(405, b""),
               http(501, b""), http(200, {"modalities": []}), http(200, b"not json"), http(302, location="http://x")],
)  # fmt: skip
async def test_another_server_may_refuse_the_question(kind, answer):
    assert await residence(answer, kind=kind) is None


@pytest.mark.parametrize("kind", ["openai", "anthropic"])
async def test_another_server_that_fails_over_it_is_not_trusted(kind):
    assert "does not tell" in await residence(http(500, {"error": "no"}), kind=kind)


@pytest.mark.parametrize("kind", ["ollama", "openai", "anthropic"])
async def test_a_server_that_never_answers_is_not_trusted(kind):
    assert "does not tell" in await residence((HOLD,), kind=kind, connect_timeout_s=0.2)


async def test_localhost_must_lead_to_this_machine(monkeypatch):
    settings = replace(LOCAL_DEFAULT, base_url="http://localhost:9")
    monkeypatch.setattr(
        "socket.getaddrinfo",
        lambda host, port, *rest, **more: [(2, 1, 6, "", ("203.0.113.7", 0))],
    )
    for kind in ("ollama", "openai", "anthropic"):
        source = model_source(replace(settings, kind=kind), {}, Tier.LOCAL)
        assert "leads to 203.0.113.7" in await source.residence()


async def test_a_server_that_is_not_there_is_told_by_asking_it():
    settings = replace(LOCAL_DEFAULT, base_url="http://127.0.0.1:9")
    assert await model_source(settings, {}, Tier.LOCAL).residence() is None


async def test_no_proxy_carries_what_goes_to_the_local_tier(monkeypatch):
    async with playing({}) as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url)
        own = replace(LOCAL_DEFAULT, base_url="http://gpu-box.invalid:1", connect_timeout_s=2.0)
        for kind in ("ollama", "openai", "anthropic"):
            source = model_source(replace(own, kind=kind, model="m"), {}, Tier.LOCAL)
            await source.probe()
            with pytest.raises(Exception, match="gpu-box"):
                async for _ in source.stream(Prompt(turns=(Turn("user", "stay"),))):
                    pass
            await source.aclose()
        assert proxy.asked == [] and proxy.connections == 0


async def test_the_api_counts_tokens_where_it_is_asked_to():
    counted = http(200, {"input_tokens": 42})
    async with playing({"/v1/messages/count_tokens": (counted,)}) as wire:
        settings = replace(API_DEFAULT, base_url=wire.url, key_env="K")
        source = model_source(settings, {"K": "key"}, Tier.API)
        assert await source.count(Prompt(turns=(Turn("user", "hello"),), system="be kind")) == 42
        await source.aclose()
        assert wire.asked[0].json["system"] == "be kind"
