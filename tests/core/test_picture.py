"""What the first bytes of an image say."""

import struct

import pytest

from console.core.picture import MOST_IMAGE_TOKENS, dimensions, media_type, tokens

PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">II", 640, 480)
GIF = b"GIF89a" + struct.pack("<HH", 12, 34)
# An application segment, padding, then a start of frame.
JPEG = b"\xff\xd8\xff\xe0\0\x04ab\xff\xff\xc2\0\x11\x08" + struct.pack(">HH", 200, 300) + b"\x03"
LOSSY = b"RIFF\0\0\0\0WEBPVP8 " + b"\0" * 10 + struct.pack("<HH", 100 | 0x4000, 50)
LOSSLESS = b"RIFF\0\0\0\0WEBPVP8L\0\0\0\0\x2f" + struct.pack("<I", 99 | 49 << 14)
EXTENDED = (
    b"RIFF\0\0\0\0WEBPVP8X" + b"\0" * 8 + (99).to_bytes(3, "little") + (49).to_bytes(3, "little")
)


@pytest.mark.parametrize(
    ("data", "size"),
    [(PNG, (640, 480)), (GIF, (12, 34)), (JPEG, (300, 200)), (LOSSY, (100, 50)),
     (LOSSLESS, (100, 50)), (EXTENDED, (100, 50))],
)  # fmt: skip
def test_the_size_of_a_picture(data, size):
    assert media_type(data).startswith("image/")
    assert dimensions(data) == size
    for end in range(len(data)):
        assert dimensions(data[:end]) in (None, size), "a cut file is no error"


def test_tokens_follow_the_size_up_to_a_limit():
    assert tokens(PNG) == 640 * 480 // 750
    assert tokens(GIF) == 1
    assert tokens(PNG[:16] + struct.pack(">II", 9000, 9000)) == MOST_IMAGE_TOKENS
    assert tokens(PNG[:16]) == MOST_IMAGE_TOKENS, "unknown is taken at its most"


def test_what_is_no_image():
    for data in (b"", b"GIF", b"RIFF....WAVE", b"hello"):
        assert media_type(data) is None and dimensions(data) is None
