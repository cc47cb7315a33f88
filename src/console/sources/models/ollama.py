"""Ollama, through its own client."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing, suppress
from typing import TYPE_CHECKING, Any, ClassVar, cast

from console.core.chat import (
    Chunk,
    Delta,
    FailureKind,
    ModelFailure,
    Probe,
    Prompt,
    Reported,
    Thinking,
)
from console.core.serving import Loaded
from console.core.usage import WireShape
from console.sources.models.foreign import sendable
from console.sources.models.lines import read_lines_so
from console.sources.models.plain import Http
from console.sources.models.trust import certificates
from console.sources.models.upstream import Upstream, drain

if TYPE_CHECKING:
    import ollama

_USAGE = {
    "prompt_eval_count",
    "eval_count",
    "total_duration",
    "load_duration",
    "prompt_eval_duration",
    "eval_duration",
}
_DIGEST_S = 1.0


class OllamaSource(Upstream["ollama.AsyncClient"]):
    """A tier served by Ollama."""

    provider = "ollama"
    shape = WireShape.OLLAMA
    speaks = "Ollama"
    tells = True
    hints: ClassVar[Mapping[FailureKind, str]] = {
        FailureKind.UNREACHABLE: "Start it with `ollama serve`, or set {base_url}.",
        FailureKind.UNKNOWN_MODEL: "Get it with `ollama pull {its_model}`, or set {model}.",
        FailureKind.CONTEXT_TOO_LONG: "Send less context, or raise {num_ctx}.",
    }

    _digest: str | None = None
    _digest_asked = False
    _can: object = None

    def _open(self) -> "ollama.AsyncClient":
        import httpx
        import ollama

        return ollama.AsyncClient(
            self.base_url,
            auth=self._sign,
            timeout=httpx.Timeout(None, connect=self.settings.connect_timeout_s),
            follow_redirects=False,
            trust_env=self._through_proxies,
            verify=certificates(self.base_url),
            event_hooks={"response": [read_lines_so]},
        )

    async def _close(self, client: "ollama.AsyncClient") -> None:
        await client.close()  # type: ignore[no-untyped-call]

    async def _chunks(
        self, client: "ollama.AsyncClient", prompt: Prompt
    ) -> AsyncGenerator[Chunk, None]:
        options = {"num_ctx": self.settings.num_ctx, "num_predict": self.settings.max_tokens}
        reply = await client.chat(
            model=self.model,
            messages=_messages(prompt),
            stream=True,
            options={name: value for name, value in options.items() if value is not None} or None,
        )
        digest: asyncio.Task[str | None] | None = None
        try:
            async with aclosing(cast("AsyncGenerator[ollama.ChatResponse, None]", reply)) as parts:
                async for part in parts:
                    if part.message.thinking:
                        yield Thinking(part.message.thinking)
                    if part.message.content:
                        yield Delta(part.message.content)
                    if digest is None:
                        # Asked only now: nothing delays the first token, and the model is loaded.
                        digest = asyncio.create_task(self._ask_digest(client))
                    if part.done:
                        yield Reported(
                            usage=part.model_dump(include=_USAGE, exclude_none=True),
                            final=True,
                            model=part.model,
                            stop_reason=part.done_reason,
                        )
                        await drain(parts)
                        if await digest:
                            yield Reported(digest=digest.result())
                        return
        finally:
            if digest is not None:
                digest.cancel()
                await asyncio.wait({digest})
        raise self.failures.cut()

    async def _ask_digest(self, client: "ollama.AsyncClient") -> str | None:
        """The digest of the loaded model, asked for once.

        `/api/ps` answers from memory; `/api/tags` reads every model's files, and `/api/show` does
        not tell the digest.
        """
        if not self._digest_asked:
            # A row without a digest is better than a reply that fails for it.
            with suppress(Exception):
                async with asyncio.timeout(_DIGEST_S):
                    loaded = await client.ps()
                for one in loaded.models:
                    if one.model and one.digest and same_model(one.model, self.model):
                        self._digest = one.digest
            self._digest_asked = True
        return self._digest

    async def _look(self, http: Http) -> Probe:
        version = (await self._get(http, f"{self.base_url}/api/version"))["version"]
        listed = (await self._get(http, f"{self.base_url}/api/tags"))["models"]
        digests: dict[str, Any] = {str(one["name"]): one.get("digest") for one in listed}
        trouble = None
        mine = next((name for name in digests if same_model(name, self.model)), None)
        if mine is None:
            trouble = str(self.failures.unknown_model())
        elif isinstance(digests[mine], str):
            self._digest, self._digest_asked = digests[mine], True
        can = next((one.get("capabilities") for one in listed if one["name"] == mine), None)
        if can is None and mine is not None:
            can = await self._capabilities(http)
        return Probe(
            ok=mine is not None,
            version=self.foreign(str(version)),
            models=tuple(self.foreign(name) for name in digests),
            trouble=trouble,
            vision="vision" in can if isinstance(can, list) else None,
        )

    async def _capabilities(self, http: Http) -> object:
        """What the model can do, of a server whose list does not tell; it does not change."""
        if self._can is None:
            with suppress(Exception):
                response = await http.post(f"{self.base_url}/api/show", json={"model": self.model})
                self._can = response.json().get("capabilities")
        return self._can

    async def loaded(self) -> tuple[Loaded, ...]:
        """The models in memory and their bytes on cards; nothing when the server does not tell."""
        try:
            async with (
                await self._asker() as http,
                asyncio.timeout(self.settings.connect_timeout_s),
            ):
                listed = (await self._get(http, f"{self.base_url}/api/ps"))["models"]
            return tuple(
                Loaded(self.foreign(str(one["name"])), int(one.get("size_vram") or 0))
                for one in listed
            )
        except Exception:
            return ()

    def _failure_of(self, error: Exception) -> ModelFailure:
        # The client keeps the text and the status, or trips over the text; the answer itself is
        # with the exception that was replaced.
        response = getattr(error.__context__, "response", None)
        if response is not None:
            return self.failures.refusal(response.status_code, response.headers, response.text)
        if type(error).__name__ == "ResponseError":
            return self.failures.broken_off(getattr(error, "error", ""))
        return super()._failure_of(error)


def _messages(prompt: Prompt) -> list[dict[str, Any]]:
    """The turns as `/api/chat` takes them; the client encodes the images."""
    messages: list[dict[str, Any]] = [
        {"role": turn.role, "content": sendable(turn.text)}
        | ({"images": [image.data for image in turn.images]} if turn.images else {})
        for turn in prompt.turns
    ]
    if prompt.system:
        messages.insert(0, {"role": "system", "content": sendable(prompt.system)})
    return messages


def same_model(one: str, other: str) -> bool:
    """Whether two names mean the same model of an Ollama; without a tag it is `latest`."""
    return _tagged(one) == _tagged(other)


def _tagged(name: str) -> str:
    return name if ":" in name.rpartition("/")[2] else f"{name}:latest"
