"""Servers that speak OpenAI's chat completions: vLLM, llama.cpp, LM Studio, SGLang, OpenAI."""

import asyncio
import json
import re
from collections.abc import AsyncGenerator, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from console.core.chat import Chunk, Delta, Probe, Prompt, Reported, Thinking, Turn
from console.core.serving import Loaded
from console.core.settings import TierSettings
from console.core.tier import Tier
from console.core.usage import WireShape
from console.sources.models import addresses
from console.sources.models.foreign import sendable
from console.sources.models.keys import KeyGetter
from console.sources.models.lines import LONGEST, lines_of
from console.sources.models.plain import Http
from console.sources.models.upstream import Upstream, drain

if TYPE_CHECKING:
    import httpx

UNLISTED = "openai-compatible"
"""The provider of a server that no price list knows: its models are never priced as OpenAI's."""

_PROVIDERS = {
    "api.openai.com": "openai",
    "api.cerebras.ai": "cerebras",
    "api.deepseek.com": "deepseek",
    "api.fireworks.ai": "fireworks",
    "api.groq.com": "groq",
    "api.mistral.ai": "mistral",
    "api.perplexity.ai": "perplexity",
    "api.together.xyz": "together",
    "api.x.ai": "x-ai",
    "openrouter.ai": "openrouter",
    "generativelanguage.googleapis.com": "google",
}
_LONGEST_ERROR = 65_536
_VERSIONED = re.compile(r"/v\d+\w*(/|$)")


class OpenAICompatibleSource(Upstream["httpx.AsyncClient"]):
    """A tier served by any server with `/v1/chat/completions`."""

    shape = WireShape.OPENAI
    speaks = "an OpenAI-compatible API"

    def __init__(
        self, settings: TierSettings, key: KeyGetter | None = None, tier: Tier | None = None
    ) -> None:
        super().__init__(settings, key, tier)
        self.provider = _PROVIDERS.get(addresses.host(self.base_url), UNLISTED)

    def _url(self, path: str) -> str:
        # `https://host/openai/v1` is as usual as `http://host:8080`.
        versioned = _VERSIONED.search(self.base_url.partition("://")[2])
        return f"{self.base_url}{'' if versioned else '/v1'}/{path}"

    def _open(self) -> "httpx.AsyncClient":
        return self._http()

    async def _close(self, client: "httpx.AsyncClient") -> None:
        await client.aclose()

    def _body(self, prompt: Prompt) -> dict[str, Any]:
        messages: list[dict[str, Any]] = [
            {"role": turn.role, "content": _content(turn)} for turn in prompt.turns
        ]
        if prompt.system:
            messages.insert(0, {"role": "system", "content": sendable(prompt.system)})
        body: dict[str, Any] = {
            "model": self.model,
            "messages": messages,
            "stream": True,
            "stream_options": {"include_usage": True},
        }
        if self.settings.max_tokens is not None:
            # OpenAI's newer models refuse the name that all other servers know.
            name = "max_completion_tokens" if self.provider == "openai" else "max_tokens"
            body[name] = self.settings.max_tokens
        return body

    async def _chunks(
        self, client: "httpx.AsyncClient", prompt: Prompt
    ) -> AsyncGenerator[Chunk, None]:
        async with client.stream(
            "POST", self._url("chat/completions"), json=self._body(prompt)
        ) as response:
            if not response.is_success:
                text = await _text(response, _LONGEST_ERROR)
                raise self.failures.refusal(response.status_code, response.headers, text)
            if "json" in response.headers.get("content-type", ""):
                answer = json.loads(await _text(response, LONGEST))
                for chunk in self._read(answer, "message", first=True, ended=True):
                    yield chunk
                return
            began = ended = False
            events = event_data(response)
            async for data in events:
                if data == "[DONE]":
                    ended = True
                    await drain(events)
                    break
                for chunk in self._read(json.loads(data), "delta", first=not began, ended=ended):
                    ended = ended or (isinstance(chunk, Reported) and bool(chunk.stop_reason))
                    yield chunk
                began = True
        if not began:
            raise self.failures.malformed()
        if not ended:
            raise self.failures.cut()

    def _read(
        self, answer: Mapping[str, Any], part: str, *, first: bool, ended: bool
    ) -> Iterator[Chunk]:
        """What one event says, or a whole answer; `part` is where its text stands."""
        if answer.get("error"):
            raise self.failures.broken_off(answer)
        if not answer.keys() & {"choices", "usage"}:
            raise self.failures.malformed()
        if first:
            yield Reported(model=answer.get("model"), response_id=answer.get("id"))
        choices = answer.get("choices") or []
        for choice in choices[:1]:
            said = choice.get(part) or {}
            thought = said.get("reasoning_content") or said.get("reasoning")
            if thought:
                yield Thinking(thought)
            text = said.get("content") or said.get("refusal")
            if text:
                yield Delta(text)
            if choice.get("finish_reason"):
                ended = True
                yield Reported(stop_reason=choice["finish_reason"])
        usage = answer.get("usage")
        if isinstance(usage, Mapping):
            # Some servers count along in every event; what follows the end is complete.
            yield Reported(usage=usage, final=ended or not choices)

    async def loaded(self) -> tuple[Loaded, ...]:
        """The models it serves, adapters left out; nothing when the server does not tell."""
        try:
            async with (
                await self._asker() as http,
                asyncio.timeout(self.settings.connect_timeout_s),
            ):
                listed = (await self._get(http, self._url("models")))["data"]
            names = (str(one["id"]) for one in listed if not one.get("parent"))
            return tuple(Loaded(self.foreign(name)) for name in names)
        except Exception:
            return ()  # a figure that is not known is no failure

    async def _look(self, http: Http) -> Probe:
        listed = (await self._get(http, self._url("models")))["data"]
        names = tuple(self.foreign(str(one["id"])) for one in listed)
        trouble = None
        if self.model not in names:
            # Some servers answer to any name, so this is no failure yet.
            has = ", ".join(names[:3]) or "none"
            model = self.failures.setting("model")
            trouble = f"{self.failures.where} lists {has}, not this model. Check {model}."
        mine: Mapping[str, Any] = next((one for one in listed if one["id"] == self.model), {})
        takes = (mine.get("architecture") or {}).get("input_modalities")
        vision = "image" in takes if isinstance(takes, list) else None
        return Probe(ok=True, models=names, trouble=trouble, vision=vision)


def _content(turn: Turn) -> str | list[dict[str, Any]]:
    """A turn's text, with its images as data URIs before it."""
    text = sendable(turn.text)
    if not turn.images:
        return text
    parts: list[dict[str, Any]] = [
        {
            "type": "image_url",
            "image_url": {"url": f"data:{image.media_type};base64,{image.base64}"},
        }
        for image in turn.images
    ]
    return [*parts, {"type": "text", "text": text}]


async def event_data(response: "httpx.Response") -> AsyncGenerator[str, None]:
    """The data of each server-sent event."""
    data: list[str] = []
    async for line in lines_of(response):
        name, _, value = line.partition(":")
        if name == "data":
            data.append(value.removeprefix(" "))
        elif not name and not value and data:
            yield "\n".join(data)
            data.clear()


async def _text(response: "httpx.Response", limit: int) -> str:
    content = b""
    async for piece in response.aiter_bytes():
        content += piece
        if len(content) >= limit:
            break
    return content[:limit].decode("utf-8", "replace")
