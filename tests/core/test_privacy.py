"""Whether the local tier is local: the address as two parsers would read it, and the model."""

from dataclasses import replace

import pytest

from console.core.privacy import elsewhere, is_loopback
from console.core.settings import LOCAL_DEFAULT

HERE = (
    "http://127.0.0.1:11434", "127.0.0.1:11434", "http://localhost", "http://LOCALHOST.:1",
    "http://[::1]:8080", "http://[::ffff:127.0.0.1]:8080", "http://127.8.9.10", "http://0.0.0.0:1",
    "http://[::]:1", "https://gpu-box.lan:8443", "http://10.0.0.5:80",
)  # fmt: skip
AWAY = (
    "http://models.example", "http://127.0.0.1.evil.example", "http://localhost.evil.example",
    "http://evil.localhost", "http://127.0.0.1@evil.example", "http://evil.example@127.0.0.1",
    "http://evil.example\\@127.0.0.1", "http://127.0.0.1\\@evil.example", "http://evil.example#@127.0.0.1",
    "http://[::ffff:8.8.8.8]", "http://2130706433", "http://0x7f.1", "http://127.1", "http://10.0.0.6",
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


def test_loopback_is_told_from_what_only_begins_like_it():
    assert is_loopback("127.0.0.53") and is_loopback("::1")
    assert not is_loopback("127.0.0.1.nip.io") and not is_loopback("128.0.0.1")
