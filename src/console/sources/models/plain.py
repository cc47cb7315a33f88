"""Questions to a model server of this machine over plain HTTP, without the client that takes 5 MB.

It is asked the like of `/api/version` and `/v1/models`, each over a connection of its own. What it
gives has the names that httpx has for it, so that the same code asks any server.
"""

import asyncio
import json
import os
from asyncio import StreamReader
from collections.abc import Mapping
from errno import ECONNREFUSED
from types import TracebackType
from typing import Any, NamedTuple, Protocol, Self
from urllib.parse import quote, urlsplit

from console import __version__
from console.sources.models import addresses

_LARGEST = 8 * 2**20
_MOST_HEADERS = 100
_SAFE = "/%:@!$&'()*+,;=~-._"


class Answer(Protocol):
    """What a server answered, as httpx has it."""

    @property
    def status_code(self) -> int:
        """The status."""

    @property
    def is_success(self) -> bool:
        """Whether the status says so."""

    @property
    def headers(self) -> Mapping[str, str]:
        """Headers, to be looked up in lower case."""

    @property
    def text(self) -> str:
        """The body."""

    def json(self) -> Any:  # noqa: ANN401 (JSON)
        """The body's JSON; raises ValueError."""


class Http(Protocol):
    """Who asks, as httpx has it; closed with its block."""

    async def __aenter__(self) -> Self:
        """Open it."""

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc_value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close it."""

    async def get(self, url: str, *, headers: Mapping[str, str] | None = None) -> Answer:
        """The answer to a GET."""

    async def post(self, url: str, *, json: Any) -> Answer:  # noqa: ANN401 (JSON)
        """The answer to a POST of JSON."""


class TransportError(Exception):
    """The connection or the answer broke off, or is no HTTP; httpx has the name too."""


class PlainAnswer(NamedTuple):
    """A whole answer."""

    status_code: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def is_success(self) -> bool:
        """Whether the status is one of success."""
        return 200 <= self.status_code < 300

    @property
    def text(self) -> str:
        """The body as text, which is UTF-8."""
        return self.body.decode(errors="replace")

    def json(self) -> Any:  # noqa: ANN401 (JSON)
        """The body's JSON; raises ValueError."""
        return json.loads(self.body)


class PlainHttp:
    """Asks with a key, where there is one; follows no redirect and uses no proxy."""

    def __init__(self, key: str | None) -> None:
        self._key = key

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *args: object) -> None:
        """Nothing stays open."""

    async def get(self, url: str, *, headers: Mapping[str, str] | None = None) -> PlainAnswer:
        """The answer to a GET; raises ConnectionError, TransportError, or ValueError."""
        return await self._asked("GET", url, headers or {}, b"")

    async def post(self, url: str, *, json: Any) -> PlainAnswer:  # noqa: ANN401 (JSON)
        """The answer to a POST of JSON; raises what `get` does."""
        return await self._asked("POST", url, {"Content-Type": "application/json"}, _dumped(json))

    async def _asked(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes
    ) -> PlainAnswer:
        parts = urlsplit(url)
        target = quote(parts.path or "/", _SAFE)
        if parts.query:
            target += f"?{quote(parts.query, _SAFE + '?')}"
        fields = {
            "Host": parts.netloc,
            "User-Agent": f"llmconsole/{__version__}",
            "Accept": "*/*",
            "Accept-Encoding": "identity",
            "Connection": "close",
            **headers,
        }
        if self._key:
            fields["Authorization"] = f"Bearer {self._key}"
        if body or method == "POST":
            fields["Content-Length"] = str(len(body))
        lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {fields[name]}" for name in fields)]
        if not all(line.isprintable() for line in lines):
            raise ValueError("a header would break its line")
        request = "\r\n".join([*lines, "", ""]).encode("ascii") + body
        reader, writer = await connect(url)
        try:
            writer.write(request)
            return await _answer(reader)
        except (OSError, EOFError, ValueError) as error:
            raise TransportError(type(error).__name__) from None
        finally:
            writer.close()


async def connect(url: str) -> tuple[StreamReader, asyncio.StreamWriter]:
    """A connection to a server of this machine; raises ConnectionRefusedError."""
    try:
        return await asyncio.open_connection(*addresses.door(url))
    except OSError:
        raise ConnectionRefusedError(ECONNREFUSED, os.strerror(ECONNREFUSED)) from None


def _dumped(document: object) -> bytes:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


async def _answer(reader: StreamReader) -> PlainAnswer:
    """The next answer that is one; raises EOFError or ValueError."""
    status = 100
    while 100 <= status < 200:
        version, _, rest = (await _line(reader)).partition(" ")
        if not version.startswith("HTTP/1."):
            raise ValueError("no HTTP")
        status = int(rest[:3])
        headers = await _headers(reader)
    if "chunked" in headers.get("transfer-encoding", "").lower():
        body = await _chunks(reader)
    elif (length := headers.get("content-length")) is not None:
        body = await reader.readexactly(_allowed(int(length)))
    else:
        body = await _to_the_end(reader)
    return PlainAnswer(status, headers, body)


async def _headers(reader: StreamReader) -> dict[str, str]:
    headers: dict[str, str] = {}
    for _ in range(_MOST_HEADERS):
        line = await _line(reader)
        if not line:
            return headers
        name, _, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    raise ValueError("too many headers")


async def _line(reader: StreamReader) -> str:
    line = await reader.readline()
    if not line.endswith(b"\n"):
        raise EOFError
    return line.decode("latin-1").rstrip("\r\n")


async def _chunks(reader: StreamReader) -> bytes:
    """The body of chunks, each after its length in hexadecimal digits, the last of none."""
    body = bytearray()
    while size := int((await _line(reader)).partition(";")[0], 16):
        _allowed(len(body) + size)
        body += await reader.readexactly(size)
        await _line(reader)
    return bytes(body)


async def _to_the_end(reader: StreamReader) -> bytes:
    body = bytearray()
    while piece := await reader.read(65536):
        body += piece
        _allowed(len(body))
    return bytes(body)


def _allowed(size: int) -> int:
    if not 0 <= size <= _LARGEST:
        raise ValueError("too long an answer")
    return size
