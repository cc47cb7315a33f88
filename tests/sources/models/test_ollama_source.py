"""What only Ollama does: options, the model's digest, nested errors, its probe."""

import asyncio
from contextlib import aclosing, suppress

import pytest

from console.core.chat import FailureKind, Prompt, Turn
from console.sources.models import ollama
from console.sources.models.ollama import same_model
from tests.patience import PATIENCE_S
from tests.sources.models.replies import HELLO, PICTURED, collect
from tests.sources.models.speech import NDJSON, OLLAMA, source
from tests.sources.models.test_model_sources import failure_of
from tests.sources.models.wire import HOLD, begun, chunk, http, playing, streamed

DIGEST = "7488166fed87de1ec73059c2bd4d04decb2d88111dcaae38fac19c0b99664db6"
REPLY = streamed(NDJSON, *OLLAMA.pieces)
# Ollama 0.32.15
PS = {
    "models": [
        {
            "name": "tiny:latest",
            "model": "tiny:latest",
            "size": 157884088,
            "digest": DIGEST,
            "details": {"format": "gguf", "family": "llama", "families": ["llama"]},
            "expires_at": "2026-11-23T23:44:42.137777773Z",
            "size_vram": 0,
            "context_length": 32768,
        }
    ]
}
TAGS = {
    "models": [
        {"name": "other:8b", "model": "other:8b", "digest": "ab" * 32, "size": 1},
        {"name": "tiny:latest", "model": "tiny:latest", "digest": DIGEST, "size": 534868},
    ]
}
NESTED = (
    '{"error":"{\\"error\\":{\\"code\\":400,\\"message\\":\\"request (20012 tokens) exceeds the '
    'available context size (8192 tokens), try increasing it\\",\\"type\\":'
    '\\"exceed_context_size_error\\",\\"n_prompt_tokens\\":20012,\\"n_ctx\\":8192}}"}'
)


async def test_what_is_asked():
    async with playing({"/api/chat": REPLY}) as wire:
        tier = source(OLLAMA, wire.url, num_ctx=8192, max_tokens=64)
        turns = (Turn("user", "a"), Turn("assistant", "b"), Turn("user", "c"))
        await collect(tier, Prompt(turns=turns, system="s"))
        plain = source(OLLAMA, wire.url)
        await collect(plain)
        await tier.aclose()
        await plain.aclose()
    full, bare = (one.json for one in wire.asked if "/api/chat" in one.line)
    assert full["options"] == {"num_ctx": 8192, "num_predict": 64}
    said = [(one["role"], one["content"]) for one in full["messages"]]
    assert said == [("system", "s"), ("user", "a"), ("assistant", "b"), ("user", "c")]
    assert "options" not in bare, "the server's own defaults hold"


async def test_images_travel_beside_the_text():
    async with playing({"/api/chat": REPLY}) as wire:
        tier = source(OLLAMA, wire.url)
        await collect(tier, Prompt(turns=(PICTURED, Turn("assistant", "b"), Turn("user", "c"))))
        await tier.aclose()
    asked = next(one.json for one in wire.asked if "/api/chat" in one.line)["messages"]
    assert asked[0] == {"role": "user", "content": "look", "images": ["iVBORw=="]}
    assert "images" not in asked[2] or not asked[2]["images"]


@pytest.mark.parametrize(
    ("listed", "shown", "vision"),
    [(["vision", "completion"], None, True), (["completion"], None, False),
     (None, ["vision"], True), (None, ["completion"], False), (None, None, None)],
)  # fmt: skip
async def test_a_probe_knows_whether_the_model_sees(listed, shown, vision):
    mine = {"name": "tiny:latest"} | ({"capabilities": listed} if listed else {})
    answers = {
        "/api/version": (http(200, {"version": "0.32.15"}),),
        "/api/tags": (http(200, {"models": [mine]}),),
        "/api/show": (http(200, {"capabilities": shown}) if shown else http(404, {"error": "x"}),),
    }
    async with playing(answers) as wire:
        assert (await source(OLLAMA, wire.url).probe()).vision is vision
    assert any("/api/show" in one.line for one in wire.asked) is (listed is None)


async def test_the_digest_is_asked_once():
    async with playing({"/api/chat": REPLY, "/api/ps": (http(200, PS),)}) as wire:
        tier = source(OLLAMA, wire.url)
        assert (await collect(tier)).digest == DIGEST
        assert (await collect(tier)).digest == DIGEST
        await tier.aclose()
    assert sum("/api/ps" in one.line for one in wire.asked) == 1


@pytest.mark.parametrize(
    "answer",
    [(HOLD,), (http(500),), (http(200, b"no json"),), (http(200, {"models": []}),)],
    ids=["hold", "500", "no json", "none"],
)
async def test_without_a_digest_the_reply_is_whole(answer, monkeypatch):
    monkeypatch.setattr(ollama, "_DIGEST_S", 0.05)
    async with playing({"/api/chat": REPLY, "/api/ps": answer}) as wire:
        tier = source(OLLAMA, wire.url)
        reply = await collect(tier)
        await tier.aclose()
    assert (reply.text, reply.digest, reply.final) == ("Node fine.", None, True)


async def test_a_stop_does_not_wait_for_the_digest(monkeypatch):
    monkeypatch.setattr(ollama, "_DIGEST_S", 3_600)
    begun_reply = (begun(NDJSON), chunk(OLLAMA.first), HOLD)
    async with playing({"/api/chat": begun_reply, "/api/ps": (HOLD,)}) as wire:
        tier = source(OLLAMA, wire.url)
        async with asyncio.timeout(PATIENCE_S), aclosing(tier.stream(HELLO)) as chunks:
            await anext(chunks)
            with suppress(TimeoutError):
                async with asyncio.timeout(0.1):  # so that the digest is asked for
                    await anext(chunks)
        await tier.aclose()
    assert any("/api/ps" in one.line for one in wire.asked)


async def test_silence_after_a_complete_reply_does_not_fail_it():
    async with playing({"/api/chat": REPLY, "/api/ps": (HOLD,)}) as wire:
        tier = source(OLLAMA, wire.url, idle_timeout_s=0.5)
        reply = await collect(tier)
        await tier.aclose()
    assert (reply.text, reply.digest, reply.final) == ("Node fine.", None, True)


async def test_thinking_is_told_apart():
    thought = '{"model":"tiny","message":{"role":"assistant","content":"","thinking":"Hm"}}\n'
    async with playing({"/api/chat": streamed(NDJSON, thought, *OLLAMA.pieces)}) as wire:
        tier = source(OLLAMA, wire.url)
        reply = await collect(tier)
        await tier.aclose()
    assert (reply.thoughts, reply.text) == (["Hm"], "Node fine.")


async def test_a_reply_that_was_cut_short_says_so():
    last = OLLAMA.pieces[-1].replace('"stop"', '"length"')
    async with playing({"/api/chat": streamed(NDJSON, OLLAMA.first, last)}) as wire:
        tier = source(OLLAMA, wire.url)
        assert (await collect(tier)).stop_reason == "length"
        await tier.aclose()


async def test_a_model_that_is_not_there():
    failure, wire = await failure_of(OLLAMA, (http(404, {"error": "model 'tiny' not found"}),))
    assert failure.kind is FailureKind.UNKNOWN_MODEL
    assert failure.what == (
        f"127.0.0.1:{wire.port} (tiny) does not have this model (404): model 'tiny' not found."
    )
    assert failure.hint == "Get it with `ollama pull tiny`, or set tiers.local.model."


@pytest.mark.parametrize("where", ["answer", "stream"])
async def test_a_prompt_that_is_too_long(where):
    line = NESTED + "\n"
    answer = (http(400, line.encode()),) if where == "answer" else streamed(NDJSON, line)
    failure, _ = await failure_of(OLLAMA, answer)
    assert failure.kind is FailureKind.CONTEXT_TOO_LONG
    assert "has a context of 8,192 tokens, and the prompt has 20,012" in failure.what
    assert failure.hint == "Send less context, or raise tiers.local.num_ctx."


async def test_a_busy_server():
    said = "server busy, please try again.  maximum pending requests exceeded"
    failure, _ = await failure_of(OLLAMA, (http(503, {"error": said}, retry_after="3"),))
    assert (failure.kind, failure.retry_after_s) == (FailureKind.OVERLOADED, 3.0)
    assert "is busy (503): server busy, please try again. maximum pending" in failure.what


async def test_a_probe_knows_version_models_and_digest():
    answers = {
        "/api/version": (http(200, {"version": "0.32.15"}),),
        "/api/tags": (http(200, TAGS),),
        "/api/chat": REPLY,
    }
    async with playing(answers) as wire:
        tier = source(OLLAMA, wire.url)
        probe = await tier.probe()
        reply = await collect(tier, HELLO)
        missing = await source(OLLAMA, wire.url, model="llama3.1:8b").probe()
        await tier.aclose()
    assert (probe.ok, probe.version, probe.trouble) == (True, "0.32.15", None)
    assert probe.models == missing.models == ("other:8b", "tiny:latest")
    assert reply.digest == DIGEST
    assert not any("/api/ps" in one.line for one in wire.asked), "the probe told it already"
    assert not missing.ok
    assert missing.trouble == (
        f"127.0.0.1:{wire.port} (llama3.1:8b) does not have this model. "
        "Get it with `ollama pull llama3.1:8b`, or set tiers.local.model."
    )


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("tiny", "tiny:latest", True),
        ("tiny:latest", "tiny", True),
        ("tiny:8b", "tiny", False),
        ("host:5000/me/tiny", "host:5000/me/tiny:latest", True),
    ],
)
def test_names_of_models(one, other, same):
    assert same_model(one, other) is same
