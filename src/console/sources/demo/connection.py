"""One HTTP/1.1 connection: requests read from it, answers and ordered faults written to it."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime
from http import HTTPStatus

from console.sources.demo.answers import Answer, Reply, Timing
from console.sources.demo.faults import Fault, Received, resolve

MAX_HEAD = 64 * 1024
MAX_BODY = 32 * 1024 * 1024
"""Bytes of a request's head and of its body that are read at most."""


class ClientLeft(Exception):
    """The client closed the connection before its answer was complete."""


class BadRequest(Exception):
    """Bytes that are not a request this server reads."""

    def __init__(self, status: HTTPStatus) -> None:
        super().__init__(status.phrase)
        self.status = status


class Incoming(asyncio.StreamReader):
    """A connection's bytes, and `gone`, a future that is done once the client has left."""

    def __init__(self) -> None:
        super().__init__(limit=MAX_HEAD)
        self.gone: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def feed_eof(self) -> None:
        """Take note that nothing more will come."""
        super().feed_eof()
        resolve(self.gone)

    def set_exception(self, exc: Exception) -> None:
        """Take note that the connection broke."""
        super().set_exception(exc)
        resolve(self.gone)


async def read_request(reader: asyncio.StreamReader) -> Received | None:
    """The next request; None when the client closed the connection instead.

    Raises BadRequest.
    """
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return None
    except asyncio.LimitOverrunError:
        raise BadRequest(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE) from None
    first, *lines = head.decode("latin-1").rstrip().split("\r\n")
    pairs = [line.partition(":") for line in lines]
    headers = {name.lower(): value.strip() for name, _, value in pairs}
    match first.split(" "):
        case [method, target, "HTTP/1.1" | "HTTP/1.0"] if all(colon for _, colon, _ in pairs):
            path, _, query = target.partition("?")
        case _:
            raise BadRequest(HTTPStatus.BAD_REQUEST)
    if "transfer-encoding" in headers:
        raise BadRequest(HTTPStatus.LENGTH_REQUIRED)
    length = headers.get("content-length", "0")
    if not (length.isascii() and length.isdigit()):
        raise BadRequest(HTTPStatus.BAD_REQUEST)
    if int(length) > MAX_BODY:
        raise BadRequest(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    try:
        body = await reader.readexactly(int(length))
    except asyncio.IncompleteReadError:
        return None
    released = asyncio.get_running_loop().create_future()
    return Received(
        method=method, path=path, query=query, headers=headers, body=body, released=released
    )


def http_date(moment: datetime) -> str:
    """A UTC time as HTTP headers have it, whatever the locale."""
    day = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")[moment.weekday()]
    month = "JanFebMarAprMayJunJulAugSepOctNovDec"[3 * moment.month - 3 :][:3]
    return f"{day}, {moment:%d} {month} {moment:%Y %H:%M:%S} GMT"


def head(status: int, headers: Mapping[str, str]) -> bytes:
    """The status line and the headers of an answer."""
    known = status in HTTPStatus.__members__.values()
    phrase = HTTPStatus(status).phrase if known else ""
    lines = [f"HTTP/1.1 {status} {phrase}", *(f"{name}: {text}" for name, text in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode("latin-1", "replace")


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


_LAST_CHUNK = b"0\r\n\r\n"


class Exchange:
    """One request and the writing of its answer.

    Every method that writes or waits raises ClientLeft, or an OSError, when nobody listens any
    more. Those that answer return false when the connection must be closed behind them.
    """

    def __init__(
        self,
        received: Received,
        reader: Incoming,
        writer: asyncio.StreamWriter,
        date: Callable[[], str],
    ) -> None:
        self.received = received
        self._gone = reader.gone
        self._writer = writer
        self._date = date

    async def pause(self, seconds: float) -> None:
        """Wait, but not longer than the client does."""
        if seconds > 0:
            await asyncio.wait({self._gone}, timeout=seconds)
        else:
            await asyncio.sleep(0)
        if self._gone.done():
            raise ClientLeft

    async def stall(self, seconds: float | None) -> None:
        """Fall silent until the time is over, the request is released, or the client leaves."""
        self.received.stalled.set()
        await asyncio.wait(
            {self._gone, self.received.released},
            timeout=seconds,
            return_when=asyncio.FIRST_COMPLETED,
        )
        self.received.stalled.clear()
        if self._gone.done():
            raise ClientLeft

    async def think(self, reply: Reply, pace: float) -> Timing:
        """Wait as long as writing the whole reply takes."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        await self.pause(reply.prefill_s)
        first_s = loop.time() - began
        await self.pause(len(reply.pieces) / pace)
        self.received.sent = len(reply.pieces)
        return Timing(first_s, loop.time() - began)

    async def send(self, answer: Answer, fault: Fault) -> bool:
        """Send an answer at once, or as much of it as the fault lets through."""
        body = answer.body
        middle = len(body) // 2
        if fault.malformed_after is not None:
            body, middle = body[:middle], middle // 2
        length = (
            {"transfer-encoding": "chunked"}
            if answer.chunked
            else {"content-length": str(len(body))}
        )
        self._head(answer.status, answer.content_type, answer.headers, length)
        parts = (body[:middle], body[middle:])
        await self._write(_chunk(parts[0]) if answer.chunked and middle else parts[0])
        if fault.stall_after is not None:
            await self.stall(fault.stall_s)
        if fault.cut_after is not None:
            return False
        await self._write(_chunk(parts[1]) + _LAST_CHUNK if answer.chunked else parts[1])
        return True

    async def stream(self, reply: Reply, fault: Fault, pace: float) -> bool:
        """Send a reply event by event, at a pace in pieces per second.

        A fault that is ordered for later than the last piece comes after the last piece.
        """
        loop = asyncio.get_running_loop()
        began = loop.time()
        await self.pause(reply.prefill_s)
        first_s = loop.time() - began
        self._head(200, reply.stream_type, reply.headers, {"transfer-encoding": "chunked"})
        for event in reply.opening:
            await self._write(_chunk(event))
        count = len(reply.pieces)

        def due(after: int | None, sent: int) -> bool:
            return after is not None and min(after, count) == sent

        for sent in range(count + 1):
            if due(fault.stall_after, sent):
                await self.stall(fault.stall_s)
            if due(fault.cut_after, sent):
                return False
            if due(fault.malformed_after, sent):
                await self._write(_chunk(reply.broken))
                break
            if due(fault.error_after, sent):
                await self._write(_chunk(reply.error))
                break
            if sent < count:
                await self.pause(began + reply.prefill_s + sent / pace - loop.time())
                await self._write(_chunk(reply.frame(reply.pieces[sent])))
                self.received.sent += 1
        else:
            for event in reply.closing(Timing(first_s, loop.time() - began)):
                await self._write(_chunk(event))
        await self._write(_LAST_CHUNK)
        return True

    def _head(
        self, status: int, content_type: str, headers: Mapping[str, str], length: Mapping[str, str]
    ) -> None:
        own = {"content-type": content_type, "date": self._date()}
        self._writer.write(head(status, {**headers, **own, **length}))

    async def _write(self, data: bytes) -> None:
        self._writer.write(data)
        await self._writer.drain()
