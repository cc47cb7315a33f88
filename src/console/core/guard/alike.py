"""What a text reads like to a person where its letters only look as those of ASCII do."""

import re
import unicodedata
from collections.abc import Iterator

_PAIRS = (
    # Cyrillic
    "аaАAВBсcСCԁdԀDеeЕEҽeԌGһhНHіiІIјjЈJкkКKӏlӀIМMоoОOрpРPԛqԚQѕsЅSТTѵvѴVԝwԜWхxХXуyУYүyҮY"
    # Greek
    "αaΑAΒBϲcϹCΕEεeΗHιiΙIϳjͿJκkΚKΜMΝNνvοoΟOρpΡPτtΤTυuχxΧXγyΥYΖZωwηn"
    # Armenian and Cherokee
    "հhոnօoցgզqսuՏSՕOᎪAᏴBᏟCᎠDᎬEᎶGᎻHᎫJᏦKᏞLᎷMᏢPᏒRᏚSᎢTᏙVᎳWᏃZ"
    # Latin that is not made of a letter and a mark
    "ɑaɡgıiɩiƙkłlŁLøoØOđdĐDħhĦHŧtŦTʏyɪi"
    "ᴀaʙbᴄcᴅdᴇeꜰfɢgʜhᴊjᴋkʟlᴍmɴnᴏoᴘpʀrꜱsᴛtᴜuᴠvᴡwᴢz"
)
_BLOCKS = ((0x1F130, "A"), (0x1F150, "A"), (0x1F170, "A"), (0x1F1E6, "A"))
"""Letters in squares and circles, and those of flags, of which each block is an alphabet."""

_COMPOSED = (range(0xC0, 0x250), range(0x370, 0x530), range(0x1E00, 0x1F00))
"""Where letters with accents are."""


def _table() -> dict[int, str]:
    alike = {ord(letter): stands for letter, stands in zip(_PAIRS[::2], _PAIRS[1::2], strict=True)}
    for first, letter in _BLOCKS:
        alike |= {first + at: chr(ord(letter) + at) for at in range(26)}
    for block in _COMPOSED:
        for code in block:
            base = unicodedata.normalize("NFD", chr(code))[0]
            if code not in alike and base != chr(code):
                stands = alike.get(ord(base), base)
                if stands.isascii() and stands.isalpha():
                    alike[code] = stands
    return alike


_ALIKE = _table()
_LATIN = "".join(map(chr, (code for code in _ALIKE if code < 0x250 or 0x1E00 <= code < 0x1F00)))
_FOREIGN = "".join(map(chr, _ALIKE.keys() - set(map(ord, _LATIN))))
_MIXED = re.compile(
    f"[{_FOREIGN}](?:(?<=[A-Za-z0-9].)|(?=[A-Za-z0-9]))|[{_LATIN}](?:(?<=[0-9].)|(?=[0-9]))"
)
"""A letter of another script within a word or a number of this one, an accent within a number."""

_TELLING = re.compile(
    r"pass(?:word|phrase|code|wd)|pwd|secret|credential|token|api.?key|bearer|private key|"
    r"\bssn\b|social.security|(?<![A-Za-z0-9_\-])[A-Za-z0-9_\-]{20,}",
    re.IGNORECASE,
)
"""What the guard goes by that accents alone could hide: names of secrets, and long runs."""

_NEAR = 200
"""Characters before and after that are read with it."""


def alike(text: str) -> str:
    """The stretches of a plain text that read otherwise when look-alikes are taken for letters.

    Only where they hide something: a language of its own script, or with accents, is left alone.
    """
    if text.isascii():
        return ""
    seen = text.translate(_ALIKE)
    if seen == text:
        return ""
    return "\n".join(seen[at:end] for at, end in _stretches(text, seen))


def _stretches(text: str, seen: str) -> Iterator[tuple[int, int]]:
    """Where letters hide something, with what stands near; none overlaps the next."""
    places = [(found.start(), found.end()) for found in _MIXED.finditer(text)]
    places += [
        (found.start(), found.end())
        for found in _TELLING.finditer(seen)
        if text[found.start() : found.end()] != found[0]
    ]
    at = end = 0
    for start, stop in sorted(places):
        if start - _NEAR > end:
            if end:
                yield at, end
            at = start - _NEAR
        end = max(end, min(len(text), stop + _NEAR))
    if end:
        yield max(0, at), end
