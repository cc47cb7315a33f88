"""What the encoded stretches of a text say: in URLs, mails, HTML, strings of code, base64, hex."""

import re
from binascii import Error, a2b_base64, unhexlify
from collections.abc import Iterator
from contextlib import suppress
from html import unescape

_ESCAPED = re.compile(
    r"%([0-9A-Fa-f]{2})|=([0-9A-F]{2})|\\x([0-9A-Fa-f]{2})|\\u([0-9A-Fa-f]{4})"
    r"|(&(?:\#\d{1,7}|\#[xX][0-9A-Fa-f]{1,6}|[a-z]{2,8});)|=\r?\n"
)
_MARKS = ("%", "=", "\\", "&")
_BASE64 = re.compile(r"(?:[A-Za-z0-9+/]{60,76}\r?\n)*[A-Za-z0-9+/_\-]{16,}")
_HEX = re.compile(r"(?:[0-9A-Fa-f]{2}){10,}")
_BYTES = re.compile("[\x80-\xff]{2,}")
_PLAIN_BYTES = bytes(range(32, 127)) + b"\t\n\r"
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_NEAR = 200
"""Characters before and after an escape that are read with it."""

_SPARED = 20
"""One byte in so many may be none of a plain text; a drawn number has most of them."""


def encoded(text: str) -> Iterator[str]:
    """How a text reads without escapes, and what its base64 and hex say; neither is longer."""
    if any(map(text.__contains__, _MARKS)):
        # An escape here and there must not have all of a long text looked through twice.
        near = "\n".join(_ESCAPED.sub(_character, text[at:end]) for at, end in _escaped(text))
        near = _BYTES.sub(_letters, near)
        if near:
            yield near
    if said := "\n".join(_said(text)):
        yield said


def _escaped(text: str) -> Iterator[tuple[int, int]]:
    """The stretches that hold escapes, with what stands near them; none overlaps the next."""
    at = end = 0
    for found in _ESCAPED.finditer(text):
        if found.start() - _NEAR > end:
            if end:
                yield at, end
            at = found.start() - _NEAR
        end = min(len(text), found.end() + _NEAR)
    if end:
        yield max(0, at), end


def _character(found: re.Match[str]) -> str:
    if found[5]:
        return unescape(found[5])
    digits = found[1] or found[2] or found[3] or found[4]
    return chr(int(digits, 16)) if digits else ""


def _letters(found: re.Match[str]) -> str:
    """Bytes that stood in escapes of their own as the letters that they are in UTF-8."""
    try:
        return found[0].encode("latin-1").decode()
    except UnicodeDecodeError:
        return found[0]


def _said(text: str) -> Iterator[str]:
    """The plain text behind each stretch of base64 or hex that has one."""
    for found in _BASE64.finditer(text):
        run = found[0]
        if _HEX.fullmatch(run):
            with_hex = _plain(unhexlify(run))
            if with_hex:
                yield with_hex
                continue
        try:
            # What is missing at the end is padding, or a last character that stands for nothing.
            bare = "".join(run.split()).replace("-", "+").replace("_", "/")
            content = a2b_base64(bare[: len(bare) - (len(bare) % 4 == 1)] + "==")
        except Error:
            continue
        if said := _plain(content):
            yield said


def _plain(content: bytes) -> str | None:
    """Bytes as text: mostly ASCII, or of any script in UTF-8 or in the two bytes of Windows."""
    strange = len(content.translate(None, _PLAIN_BYTES))
    if not strange:
        return content.decode()
    if len(content) % 2 == 0 and not any(content[1::2]):
        return content.decode("utf-16-le")
    with suppress(UnicodeDecodeError):
        text = content.decode()
        if not _CONTROL.search(text):
            return text
    return None if strange * _SPARED > len(content) else content.decode("latin-1")
