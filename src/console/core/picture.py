"""What the first bytes of an image file say: its form, and how large the picture is."""

import struct

_PNG = b"\x89PNG\r\n\x1a\n"
_GIF = (b"GIF87a", b"GIF89a")
_JPEG = b"\xff\xd8\xff"

# Start-of-frame markers of JPEG; C4, C8 and CC in between are something else.
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}

PIXELS_PER_TOKEN = 750
"""Anthropic's rule for what an image costs; other makers' differ."""

MOST_IMAGE_TOKENS = 1_600
"""What an image costs at most by the same rule, since larger ones are scaled down."""


def media_type(data: bytes) -> str | None:
    """The media type of an image by its first bytes; None when models do not take it."""
    if data.startswith(_PNG):
        return "image/png"
    if data.startswith(_JPEG):
        return "image/jpeg"
    if data.startswith(_GIF):
        return "image/gif"
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return "image/webp"
    return None


def tokens(data: bytes) -> int:
    """About how many tokens an image is; the most an image can be when its size is unknown."""
    size = dimensions(data)
    if size is None:
        return MOST_IMAGE_TOKENS
    return max(1, min(MOST_IMAGE_TOKENS, size[0] * size[1] // PIXELS_PER_TOKEN))


def dimensions(data: bytes) -> tuple[int, int] | None:
    """Width and height in pixels; None when the bytes do not tell."""
    try:
        match media_type(data):
            case "image/png":
                width, height = struct.unpack_from(">II", data, 16)
            case "image/gif":
                width, height = struct.unpack_from("<HH", data, 6)
            case "image/jpeg":
                return _jpeg(data)
            case "image/webp":
                return _webp(data)
            case _:
                return None
    except struct.error:
        return None
    return width, height


def _jpeg(data: bytes) -> tuple[int, int] | None:
    at = 2
    while at + 4 <= len(data):
        if data[at] != 0xFF:
            return None
        marker = data[at + 1]
        if marker == 0xFF:
            at += 1
            continue
        if marker in _FRAMES:
            height, width = struct.unpack_from(">HH", data, at + 5)
            return width, height
        at += 2 + int(struct.unpack_from(">H", data, at + 2)[0])
    return None


def _webp(data: bytes) -> tuple[int, int] | None:
    match data[12:16]:
        case b"VP8 ":
            width, height = struct.unpack_from("<HH", data, 26)
            return width & 0x3FFF, height & 0x3FFF
        case b"VP8L":
            (bits,) = struct.unpack_from("<I", data, 21)
            return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        case b"VP8X":
            width = int.from_bytes(data[24:27], "little") + 1
            height = int.from_bytes(data[27:30], "little") + 1
            return (width, height) if len(data) >= 30 else None
    return None
