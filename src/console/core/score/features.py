"""What is counted in a prompt: the input of its score, blind to letter case and spacing."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import log, log1p, sqrt
from typing import Any
from zlib import crc32

VERSION = 3
"""A fitted model, and a verdict's features, hold for one version of these features only."""

BUCKETS = 1 << 15
"""Words and pairs of neighbouring words are hashed into so many buckets."""

READ = 6_000
"""Of a longer text the first and the last half of so many characters are read; its length counts
whole."""

_COURTESY = re.compile(
    r"\b(?:please|kindly|thank you(?: (?:so|very) much)?(?: in advance)?|thanks(?: in advance)?"
    r"|(?:can|could|would|will) you(?= (?:please|kindly|help))|help me(?: with)?"
    r"|i would (?:like|appreciate)|good (?:morning|afternoon|evening))\b|^(?:hi|hello|hey)\b"
)
# What courtesy frames a prompt with: a greeting, a plea for help without a figure in it, and what
# thanks or pleads at the end. Every repetition is bounded, so no text is slow to look through.
_OPENING = re.compile(
    r"(?:(?:hello|hi|hey|greetings|dear|good (?:morning|afternoon|evening))\b[\w ]{0,20}[!.,:]+ )?"
    r"(?:(?=[^?!.:0-9]{0,60}\b(?:please|could|can|would|will|kindly|appreciate|need)\b)"
    r"[^?!.:0-9]{0,60}\b(?:help|assist|appreciate|following|answer this)\b"
    r"[^?!.:0-9]{0,40}[?!.:]+ )?"
)
_CLOSING = re.compile(r" (?:please|kindly|thanks?|many thanks)\b[^.!?0-9]{0,60}[.!?]*$")
_CLOSINGS, _TAIL = 2, 100
_LEAST = 10
"""Characters of a text that must stay when its frame is taken away."""

_TOKEN = re.compile(r"[^\W\d_]+|\d+(?:[.,]\d+)*|[^\w\s]")
_OPTION = re.compile(r"(?:^|(?<= ))([a-j])[.)] ")
_SENTENCE = re.compile(r"[.!?](?= |$)")
_FRACTION = re.compile(r"\d ?/ ?\d")

_FAMILIES = {
    "multiples": "times twice half double triple thrice quarter third fraction ratio percent "
    "percentage average",
    "comparisons": "more less fewer than older younger longer shorter taller remaining remainder "
    "left rest total altogether difference",
    "each, every, per": "each every per",
    "negations": "not except never no none without false incorrect unless neither nor",
    "conditions": "if suppose assume given when whenever let then otherwise",
    "why, how": "why how explain prove derive show describe justify",
    "what, which": "what which who where",
    "units of time": "hour hours minute minutes day days week weeks month months year years "
    "second seconds",
    "calculation": "calculate compute find determine solve evaluate estimate",
    "statements": "statement statements following true correct",
}
_FAMILY_OF = {word: at for at, words in enumerate(_FAMILIES.values()) for word in words.split(" ")}

_MARKS = {
    "question marks": "?",
    "commas": ",",
    "percent signs": "%",
    "dollar signs": "$",
    "operators": "+*<>",
    "equals signs": "=",
    "powers and indices": "^_",
    "slashes": "/",
    "brackets": "([{",
    "quotation marks": '"“',
    "apostrophes": "'’",
    "hyphens": "-",
    "colons and semicolons": ":;",
    "backslashes": "\\",
}
_CODE = ("def ", "return", "()", "==", "print")

NAMES = (
    "length", "words", "length of words", "longest word", "variety of words", "long words",
    "short words", "single letters", "numbers", "different numbers", "largest number", "decimals",
    "fractions", "digits", "sentences", "words per sentence", "length of the question",
    "options", "length of the options", "length of an option", "spread of the options",
    "short options", "options that are numbers", "options with numbers",
    "options that repeat the question", "options about options", *_FAMILIES, *_MARKS,
    "code", "punctuation", "other scripts",
)  # fmt: skip
"""The counted features, in order, in words for the operator."""

_SHARES = {
    "variety of words", "long words", "short words", "digits", "punctuation", "short options",
    "options that are numbers", "options with numbers", "options that repeat the question",
}  # fmt: skip

LEAST_SPREAD = tuple(0.02 if name in _SHARES else 0.3 for name in NAMES)
"""Below this a feature's standard deviation is not believed: where it hardly varies, one comma
more in a prompt must not count as much as a different kind of prompt."""


@dataclass(frozen=True, slots=True)
class Features:
    """The counts of one prompt, without its text.

    `length` is in characters, `values` goes with `NAMES`, `grams` are the counts of hashed words
    and pairs by bucket.
    """

    length: int
    numbers: int
    values: tuple[float, ...]
    grams: Mapping[int, int]

    @classmethod
    def restored(cls, kept: Mapping[str, Any]) -> "Features":
        """The features from what JSON kept of them; raises ValueError when it is none."""
        try:
            found = cls(
                length=int(kept["length"]),
                numbers=int(kept["numbers"]),
                values=tuple(map(float, kept["values"])),
                grams={int(at): int(times) for at, times in kept["grams"].items()},
            )
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError("these are no features of a prompt") from error
        if len(found.values) != len(NAMES) or not all(0 <= at < BUCKETS for at in found.grams):
            raise ValueError("these are features of another version")
        return found


def canonical(text: str) -> str:
    """The text that is counted: case folded, courtesies left out, white space one space."""
    bare = _unframed(text)
    return _plain(bare) or bare


def _unframed(text: str) -> str:
    seen = " ".join(text.casefold().split())
    opening = _OPENING.match(seen)
    bare = seen[opening.end() :] if opening else seen
    for _ in range(_CLOSINGS):
        end = bare[-_TAIL:]
        closing = _CLOSING.search(end)
        if closing is None:
            break
        bare = bare[: len(bare) - len(end) + closing.start()]
    return bare if len(bare) >= _LEAST else seen


def _plain(bare: str) -> str:
    return " ".join(_COURTESY.sub(" ", bare).split())


def grams(tokens: Iterable[str]) -> Iterator[tuple[str, int]]:
    """Each word and each pair of neighbours, with its bucket; all numbers count as one word."""
    last, said = b"", ""
    for token in tokens:
        word = b"0" if token[0].isdecimal() else token.encode(errors="replace")
        yield token, crc32(word) % BUCKETS
        if last:
            yield f"{said} {token}", crc32(last + b" " + word) % BUCKETS
        last, said = word, token


def features(text: str) -> Features:
    """The features of a prompt."""
    return examine(text)[0]


def examine(text: str) -> tuple[Features, list[str]]:
    """The features of a prompt, and its words, numbers and marks in order."""
    bare = _unframed(text)
    read = bare if len(bare) <= READ else f"{bare[: READ // 2]} {bare[-READ // 2 :]}"
    seen = _plain(read) or read
    length = len(bare) - len(read) + len(seen)
    tokens = _TOKEN.findall(seen)
    numbers = [token for token in tokens if token[0].isdecimal()]
    counts: dict[int, int] = {}
    for _, bucket in grams(tokens):
        counts[bucket] = counts.get(bucket, 0) + 1
    found = Features(
        length=length,
        numbers=len(numbers),
        values=tuple(_values(length, seen, tokens, numbers)),
        grams=counts,
    )
    return found, tokens


def _values(length: int, seen: str, tokens: list[str], numbers: list[str]) -> Iterator[float]:
    words = [token for token in tokens if token[0].isalpha()]
    lengths = list(map(len, words))
    many = max(1, len(words))
    chars = max(1, len(seen))
    yield log(max(1, length))
    yield log1p(len(words))
    yield sum(lengths) / many
    yield max(lengths, default=0)
    yield len(set(words)) / many**0.9
    yield sum(size >= 8 for size in lengths) / many
    yield sum(size <= 3 for size in lengths) / many
    yield log1p(sum(size == 1 for size in lengths))
    yield log1p(len(numbers))
    yield log1p(len(set(numbers)))
    yield log1p(min(1e9, max(map(_number, numbers), default=0.0)))
    yield log1p(sum("." in number for number in numbers))
    yield log1p(len(_FRACTION.findall(seen)))
    yield sum(map(len, numbers)) / chars
    sentences = max(1, len(_SENTENCE.findall(seen)))
    yield log1p(sentences)
    yield log1p(len(words) / sentences)
    yield from _options(seen)
    families = [0] * len(_FAMILIES)
    for word in words:
        family = _FAMILY_OF.get(word)
        if family is not None:
            families[family] += 1
    yield from map(log1p, families)
    for marks in _MARKS.values():
        yield log1p(sum(map(seen.count, marks)))
    yield log1p(sum(map(seen.count, _CODE)))
    yield (len(tokens) - len(words) - len(numbers)) / chars
    yield 0.0 if seen.isascii() else log1p(sum(mark > "\x7f" for mark in seen))


def _options(seen: str) -> Iterator[float]:
    """The choices `a. … b. …` that a question ends with, if it does."""
    begins: list[re.Match[str]] = []
    for match in _OPTION.finditer(seen):
        if match[1] == chr(ord("a") + len(begins)):
            begins.append(match)
    if len(begins) < 2:
        yield log(max(1, len(seen)))
        yield from [0.0] * 9
        return
    question = seen[: begins[0].start()]
    ends = [*(match.start() for match in begins[1:]), len(seen)]
    options = [seen[match.end() : end].strip() for match, end in zip(begins, ends, strict=True)]
    many = len(options)
    sizes = list(map(len, options))
    mean = sum(sizes) / many
    asked = set(question.split())
    yield log(max(1, len(question)))
    yield many
    yield log1p(len(seen) - len(question))
    yield log1p(mean)
    yield log1p(sqrt(sum((size - mean) ** 2 for size in sizes) / many))
    yield sum(size <= 4 for size in sizes) / many
    yield sum(option.lstrip("-−$£€ ")[:1].isdecimal() for option in options) / many
    yield sum(any(mark.isdecimal() for mark in option) for option in options) / many
    yield (
        sum(
            len(asked.intersection(words := option.split())) / (1 + len(words))
            for option in options
        )
        / many
    )
    yield sum("above" in option or "none of" in option for option in options)


def _number(digits: str) -> float:
    try:
        return float(digits.replace(",", ""))
    except ValueError:
        return 1.0
