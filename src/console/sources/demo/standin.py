"""A server on loopback, in a thread of its own, that stands in for a model server."""

import asyncio
import math
import socket
import threading
from abc import ABC, abstractmethod
from collections import deque
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

from console.sources.demo.answers import Answer, Reply
from console.sources.demo.connection import (
    BadRequest,
    ClientLeft,
    Exchange,
    Incoming,
    head,
    http_date,
    read_request,
)
from console.sources.demo.faults import HEALTHY, Fault, Received, resolve

OPENED_MS = 1_795_478_400_000
"""The UTC time a stand-in's clock starts at when nobody says: 24 November 2026."""

INSTANT = math.inf
"""A pace in tokens per second: no waiting at all."""


class StandIn(ABC):
    """A server on 127.0.0.1 that speaks a model server's protocol; no model is behind it.

    Use it as a context manager, or `open()` and `close()` it. `requests` holds all that arrived,
    oldest first. The thread has an event loop of its own, so the caller's is never held up.
    """

    chat_path: str
    """POST requests to this path take the ordered faults, one each."""

    def __init__(self, *, tokens_per_s: float, opened_ms: int) -> None:
        self.tokens_per_s = tokens_per_s
        self.requests: list[Received] = []
        self._opened_ms = opened_ms
        self._orders: deque[Fault] = deque()
        self._arrival = threading.Condition()
        self._port = 0
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        """The base URL, without a slash at its end."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def instant(self) -> bool:
        """Whether replies come without any waiting."""
        return math.isinf(self.tokens_per_s)

    @property
    def chats(self) -> list[Received]:
        """The requests that arrived at the chat endpoint, oldest first."""
        return [one for one in self.requests if one.path == self.chat_path]

    def arrived(self, count: int = 1, timeout_s: float = 20.0) -> Received:
        """Wait, off any event loop, until so many chats have arrived; the last of these.

        Raises TimeoutError.
        """
        with self._arrival:
            if not self._arrival.wait_for(lambda: len(self.chats) >= count, timeout_s):
                raise TimeoutError(f"{len(self.chats)} of {count} chats arrived at {self.url}")
        return self.chats[count - 1]

    def order(self, *faults: Fault) -> None:
        """Let the coming requests to the chat endpoint take these faults, one each, in order."""
        self._orders.extend(faults)

    def release(self) -> None:
        """End the stalls of all requests that have arrived."""
        for received in list(self.requests):
            received.release()

    def open(self) -> None:
        """Start to listen, on a port of the system's choosing."""
        listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self._port = listener.getsockname()[1]
        ready = threading.Event()
        self._thread = threading.Thread(
            target=lambda: asyncio.run(self._serve(listener, ready)),
            name=type(self).__name__,
            daemon=True,
        )
        self._thread.start()
        ready.wait()

    def close(self) -> None:
        """Drop all connections and stop; returns once the thread has ended."""
        if self._thread is not None:
            self._loop.call_soon_threadsafe(resolve, self._stop)
            self._thread.join()
            self._thread = None

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @abstractmethod
    def answer(self, request: Received, fault: Fault) -> Answer | Reply:
        """What this server answers to a request."""

    @abstractmethod
    def refusal(self, status: int, body: str | None = None) -> Answer:
        """An error of this server; `body` replaces its own."""

    def now_ns(self) -> int:
        """The stand-in's UTC time in nanoseconds; to be asked for in its own thread."""
        elapsed_s = asyncio.get_running_loop().time() - self._opened_s
        return self._opened_ms * 1_000_000 + int(elapsed_s * 1e9)

    async def _serve(self, listener: socket.socket, ready: threading.Event) -> None:
        self._loop = asyncio.get_running_loop()
        self._stop: asyncio.Future[None] = self._loop.create_future()
        self._opened_s = self._loop.time()
        connections: set[asyncio.Task[None]] = set()

        def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            assert isinstance(reader, Incoming)
            task = self._loop.create_task(self._converse(reader, writer))
            connections.add(task)
            task.add_done_callback(connections.discard)

        server = await self._loop.create_server(
            lambda: asyncio.StreamReaderProtocol(Incoming(), connected), sock=listener
        )
        ready.set()
        await self._stop
        server.close()
        for task in connections:
            task.cancel()
        await asyncio.gather(*connections, return_exceptions=True)

    async def _converse(self, reader: Incoming, writer: asyncio.StreamWriter) -> None:
        """Answer a connection's requests, one after the other, until a side closes it."""
        try:
            while (received := await read_request(reader)) is not None:
                with self._arrival:
                    self.requests.append(received)
                    self._arrival.notify_all()
                keep = await self._answer(Exchange(received, reader, writer, self._date))
                if not keep or received.headers.get("connection", "").lower() == "close":
                    break
        except BadRequest as bad:
            text = f"{bad.status} {bad.status.phrase}".encode()
            writer.write(
                head(bad.status, {"connection": "close", "content-length": str(len(text))}) + text
            )
        except OSError:
            pass  # The client is gone: nobody is left to tell.
        finally:
            writer.close()
            if self._stop.done():
                writer.transport.abort()
            try:
                with suppress(OSError):
                    await writer.wait_closed()
            finally:
                writer.transport.abort()

    async def _answer(self, exchange: Exchange) -> bool:
        """Answer one request; false when the connection must be closed behind it."""
        received = exchange.received
        chat = received.method == "POST" and received.path == self.chat_path
        fault = self._orders.popleft() if chat and self._orders else HEALTHY
        try:
            await exchange.pause(fault.delay_s)
            if fault.status is not None:
                refusal = self.refusal(fault.status, fault.body)
                if fault.retry_after is not None:
                    again = {"retry-after": str(fault.retry_after)}
                    refusal = replace(refusal, headers={**refusal.headers, **again})
                return await exchange.send(refusal, fault)
            answer = self.answer(received, fault)
            if isinstance(answer, Answer):
                return await exchange.send(answer, HEALTHY)
            pace = self.tokens_per_s if fault.tokens_per_s is None else fault.tokens_per_s
            if answer.streamed and not fault.plain:
                return await exchange.stream(answer, fault, pace)
            timing = await exchange.think(answer, pace)
            if fault.error_after is not None:
                return await exchange.send(self.refusal(500), HEALTHY)
            whole = Answer(
                content_type=answer.whole_type, body=answer.whole(timing), headers=answer.headers
            )
            return await exchange.send(whole, fault)
        except (ClientLeft, OSError):
            received.disconnected = True
            return False
        finally:
            received.ended.set()

    def _date(self) -> str:
        return http_date(datetime.fromtimestamp(self.now_ns() // 10**9, UTC))
