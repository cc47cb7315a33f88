"""Lines of a streamed answer, ended by line feeds alone.

httpx ends a line at every character that Unicode takes for an end of one, U+0085 and U+2028 among
them; JSON may hold these as they are, in the middle of a text.
"""

from collections.abc import AsyncGenerator
from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import httpx

LONGEST = 16_777_216
"""Bytes of a line, or of a whole answer, above which a server is no longer listened to."""


async def lines_of(response: "httpx.Response") -> AsyncGenerator[str, None]:
    """The lines of an answer, without their ends; raises ValueError for one that has none."""
    rest = b""
    async for piece in response.aiter_bytes():
        *lines, rest = (rest + piece).split(b"\n")
        if len(rest) > LONGEST:
            raise ValueError("a line without an end")
        for line in lines:
            yield _text(line)
    if rest:
        yield _text(rest)


async def read_lines_so(response: "httpx.Response") -> None:
    """A hook for a client that reads an answer's lines by itself."""
    response.aiter_lines = partial(lines_of, response)  # type: ignore[method-assign]


def _text(line: bytes) -> str:
    return line.removesuffix(b"\r").decode("utf-8", "replace")
