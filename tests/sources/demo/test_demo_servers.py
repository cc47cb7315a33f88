"""The pair of stand-ins that the demo runs on."""

import httpx

from console.core.settings import Settings
from console.sources.demo.faults import Fault
from console.sources.demo.servers import KEY_ENV, open_stand_ins
from console.sources.demo.standin import INSTANT

NOW_MS = 1_795_478_400_000


def test_settings_point_both_tiers_at_the_stand_ins():
    with open_stand_ins(NOW_MS) as both:
        settings = both.settings(Settings(theme="paper"))
        assert settings.theme == "paper"
        assert settings.local.base_url == both.local.url
        assert settings.api.base_url == both.api.url
        tags = httpx.get(f"{settings.local.base_url}/api/tags").json()
        key = both.environment[settings.api.key_env]
        models = httpx.get(f"{settings.api.base_url}/v1/models", headers={"x-api-key": key}).json()
    assert settings.local.model in [model["name"] for model in tags["models"]]
    assert settings.api.model in [model["id"] for model in models["data"]]
    assert (settings.local.kind, settings.api.kind) == ("ollama", "anthropic")


def test_the_key_is_nobodys_and_not_under_a_real_keys_name():
    with open_stand_ins(NOW_MS) as both:
        assert list(both.environment) == [KEY_ENV]
        assert Settings().api.key_env != KEY_ENV
        assert "stand-in" in both.api.key


def test_the_demo_takes_its_time():
    with open_stand_ins(NOW_MS) as both:
        assert both.local.tokens_per_s < both.api.tokens_per_s < INSTANT
        assert not both.local.instant


def test_a_server_that_takes_its_time_reads_the_prompt_first():
    with open_stand_ins(NOW_MS, local_tokens_per_s=1000, api_tokens_per_s=INSTANT) as both:
        both.local.order(Fault(reply="x"))
        body = {
            "model": both.settings().local.model,
            "messages": [{"role": "user", "content": "hello"}],
            "stream": False,
        }
        answer = httpx.post(f"{both.local.url}/api/chat", json=body).json()
    assert answer["prompt_eval_duration"] >= 150_000_000
    assert answer["created_at"].startswith("2026-11-24T00:00:")
