"""A loopback server that plays given bytes, and keeps what it was asked."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

HOLD = None
"""In an answer: say nothing more until the client leaves."""

Answer = Sequence[bytes | None]


@dataclass(frozen=True)
class Asked:
    """One request as it came."""

    line: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Wire:
    """The running server; `answers` by path are played again and again, others are 404."""

    answers: dict[str, Answer]
    port: int = 0
    asked: list[Asked] = field(default_factory=list)
    connections: int = 0
    left: asyncio.Event = field(default_factory=asyncio.Event)
    _open: dict[asyncio.Task[Any], asyncio.StreamWriter] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        task = asyncio.current_task()
        assert task
        self._open[task] = writer
        try:
            while head := await self._head(reader):
                line, *fields = head.split("\r\n")
                headers = dict(field.lower().split(": ", 1) for field in fields)
                body = await reader.readexactly(int(headers.get("content-length", 0)))
                self.asked.append(Asked(line, headers, body))
                path = line.split(" ")[1].partition("?")[0]
                for piece in self.answers.get(path, (http(404, {"error": "no such path"}),)):
                    if piece is HOLD:
                        await reader.read()
                        self.left.set()
                        return
                    writer.write(piece)
                    await writer.drain()
                if b"connection: close" in b"".join(self.answers.get(path, ())):
                    return
        except ConnectionError:
            self.left.set()
        finally:
            writer.close()

    async def close(self) -> None:
        """Close what clients keep open, and wait until nothing is at work."""
        for writer in self._open.values():
            writer.close()
        if self._open:
            await asyncio.wait(self._open)

    async def _head(self, reader: asyncio.StreamReader) -> str:
        try:
            return (await reader.readuntil(b"\r\n\r\n")).decode().strip()
        except asyncio.IncompleteReadError:
            return ""


@asynccontextmanager
async def playing(answers: Mapping[str, Answer]) -> AsyncIterator[Wire]:
    """The server, open until the context ends."""
    wire = Wire(dict(answers))
    server = await asyncio.start_server(wire.meet, "127.0.0.1", 0)
    wire.port = server.sockets[0].getsockname()[1]
    async with server:
        yield wire
        await wire.close()


def http(status: int, body: object = b"", kind: str = "application/json", **headers: str) -> bytes:
    """A whole answer; `body` is bytes, or what becomes JSON."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    fields = {"content-type": kind, "content-length": str(len(content)), **headers}
    return _head(status, fields) + content


def begun(kind: str) -> bytes:
    """The head of a chunked answer."""
    return _head(200, {"content-type": kind, "transfer-encoding": "chunked"})


def chunk(content: str) -> bytes:
    """One chunk of a chunked answer."""
    return b"%x\r\n%b\r\n" % (len(content.encode()), content.encode())


END = b"0\r\n\r\n"
"""The end of a chunked answer."""

CLOSE = {"connection": "close"}


def cut(kind: str, *pieces: str) -> Answer:
    """A chunked answer whose connection closes before its end."""
    head = begun(kind).replace(b"\r\n", b"\r\nconnection: close\r\n", 1)
    return (head, *map(chunk, pieces))


def streamed(kind: str, *pieces: str) -> Answer:
    """A whole chunked answer."""
    return (begun(kind), *map(chunk, pieces), END)


def _head(status: int, fields: Mapping[str, str]) -> bytes:
    lines = [
        f"HTTP/1.1 {status} Said",
        *(f"{name.replace('_', '-')}: {value}" for name, value in fields.items()),
    ]
    return "\r\n".join([*lines, "", ""]).encode()
