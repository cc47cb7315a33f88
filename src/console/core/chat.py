"""What goes to a model, what comes back piece by piece, and how it can fail."""

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal, NamedTuple


@dataclass(frozen=True, slots=True)
class Image:
    """A picture as a model is sent it: `data` is the file's bytes, `media_type` what they are."""

    name: str
    media_type: str
    data: bytes = field(repr=False)

    @property
    def base64(self) -> str:
        """The bytes as JSON can carry them."""
        return b64encode(self.data).decode()


class Turn(NamedTuple):
    """One message of a conversation, as it is sent; `paths` are the files that went into it."""

    role: Literal["user", "assistant"]
    text: str
    images: tuple[Image, ...] = ()
    paths: tuple[str, ...] = ()


class Attachment(NamedTuple):
    """A file or a paste that travels with the next message: its text, or the image it is.

    `path` is the file's absolute path, `real_path` where its links lead; None for a paste.
    """

    name: str
    text: str
    image: Image | None = None
    path: str | None = None
    real_path: str | None = None

    @property
    def paths(self) -> tuple[str, ...]:
        """Every path that there is."""
        return tuple(path for path in (self.path, self.real_path) if path)


class SystemPrompt(NamedTuple):
    """What a model is told before the conversation; `name` is what the operator calls it.

    `paths` are those of the file it was read from, as it was named and as it really is.
    """

    name: str
    text: str
    paths: tuple[str, ...] = ()

    @property
    def version(self) -> str:
        """The hash of its content, as the ledger keeps it."""
        from hashlib import sha256

        return sha256(self.text.encode(errors="replace")).hexdigest()[:16]


class Attached(NamedTuple):
    """The files that a path or a pattern named; `left_out` says of each other one why not."""

    files: tuple[Attachment, ...]
    left_out: tuple[str, ...] = ()


class Prompt(NamedTuple):
    """What is sent for one request; the last turn is the user's."""

    turns: tuple[Turn, ...]
    system: str | None = None

    @property
    def text(self) -> str:
        """Everything that leaves, for counting characters and bytes."""
        parts = ([self.system] if self.system else []) + [turn.text for turn in self.turns]
        return "\n".join(parts)


class Delta(NamedTuple):
    """A piece of the reply."""

    text: str


class Thinking(NamedTuple):
    """A piece of the model's thinking, apart from the reply."""

    text: str


class Reported(NamedTuple):
    """What the server says of itself and of this reply; None is not said (yet).

    `usage` is one usage object as sent; a stream may carry several. `final` marks the one that
    the protocol calls complete.
    """

    usage: Mapping[str, Any] | None = None
    final: bool = False
    model: str | None = None
    digest: str | None = None
    response_id: str | None = None
    stop_reason: str | None = None


Chunk = Delta | Thinking | Reported


class FailureKind(StrEnum):
    """What went wrong with a model server."""

    UNREACHABLE = "unreachable"
    UNTRUSTED = "untrusted certificate"
    KEY_MISSING = "key missing"
    UNAUTHORISED = "unauthorised"
    UNKNOWN_MODEL = "unknown model"
    RATE_LIMITED = "rate limited"
    OVERLOADED = "overloaded"
    TIMEOUT = "timeout"
    CUT = "cut"
    CONTEXT_TOO_LONG = "context too long"
    REFUSED = "refused"
    MALFORMED = "malformed"
    SERVER = "server error"


class ModelFailure(Exception):
    """A request that a model server did not serve, as one sentence for the operator.

    `what` says what happened and where, `hint` what to do; neither holds a key or markup.
    `retry_after_s` is the server's own wish.
    """

    def __init__(
        self,
        kind: FailureKind,
        what: str,
        *,
        hint: str = "",
        status: int | None = None,
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(f"{what} {hint}".strip())
        self.kind = kind
        self.what = what
        self.hint = hint
        self.status = status
        self.retry_after_s = retry_after_s


class Probe(NamedTuple):
    """What a model server answered when asked how it is, without a prompt.

    `models` is None when the server does not list them. `trouble` is one sentence with what to do.
    `vision` is whether the tier's model takes images, None when the server does not say.
    """

    ok: bool
    version: str | None = None
    models: tuple[str, ...] | None = None
    trouble: str | None = None
    vision: bool | None = None
