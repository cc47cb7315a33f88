"""Both tiers on real llama.cpp, which speaks OpenAI's and Anthropic's protocol."""

import asyncio
from contextlib import aclosing

import pytest

from console.core.chat import Delta, FailureKind, ModelFailure, Prompt, Reported, Turn
from console.core.settings import TierSettings
from console.core.tier import Tier
from console.core.usage import merge, normalise
from console.sources.models import model_source
from tests.patience import PATIENCE_S
from tests.real.llamacpp import API_KEY, LlamaCpp
from tests.sources.models.replies import asked, collect

pytestmark = pytest.mark.real

KINDS = pytest.mark.parametrize("kind", ["openai", "anthropic"])


def tier(server: LlamaCpp, kind: str, environment=None, **changes):
    settings = TierSettings(
        **{"kind": kind, "base_url": server.url, "model": server.model, "max_tokens": 60, **changes}
    )
    return model_source(settings, environment or {}, Tier.LOCAL)


async def free(server: LlamaCpp) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while await asyncio.to_thread(lambda: server.busy):  # noqa: ASYNC110 (another process)
            await asyncio.sleep(0.02)


async def test_it_tells_the_model_that_it_serves(llamacpp):
    (loaded,) = await tier(llamacpp, "openai").loaded()
    assert (loaded.name, loaded.vram_b) == (llamacpp.model, None)


@KINDS
async def test_a_reply_and_the_servers_own_numbers(llamacpp, kind):
    source = tier(llamacpp, kind)
    system = "You are an operator's console."
    prompt = Prompt(turns=(Turn("user", f"Is all well, {kind}? ✓"),), system=system)
    first, again = await collect(source, prompt), await collect(source, prompt)
    await source.aclose()

    assert first.text and first.text == again.text
    assert first.text.endswith(".") and len(first.deltas) > 3
    assert first.model == llamacpp.model and first.response_id
    assert first.stop_reason in {"stop", "end_turn"}
    assert first.final
    usage, cached = (normalise(source.shape, reply.usage) for reply in (first, again))
    assert usage.prompt == cached.prompt, "the prompt is as long the second time"
    assert cached.cache_read and cached.cache_read > (usage.cache_read or 0)
    assert usage.output == cached.output

    # The server's own count, asked for in another way.
    chat = {"messages": [{"role": "system", "content": system}, *asked(prompt)]}
    templated = await asyncio.to_thread(llamacpp.post, "/apply-template", chat)
    content = {"content": templated["prompt"], "parse_special": True}
    tokens = await asyncio.to_thread(llamacpp.post, "/tokenize", content)
    assert usage.prompt == len(tokens["tokens"])


@KINDS
async def test_max_tokens_ends_a_reply(endless_llamacpp, kind):
    source = tier(endless_llamacpp, kind, max_tokens=5)
    reply = await collect(source)
    await source.aclose()
    assert reply.stop_reason in {"length", "max_tokens"}
    assert normalise(source.shape, reply.usage).output == 5
    await free(endless_llamacpp)


@KINDS
async def test_closing_the_iterator_frees_the_slot(endless_llamacpp, kind):
    source = tier(endless_llamacpp, kind, max_tokens=50_000)
    async with aclosing(source.stream(Prompt(turns=(Turn("user", "Go on."),)))) as chunks:
        async for chunk in chunks:
            if isinstance(chunk, Delta):
                break
        assert endless_llamacpp.busy == 1
    await free(endless_llamacpp)
    await source.aclose()


@KINDS
async def test_cancelling_the_task_frees_the_slot(endless_llamacpp, kind):
    source = tier(endless_llamacpp, kind, max_tokens=50_000)
    speaking = asyncio.Event()
    usage = {}

    async def listen():
        nonlocal usage
        async with aclosing(source.stream(Prompt(turns=(Turn("user", "Go on."),)))) as chunks:
            async for chunk in chunks:
                if isinstance(chunk, Delta):
                    speaking.set()
                elif isinstance(chunk, Reported) and chunk.usage:
                    usage = merge(usage, chunk.usage)
                    assert not chunk.final, "a stopped reply has no complete usage"

    task = asyncio.create_task(listen())
    async with asyncio.timeout(PATIENCE_S):
        await speaking.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await free(endless_llamacpp)
    if kind == "anthropic":
        assert normalise(source.shape, usage).prompt, "known from the stream's start"
    await source.aclose()


@KINDS
async def test_the_key_is_sent_and_a_wrong_one_refused(locked_llamacpp, kind):
    right = tier(locked_llamacpp, kind, {"BOX_KEY": API_KEY}, key_env="BOX_KEY")
    assert (await collect(right)).text
    await right.aclose()
    for environment, hint in (
        ({"BOX_KEY": "sk-wrong-key"}, "Check the key in BOX_KEY."),
        ({}, "Name the variable that holds it in tiers.local.key_env."),
    ):
        source = tier(
            locked_llamacpp, kind, environment, key_env="BOX_KEY" if environment else None
        )
        with pytest.raises(ModelFailure) as caught:
            await collect(source)
        await source.aclose()
        failure = caught.value
        assert (failure.kind, failure.status) == (FailureKind.UNAUTHORISED, 401)
        assert failure.hint == hint
        assert "sk-wrong-key" not in str(failure)


@KINDS
async def test_a_prompt_beyond_the_context_says_both_numbers(llamacpp, kind):
    source = tier(llamacpp, kind)
    prompt = Prompt(turns=(Turn("user", "word " * 10_000),))
    with pytest.raises(ModelFailure) as caught:
        await collect(source, prompt)
    await source.aclose()
    failure = caught.value
    assert (failure.kind, failure.status) == (FailureKind.CONTEXT_TOO_LONG, 400)
    assert f"has a context of {llamacpp.context:,} tokens, and the prompt has " in failure.what
    assert failure.hint == "Send less context."


@KINDS
async def test_a_wrong_path_is_said(llamacpp, kind):
    source = tier(llamacpp, kind, base_url=f"{llamacpp.url}/elsewhere")
    with pytest.raises(ModelFailure) as caught:
        await collect(source)
    await source.aclose()
    failure = caught.value
    assert (failure.kind, failure.status) == (FailureKind.REFUSED, 404)
    assert "has no such address (404): File Not Found." in failure.what
    assert "tiers.local.base_url" in failure.hint


async def test_it_is_not_an_ollama(llamacpp):
    source = tier(llamacpp, "ollama")
    with pytest.raises(ModelFailure) as caught:
        await collect(source)
    probe = await source.probe()
    await source.aclose()
    assert caught.value.kind is FailureKind.REFUSED
    assert not probe.ok and "has no such address (404)" in probe.trouble


@KINDS
async def test_a_probe_lists_its_model_without_a_prompt(llamacpp, kind):
    before = llamacpp.get("/slots")
    source = tier(llamacpp, kind)
    probe = await source.probe()
    await source.aclose()
    assert (probe.ok, probe.models, probe.trouble) == (True, (llamacpp.model,), None)
    assert [slot.get("id_task") for slot in llamacpp.get("/slots")] == [
        slot.get("id_task") for slot in before
    ]


async def test_a_version_in_the_base_url_is_not_doubled(llamacpp):
    for kind in ("openai", "anthropic"):
        source = tier(llamacpp, kind, base_url=f"{llamacpp.url}/v1/")
        assert (await collect(source)).text
        assert (await source.probe()).ok
        await source.aclose()
