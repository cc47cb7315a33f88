"""An answer in the words of a protocol, before it becomes bytes on a connection."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Timing:
    """How long a reply took, in seconds: until its first piece, and until its last."""

    first_s: float
    total_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer sent at once; `chunked` sends it without announcing its length."""

    status: int = 200
    content_type: str
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    chunked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A model's reply, sent as it is written.

    `opening`, each `frame(piece)` and `closing` are events of the stream, one HTTP chunk each;
    `broken` and `error` are the events that an ordered fault puts in. `whole` is the body when
    no stream was asked for.
    """

    pieces: Sequence[str]
    prefill_s: float
    streamed: bool
    stream_type: str
    whole_type: str
    headers: Mapping[str, str] = field(default_factory=dict)
    opening: Sequence[bytes] = ()
    frame: Callable[[str], bytes]
    closing: Callable[[Timing], Sequence[bytes]]
    whole: Callable[[Timing], bytes]
    broken: bytes
    error: bytes
