"""What a test can order a stand-in to do, and what a stand-in remembers of a request."""

import asyncio
import json
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """How one request to the chat endpoint is answered; the defaults are a healthy answer.

    Before anything is sent: `delay_s` seconds of silence, then `status` instead of an answer, with
    `body` (default: the server's own error for that status) and a `retry-after` header.
    In a stream, after that many pieces of the reply: `cut_after` closes the connection without
    the terminator, `stall_after` falls silent for `stall_s` seconds (None: until released, or the
    client leaves), `malformed_after` sends a broken event and ends, `error_after` sends an error
    object and ends. In an answer that is not a stream, a cut, a stall and a malformation come in
    the middle of its body, and an error is status 500. `plain` answers a request for a stream
    with one JSON object.
    `usage` leaves the counts out, makes them all zero, or replaces the named fields wherever
    they are reported. `reply` and `tokens_per_s` replace the stand-in's own text and pace.
    """

    status: int | None = None
    body: str | None = None
    retry_after: float | str | None = None
    delay_s: float = 0.0
    cut_after: int | None = None
    stall_after: int | None = None
    stall_s: float | None = None
    malformed_after: int | None = None
    error_after: int | None = None
    plain: bool = False
    usage: Literal["missing", "zero"] | Mapping[str, Any] | None = None
    reply: str | None = None
    tokens_per_s: float | None = None


HEALTHY = Fault()
"""No fault: what a request gets when nothing was ordered."""


def reported(usage: Mapping[str, Any], fault: Fault) -> dict[str, Any]:
    """The usage fields that are really sent, under a fault."""
    if fault.usage == "missing":
        return {}
    if fault.usage == "zero":
        return {name: _zero(value) for name, value in usage.items()}
    return {**usage, **(fault.usage or {})}


def _zero(value: object) -> object:
    if isinstance(value, Mapping):
        return {name: _zero(part) for name, part in value.items()}
    return 0 if isinstance(value, int) else value


@dataclass(eq=False, slots=True, kw_only=True)
class Received:
    """One request as it arrived, and what became of its answer.

    Header names are in lower case; `query` is what follows the `?` of the path. `sent` counts the
    pieces of the reply that went out. `disconnected` is true when the client left before the
    answer was complete. `stalled` is set while an ordered stall holds the answer, `ended` when
    nothing more will be sent; both are events of `threading`, to be waited for off any event loop.
    """

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes
    sent: int = 0
    disconnected: bool = False
    stalled: threading.Event = field(default_factory=threading.Event)
    ended: threading.Event = field(default_factory=threading.Event)
    released: "asyncio.Future[None]"

    @property
    def json(self) -> Any:  # noqa: ANN401
        """The body as JSON.

        Raises ValueError when it is not.
        """
        return json.loads(self.body)

    def release(self) -> None:
        """End this request's stall, or keep it from stalling when it has not come to that."""
        with suppress(RuntimeError):  # The server is closed, and its stalls with it.
            self.released.get_loop().call_soon_threadsafe(resolve, self.released)


def resolve(future: "asyncio.Future[None]") -> None:
    """Set a future that may be set already."""
    if not future.done():
        future.set_result(None)
