"""Whether the local tier is local: the address as two parsers would read it, and the model."""

from dataclasses import replace

import httpx
import pytest
from hypothesis import example, given
from hypothesis import strategies as some

from console.core.privacy import elsewhere, is_loopback
from console.core.settings import LOCAL_DEFAULT
from console.sources.models import addresses

HERE = (
    "http://127.0.0.1:11434", "127.0.0.1:11434", "http://localhost", "http://LOCALHOST:1",
    "http://[::1]:8080", "http://[::ffff:127.0.0.1]:8080", "http://127.8.9.10", "http://0.0.0.0:1",
    "http://[::]:1", "https://gpu-box.lan:8443", "http://10.0.0.5:80",
)  # fmt: skip
AWAY = (
    "http://models.example", "http://127.0.0.1.evil.example", "http://localhost.evil.example",
    "http://evil.localhost", "http://127.0.0.1@evil.example", "http://evil.example@127.0.0.1",
    "http://evil.example\\@127.0.0.1", "http://127.0.0.1\\@evil.example", "http://evil.example#@127.0.0.1",
    "http://[::ffff:8.8.8.8]", "http://2130706433", "http://0x7f.1", "http://127.1", "http://10.0.0.6",
    "http://localhost.:1", "http://127.0.0.1:1?@evil.example", "http://127.0.0.1#@evil.example",
    "127.0.0.1?@evil.example", "http://127.0.0.1/@evil.example", "file://127.0.0.1",
    "http:127.0.0.1", "http://[::ffff:8.8.4.4]:1",
    "http://127.0.0.1\t.evil.example", "http://127.0.0.1 .evil.example",
    "http://[::1%25eth0]", "http://[::1", "http://", "", "http://127.0.0.1:1:2", "http://１２７.0.0.1",
)  # fmt: skip


@pytest.mark.parametrize("url", HERE)
def test_addresses_of_the_operators_own(url):
    assert elsewhere(replace(LOCAL_DEFAULT, base_url=url), ("gpu-box.lan", "10.0.0.5")) is None


@pytest.mark.parametrize("url", AWAY)
def test_addresses_that_are_not_surely_ones_own(url):
    why = elsewhere(replace(LOCAL_DEFAULT, base_url=url), ("gpu-box.lan", "10.0.0.5"))
    assert why and "the local tier's" in why


@pytest.mark.parametrize("model", ["gpt-oss:120b-cloud", "Kimi-K2:CLOUD", "qwen3-coder:480b-cloud"])
def test_models_of_ollamas_cloud(model):
    assert "Ollama's cloud" in elsewhere(replace(LOCAL_DEFAULT, model=model), ())


@pytest.mark.parametrize("kind", ["openai", "anthropic"])
def test_models_of_ollamas_cloud_in_another_protocol(kind):
    local = replace(LOCAL_DEFAULT, kind=kind)
    assert "Ollama's cloud" in elsewhere(replace(local, model="gpt-oss:120b-cloud"), ())
    assert "Ollama's cloud" in elsewhere(replace(local, model="kimi-k2:cloud"), ())
    # Without a tag it is no name of Ollama's.
    assert elsewhere(replace(local, model="weather-cloud"), ()) is None


@given(some.text("htp:/127.0locahsevi@?#\\[]\t ", max_size=40))
@example("http://127.0.0.1?@evil.example")
def test_an_address_that_passes_is_the_one_that_the_clients_use(typed):
    if elsewhere(replace(LOCAL_DEFAULT, base_url=typed), ()) is None:
        assert is_loopback(httpx.URL(addresses.normal(typed)).host)


def test_loopback_is_told_from_what_only_begins_like_it():
    assert is_loopback("127.0.0.53") and is_loopback("::1")
    assert not is_loopback("127.0.0.1.nip.io") and not is_loopback("128.0.0.1")
