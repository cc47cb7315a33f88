"""A text in the plain form that the guard's patterns are written for."""

import re
import unicodedata

_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\U000e0000-\U000e01ef]+"
)
_DASH = re.compile("[\u058a\u05be\u2010-\u2015\u2043\u2212\u2e3a\u2e3b\u301c\u30fc\ufe58]")
_SPACE = re.compile("[\u0085\u1680\u2028\u2029]")
_DIGIT = re.compile(r"(?![0-9])\d")
_MARKS = re.compile("[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+")
"""What is set over, under or through Latin letters and digits."""

_DOT = re.compile("[\u3002\u2024\u00b7\u2027\uff61]")


def plain(text: str) -> str:
    """`text` without invisible characters, its digits, dashes, spaces and dots in ASCII.

    Full-width and other compatibility forms become the letters that they stand for; marks that
    make no letter of a language with the one before, as strokes through it, go.
    """
    if text.isascii():
        return text
    text = _MARKS.sub("", unicodedata.normalize("NFKC", _INVISIBLE.sub("", text)))
    text = _SPACE.sub(" ", _DASH.sub("-", _DOT.sub(".", text)))
    return _DIGIT.sub(lambda digit: str(unicodedata.decimal(digit[0])), text)
