"""Anthropic's Messages API, through its own client."""

import asyncio
import json
import warnings
from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING, Any, cast

from console.core.chat import (
    Chunk,
    Delta,
    ModelFailure,
    Probe,
    Prompt,
    Reported,
    Thinking,
    Turn,
)
from console.core.usage import WireShape
from console.sources.models.foreign import sendable
from console.sources.models.plain import Http
from console.sources.models.trust import certificates
from console.sources.models.upstream import Upstream, drain

if TYPE_CHECKING:
    import anthropic
    from anthropic.types import MessageParam, RawMessageStreamEvent

MAX_TOKENS = 1_024
"""The longest reply where the settings say nothing; the protocol wants a number."""

_API_VERSION = "2026-10-21"


class AnthropicSource(Upstream["anthropic.AsyncAnthropic"]):
    """A tier served by Anthropic, or by a server that speaks its protocol."""

    provider = "anthropic"
    shape = WireShape.ANTHROPIC
    speaks = "the Messages API"

    @property
    def _root(self) -> str:
        return self.base_url.removesuffix("/v1")

    def _open(self) -> "anthropic.AsyncAnthropic":
        import anthropic
        import anthropic.resources.messages
        import httpx2

        timeout = httpx2.Timeout(None, connect=self.settings.connect_timeout_s)
        return anthropic.AsyncAnthropic(
            # Without one it would look for keys in places of its own; the real one is put in last.
            api_key="",
            base_url=self._root,
            timeout=timeout,
            # One ledger row per attempt: a retry that the client makes by itself would be unseen.
            max_retries=0,
            open_telemetry=False,
            http_client=httpx2.AsyncClient(
                auth=self._sign,
                timeout=timeout,
                follow_redirects=False,
                trust_env=self._through_proxies,
                verify=certificates(self.base_url),
            ),
        )

    async def _close(self, client: "anthropic.AsyncAnthropic") -> None:
        await client.close()

    async def _chunks(
        self, client: "anthropic.AsyncAnthropic", prompt: Prompt
    ) -> AsyncGenerator[Chunk, None]:
        from anthropic import omit

        # Setting the same filter again changes nothing; a context of filters would not survive
        # the await below.
        warnings.filterwarnings(
            "ignore", "The model '.*' is deprecated and will reach end-of-life", DeprecationWarning
        )
        messages = [{"role": turn.role, "content": _content(turn)} for turn in prompt.turns]
        events = await client.messages.create(
            model=self.model,
            max_tokens=self.settings.max_tokens or MAX_TOKENS,
            messages=cast("list[MessageParam]", messages),
            system=sendable(prompt.system) if prompt.system else omit,
            stream=True,
            extra_headers={"Authorization": omit},
        )
        async with events:
            if "text/event-stream" not in events.response.headers.get("content-type", ""):
                # Some compatible servers do not stream; the reply was served all the same.
                chunks = _plain(await events.response.aread())
                if not chunks:
                    raise self.failures.malformed()
                for chunk in chunks:
                    yield chunk
                return
            began = False
            async for event in events:
                if event.type == "message_stop":
                    await drain(events)
                    return
                began = began or event.type == "message_start"
                for chunk in _chunks_of(event):
                    yield chunk
        raise self.failures.cut() if began else self.failures.malformed()

    async def count(self, prompt: Prompt) -> int | None:
        """The prompt's tokens, counted by the server, which is sent all of it.

        Raises ModelFailure.
        """
        from anthropic import omit

        failure: ModelFailure | None = None
        try:
            client = await self._ready()
            messages = [{"role": turn.role, "content": _content(turn)} for turn in prompt.turns]
            async with asyncio.timeout(self.settings.first_token_timeout_s):
                counted = await client.messages.count_tokens(
                    model=self.model,
                    messages=cast("list[MessageParam]", messages),
                    system=sendable(prompt.system) if prompt.system else omit,
                    extra_headers={"Authorization": omit},
                )
            return counted.input_tokens
        except Exception as error:
            failure = self._failure_of(error)
        raise failure

    async def _look(self, http: Http) -> Probe:
        url, version = f"{self._root}/v1/models", {"anthropic-version": _API_VERSION}
        try:
            listed = (await self._get(http, f"{url}?limit=1000", **version))["data"]
        except ModelFailure as failure:
            if failure.status == 404:
                # Servers that only speak its protocol need not list what they have.
                return Probe(ok=True)
            raise
        names = tuple(str(one["id"]) for one in listed)
        if self.model not in names:
            # An alias is not listed, but answers by its name.
            await self._get(http, f"{url}/{self.model}", **version)
        return Probe(ok=True, models=tuple(self.foreign(name) for name in names))

    def _failure_of(self, error: Exception) -> ModelFailure:
        # By name, since a probe that fails must not import the package.
        names = {one.__name__ for one in type(error).__mro__}
        if "APIStatusError" in names:
            refused = cast("anthropic.APIStatusError", error)
            response = refused.response
            if response.is_success:
                return self.failures.broken_off(refused.body)
            return self.failures.refusal(response.status_code, response.headers, response.text)
        if "APIConnectionError" in names and isinstance(error.__cause__, Exception):
            return super()._failure_of(error.__cause__)
        return super()._failure_of(error)


def _content(turn: Turn) -> str | list[dict[str, Any]]:
    """A turn's text, its images before it as blocks of their own."""
    text = sendable(turn.text)
    if not turn.images:
        return text
    blocks: list[dict[str, Any]] = [
        {
            "type": "image",
            "source": {"type": "base64", "media_type": image.media_type, "data": image.base64},
        }
        for image in turn.images
    ]
    return [*blocks, {"type": "text", "text": text}]


def _plain(body: bytes) -> list[Chunk]:
    """The chunks of a whole message that came at once; none when it is not one."""
    try:
        message = json.loads(body)
        if message["type"] != "message":
            return []
        said: list[Chunk] = [
            Delta(str(block["text"])) for block in message["content"] if block["type"] == "text"
        ]
        usage = message.get("usage")
        report = Reported(
            usage=usage if isinstance(usage, dict) else None,
            model=str(message["model"]),
            response_id=str(message["id"]),
            final=True,
        )
    except (ValueError, KeyError, TypeError):
        return []
    return [*said, report]


def _chunks_of(event: "RawMessageStreamEvent") -> list[Chunk]:
    match event.type:
        case "message_start":
            message = event.message
            return [
                Reported(usage=_usage(message.usage), model=message.model, response_id=message.id)
            ]
        case "content_block_start":
            return _text_of(event.content_block)
        case "content_block_delta":
            return _text_of(event.delta)
        case "message_delta":
            reason = event.delta.stop_reason
            usage = _usage(event.usage)
            return [Reported(usage=usage, final=reason is not None, stop_reason=reason)]
    return []


def _text_of(part: Any) -> list[Chunk]:  # noqa: ANN401 (one of a dozen models)
    match part.type:
        case "text" | "text_delta":
            return [Delta(part.text)]
        case "thinking" | "thinking_delta":
            return [Thinking(part.thinking)]
    return []


def _usage(usage: Any) -> dict[str, Any] | None:  # noqa: ANN401 (one of two models)
    # Servers that only speak the protocol may send numbers of other types; the merge sorts it out.
    return None if usage is None else usage.to_dict(warnings=False)
