"""Text that a model server sent, made fit to show and to keep: printable, and without the key."""

import json
from collections.abc import Mapping
from typing import Any

from console.core.chat import Chunk, Delta, Reported
from console.core.text import one_line, printable

_LONGEST = 300


class Foreign:
    """Cleans what a server said; `key` is what it must not give back."""

    def __init__(self) -> None:
        self.key: str | None = None

    def __call__(self, text: str) -> str:
        """One line without the key, cut where it is long."""
        # Redacted before it is cut, so that no part of a key remains.
        text = one_line(self._without_key(text)).rstrip(". ")
        return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"

    def report(self, said: Reported) -> Reported:
        """`said` with every text in it cleaned."""
        return said._replace(
            usage=None if said.usage is None else self._tree(said.usage),
            model=self._name(said.model),
            digest=self._name(said.digest),
            response_id=self._name(said.response_id),
            stop_reason=self._name(said.stop_reason),
        )

    def _name(self, name: object) -> str | None:
        return self(name) if isinstance(name, str) and name else None

    def _tree(self, value: Any) -> Any:  # noqa: ANN401 (JSON)
        if isinstance(value, Mapping):
            return {self(str(name)): self._tree(item) for name, item in value.items()}
        if isinstance(value, list):
            return [self._tree(item) for item in value]
        return self(value) if isinstance(value, str) else value

    def _without_key(self, text: str) -> str:
        if self.key:
            for form in (self.key, json.dumps(self.key)[1:-1], self.key.replace("/", "\\/")):
                text = text.replace(form, "‹key›")
        return text


class Pieces:
    """Makes the pieces of a reply printable, also where CRLF falls between two of them."""

    def __init__(self) -> None:
        self._held = ""

    def __call__(self, chunk: Chunk) -> Chunk | None:
        """The piece to show; None when there is nothing in it."""
        if isinstance(chunk, Reported):
            return chunk
        text = self._held + chunk.text
        self._held = "\r" if text.endswith("\r") else ""
        text = printable(text.removesuffix("\r"))
        if not text:
            return None
        return Delta(text) if isinstance(chunk, Delta) else chunk._replace(text=text)


def sendable(text: str) -> str:
    """`text` without lone surrogates, which no wire can carry."""
    return text.encode("utf-8", "replace").decode("utf-8")
