"""What the three model sources share: one client, deadlines, clean text, failures in words."""

import asyncio
import sys
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from console.core.chat import Chunk, FailureKind, ModelFailure, Probe, Prompt, Reported
from console.core.lasting import loading
from console.core.serving import Loaded
from console.core.settings import TierSettings
from console.core.tier import Tier
from console.core.usage import WireShape
from console.sources.models import addresses
from console.sources.models.failures import Failures
from console.sources.models.foreign import Foreign, Pieces
from console.sources.models.keys import KeyGetter
from console.sources.models.plain import Http, PlainHttp, connect
from console.sources.models.residence import UNTOLD, told
from console.sources.models.trust import certificates

if TYPE_CHECKING:
    import httpx

Client = TypeVar("Client")

_DRAIN_S = 0.25
_GONE = {FailureKind.UNREACHABLE, FailureKind.UNTRUSTED}
"""Failures of a request that has not left: one with a prompt would not leave either."""


class Upstream(ABC, Generic[Client]):
    """A model server behind one tier; a subclass speaks its protocol.

    `key` is asked once per request; `tier` names settings in hints, and the local one
    uses no proxy.
    """

    provider: str
    shape: ClassVar[WireShape]
    speaks: ClassVar[str]
    hints: ClassVar[Mapping[FailureKind, str]] = {}
    tells: ClassVar[bool] = False
    """Whether such a server must tell where its models run, to be trusted with what must stay."""

    def __init__(
        self, settings: TierSettings, key: KeyGetter | None = None, tier: Tier | None = None
    ) -> None:
        self.settings = settings
        self.tier = tier
        self.model = settings.model
        self.base_url = addresses.normal(settings.base_url)
        self.foreign = Foreign()
        self.failures = Failures(
            settings=settings, tier=tier, foreign=self.foreign, speaks=self.speaks, hints=self.hints
        )
        self._read_key = key
        self._client: Client | None = None
        self._opening = asyncio.Lock()

    async def stream(self, prompt: Prompt) -> AsyncGenerator[Chunk, None]:
        """The reply, piece by piece; closing the iterator closes the connection.

        Raises ModelFailure.
        """
        failure: ModelFailure | None = None
        try:
            client = await self._ready()
        except Exception as error:
            failure = self._failure_of(error)
        else:
            now = asyncio.get_running_loop().time
            first_token_by = now() + self.settings.first_token_timeout_s
            chunks = self._chunks(client, prompt)
            clean = Pieces()
            speaking = complete = False
            try:
                while True:
                    by = now() + self.settings.idle_timeout_s if speaking else first_token_by
                    deadline = asyncio.timeout_at(by)
                    try:
                        async with deadline:
                            chunk = clean(await anext(chunks))
                    except StopAsyncIteration:
                        break
                    except Exception as error:
                        if not deadline.expired():
                            failure = self._failure_of(error)
                        elif not complete:
                            failure = self.failures.late(speaking=speaking)
                        break
                    if isinstance(chunk, Reported):
                        complete = complete or chunk.final
                        yield self.foreign.report(chunk)
                    elif chunk is not None:
                        speaking = True
                        yield chunk
            finally:
                await chunks.aclose()
        if failure is not None:
            # Out here no handler is active, so the client's own exception, which holds the request
            # with its key, does not travel along as this one's context.
            raise failure

    async def probe(self) -> Probe:
        """How the server is, without sending a prompt; takes at most the connect timeout."""
        try:
            await self._learn_key()
            async with asyncio.timeout(self.settings.connect_timeout_s):
                await self._knock()
            async with (
                await self._asker() as http,
                asyncio.timeout(self.settings.connect_timeout_s),
            ):
                seen = await self._look(http)
        except Exception as error:
            return Probe(
                ok=False, trouble=str(self._failure_of(error)), vision=self.settings.vision
            )
        known = self.settings.vision
        return seen if known is None else seen._replace(vision=known)

    async def count(self, prompt: Prompt) -> int | None:
        """The prompt's tokens by the server's own count, which this protocol does not have."""
        return None

    async def residence(self) -> str | None:
        """Why what is sent would leave the server's own machine; None where it does not.

        An Ollama tells of a model that runs in its cloud, whatever protocol it is asked in; of
        another server nothing is known. One that is not there tells so when it is asked.
        """
        try:
            if stray := await asyncio.to_thread(addresses.stray, self.base_url):
                return stray
            await self._learn_key()
            async with (
                await self._asker() as http,
                asyncio.timeout(self.settings.connect_timeout_s),
            ):
                answer = await http.post(f"{self._root}/api/show", json={"model": self.model})
            return told(answer, self.settings.model, self.foreign, strict=self.tells)
        except Exception as error:
            return None if self._failure_of(error).kind in _GONE else UNTOLD

    async def ready(self) -> None:
        """Open what takes long to open, so that a stream begins at once; never raises."""
        with suppress(Exception):
            await self._ready()

    async def loaded(self) -> tuple[Loaded, ...]:
        """The models that the server has in memory; the protocol does not tell."""
        return ()

    async def aclose(self) -> None:
        """Close connections."""
        async with self._opening:
            client, self._client = self._client, None
        if client is not None:
            await self._close(client)

    @property
    def _root(self) -> str:
        """The server's address without the version of a protocol."""
        return addresses.root(self.base_url)

    @abstractmethod
    def _open(self) -> Client:
        """The client; called in a thread, since importing it takes long."""

    @abstractmethod
    async def _close(self, client: Client) -> None:
        """Close the client."""

    @abstractmethod
    def _chunks(self, client: Client, prompt: Prompt) -> AsyncGenerator[Chunk, None]:
        """The reply as the server sends it; may raise what the client raises."""

    @abstractmethod
    async def _look(self, http: Http) -> Probe:
        """The probe's requests; may raise what httpx raises."""

    def _failure_of(self, error: Exception) -> ModelFailure:
        """What an exception of the client means."""
        return self.failures.of(error)

    @property
    def _through_proxies(self) -> bool:
        """Whether the proxies of the environment apply: never where a prompt must stay.

        What goes to the local tier can be pinned, and a proxy may be anybody's.
        """
        return self.tier is not Tier.LOCAL and not addresses.is_loopback(self.base_url)

    @property
    def _is_plain(self) -> bool:
        """Whether the server is on this machine, and asked over plain HTTP."""
        return self.base_url.startswith("http:") and addresses.is_loopback(self.base_url)

    async def _knock(self) -> None:
        """Find out that nobody listens on this machine before a client is imported: 8 MB.

        Raises ConnectionError.
        """
        here = addresses.is_loopback(self.base_url)
        if self._is_plain or "httpx" in sys.modules or not here:
            return
        _, writer = await connect(self.base_url)
        writer.close()

    async def _asker(self) -> Http:
        """Who asks the server about itself: a server of this machine needs no client for it."""
        if self._is_plain:
            return PlainHttp(self.foreign.key)
        return await asyncio.to_thread(self._http)

    def _http(self) -> "httpx.AsyncClient":
        """A plain client with this tier's rules."""
        import httpx

        return httpx.AsyncClient(
            auth=self._sign,
            timeout=httpx.Timeout(None, connect=self.settings.connect_timeout_s),
            # A redirect could carry a prompt that must stay here somewhere else.
            follow_redirects=False,
            trust_env=self._through_proxies,
            verify=certificates(self.base_url),
        )

    def _sign(self, request: Any) -> Any:  # noqa: ANN401 (a request of httpx, or of its copy)
        """Put the key into a request that is about to leave.

        All clients are given this: what they would send otherwise are keys that they find in the
        environment, to any server, and what they are told themselves they write into their logs.
        """
        request.headers.pop("Authorization", None)
        if self.foreign.key:
            request.headers["Authorization"] = f"Bearer {self.foreign.key}"
        return request

    async def _get(self, http: Http, url: str, **headers: str) -> Any:  # noqa: ANN401 (JSON)
        """The JSON at an address. Raises ModelFailure for an error answer."""
        response = await http.get(url, headers=headers)
        if not response.is_success:
            raise self.failures.refusal(response.status_code, response.headers, response.text)
        return response.json()

    async def _ready(self) -> Client:
        await self._learn_key()
        async with self._opening:
            if self._client is None:
                self._client = await asyncio.to_thread(self._load)
            return self._client

    def _load(self) -> Client:
        with loading():
            return self._open()

    async def _learn_key(self) -> None:
        if self._read_key is not None:
            self.foreign.key = await asyncio.to_thread(self._read_key)


async def drain(rest: AsyncIterator[object]) -> None:
    """Read what follows a complete reply, so that the connection can serve the next request."""
    with suppress(Exception):
        async with asyncio.timeout(_DRAIN_S):
            async for _ in rest:
                pass
