"""What a model server says when it does not serve, whichever protocol it speaks."""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from console.core.chat import FailureKind

_TOO_LONG = re.compile(
    r"prompt is too long|context[ _](length|size|window)|maximum context|exceed_context", re.I
)
_STATUS_OF = {
    "authentication_error": 401,
    "permission_error": 403,
    "not_found_error": 404,
    "model_not_found": 404,
    "request_too_large": 413,
    "rate_limit_error": 429,
    "rate_limit_exceeded": 429,
    "invalid_request_error": 400,
    "timeout_error": 504,
    "unavailable_error": 503,
    "overloaded_error": 529,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint:
    """An error body's content; empty or None is not said. `text` is still foreign.

    `names` are the error's type and code as words, `code` its code as a number.
    """

    text: str = ""
    names: frozenset[str] = frozenset()
    code: int | None = None
    prompt_tokens: int | None = None
    context_tokens: int | None = None

    @property
    def too_long(self) -> bool:
        """Whether the prompt did not fit the model's context."""
        return any(_TOO_LONG.search(said) for said in (self.text, *self.names))

    @property
    def status(self) -> int:
        """The status that stands for an error told inside a stream, where there is no other."""
        named = next((_STATUS_OF[name] for name in self.names if name in _STATUS_OF), None)
        if named is not None:
            return named
        return self.code if self.code is not None and 400 <= self.code < 600 else 500


def read_complaint(body: object) -> Complaint:
    """The error in a body: Anthropic's, OpenAI's, llama.cpp's, Ollama's, FastAPI's, or plain text.

    Ollama passes its runner's answer on as JSON inside a string.
    """
    for _ in range(5):
        if isinstance(body, str) and body.lstrip()[:1] in {"{", "["}:
            parsed = _parsed(body)
            if parsed is None:
                break
            body = parsed
        elif isinstance(body, Mapping) and body.get("error"):
            body = body["error"]
        else:
            break
    if isinstance(body, str):
        # A proxy's HTML page says nothing in one line.
        return Complaint(text="" if body.lstrip().startswith("<") else body)
    if not isinstance(body, Mapping):
        return Complaint()
    text = next((body[at] for at in ("message", "detail") if isinstance(body.get(at), str)), "")
    names = frozenset(body[at] for at in ("type", "code") if isinstance(body.get(at), str))
    return Complaint(
        text=text,
        names=names,
        code=_count(body.get("code")),
        prompt_tokens=_count(body.get("n_prompt_tokens")),
        context_tokens=_count(body.get("n_ctx")),
    )


def kind_of(status: int, complaint: Complaint) -> FailureKind:
    """What a status and its body mean, the same for every server."""
    if status in {400, 413, 422, 500} and complaint.too_long:
        return FailureKind.CONTEXT_TOO_LONG
    if "model_not_found" in complaint.names:
        return FailureKind.UNKNOWN_MODEL
    match status:
        case 401 | 403:
            return FailureKind.UNAUTHORISED
        case 404 if "model" in complaint.text.lower():
            return FailureKind.UNKNOWN_MODEL
        case 408 | 504:
            return FailureKind.TIMEOUT
        case 413:
            return FailureKind.CONTEXT_TOO_LONG
        case 429:
            return FailureKind.RATE_LIMITED
        case 503 | 529:
            return FailureKind.OVERLOADED
    return FailureKind.SERVER if status >= 500 else FailureKind.REFUSED


def retry_after_s(headers: Mapping[str, str]) -> float | None:
    """The seconds a server asks to wait: `retry-after-ms`, or `retry-after` as number or date.

    A date is held against the answer's own `date`, so that no clock here matters. The names of
    `headers` are in lower case, or it ignores case.
    """
    milliseconds = _number(headers.get("retry-after-ms"))
    if milliseconds is not None:
        return milliseconds / 1000
    wish = headers.get("retry-after")
    seconds = _number(wish)
    if seconds is not None:
        return seconds
    until, now = _date(wish), _date(headers.get("date"))
    if until is None or now is None:
        return None
    return max(0.0, (until - now).total_seconds())


def _number(text: str | None) -> float | None:
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number if math.isfinite(number) and number >= 0 else None


def _date(text: str | None) -> datetime | None:
    from email.utils import parsedate_to_datetime

    try:
        date = parsedate_to_datetime(text or "")
    except (ValueError, IndexError):
        return None
    return date if date.tzinfo else None


def _parsed(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
