"""What a reply comes to, where it can be checked: a number, a choice, a literal, a line."""

import ast
import json
import re
import warnings
from collections import deque
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import NamedTuple

LONGEST = 2_000
"""Characters of an answer that are looked at; a longer one cannot be compared."""

TAIL = 20_000
"""Characters at a reply's end in which its answer is looked for."""


class Kind(StrEnum):
    """What an answer is, and so how a reply is read; `EXACT` is any line of text."""

    NUMBER = "number"
    CHOICE = "choice"
    LITERAL = "literal"
    EXACT = "exact"


class Answer(NamedTuple):
    """What a reply comes to, in a form that is equal where the answers are."""

    kind: Kind
    value: str


_FIGURE = r"[-−+]?(?:[$€£]\s?)?(?:\d[\d,]*(?:\.\d+)?|\.\d+)(?:\s?/\s?\d+)?"
_IS_NUMBER = re.compile(rf"({_FIGURE})\s?(?:%|percent|[a-z]+)?\.?", re.IGNORECASE)
_IS_FIGURE = re.compile(rf"({_FIGURE})\s?%?\.?")
_A_NUMBER = re.compile(_FIGURE)
_ONLY_CHOICE = re.compile(r"[(*\s]*([a-j])[).*:\s]*", re.IGNORECASE)
_A_CHOICE = re.compile(r"(?<![A-Za-z0-9'])\(?([A-J])\)?(?![A-Za-z0-9'])")
_STATED = re.compile(
    r"(?:####|\\boxed\{|\b(?:final |correct )?(?:answer|option|choice)(?: is| would be| =)?\b"
    r"[:\s]*+|==)[\s*_`$({]*+(?:(?:option|choice) )?[\s*_`$({]*+(?=([^\n]{1,200}))",
    re.IGNORECASE,
)
_KEY = re.compile(r'"answer"\s*:\s*')
_SUM = re.compile(
    r"\b(?:what is|compute|calculate)\s+[-(]?\d[\d\s.,()+*/×÷^-]*+\??\s*\Z", re.IGNORECASE
)
_WRAPPING = "`'\"*_ \t\n"


def kind_of(expected: str) -> Kind:
    """What an expected answer looks like."""
    text = expected.strip()
    if _IS_FIGURE.fullmatch(text) and _number(text) is not None:
        return Kind.NUMBER
    if re.fullmatch(r"\(?[A-J]\)?", text):
        return Kind.CHOICE
    return Kind.LITERAL if text[:1] in tuple("[({") and _literal(text) else Kind.EXACT


def asked_kind(prompt: str) -> Kind | None:
    """What a prompt asks for, where replies to it can be compared; None where they cannot."""
    seen = prompt[-TAIL:]
    if len(re.findall(r"(?m)^[ \t]*\(?[A-Da-d][.)]\s", seen)) >= 3:
        return Kind.CHOICE
    if re.search(r"==\s*\?\?|\boutput of\b.{0,200}\bcode\b|what does .{0,40}\breturn\b", seen):
        return Kind.LITERAL
    if re.search(r"(?i)\bhow (?:many|much|long|far|old|fast|tall)\b[^?]{0,400}\?", seen):
        return Kind.NUMBER
    return Kind.NUMBER if _SUM.search(seen) else None


def answer(text: str, kind: Kind | None = None) -> Answer | None:
    """A text that is nothing but an answer, such as `18`, `(B)` or `[1, 2]`; None when it is none.

    With a kind, only what is of that kind.
    """
    said = text.strip().strip("*` \n").strip()
    if not said or len(said) > LONGEST:
        return None
    for one, read in _READERS.items():
        # What should be a literal and is none is a string without its quotes.
        if (kind in (None, one) or (kind, one) == (Kind.LITERAL, Kind.EXACT)) and (
            value := read(said)
        ) is not None:
            return Answer(one, value)
    return None


def closing_answer(reply: str, kind: Kind | None = None) -> Answer | None:
    """The answer that a whole reply closes with, or None where none is marked as such.

    Looks for a JSON field "answer", then for the last `####`, TeX box or "the answer is".
    A number is also taken from the reply's end unmarked, if a number is what is wanted.
    """
    end = reply[-TAIL:]
    field = _last(_KEY, end)
    if field is not None:
        try:
            value, _ = json.JSONDecoder().raw_decode(end[field.end() :])
        except (ValueError, RecursionError):
            pass
        else:
            return answer(value if isinstance(value, str) else json.dumps(value), kind)
    for stated in reversed(list(_STATED.finditer(end))):
        if (found := _first_of(stated[1], kind)) is not None:
            return found
    if kind is Kind.CHOICE:
        lines = end.strip().splitlines()
        only = _ONLY_CHOICE.fullmatch(lines[-1]) if lines else None
        return Answer(Kind.CHOICE, only[1].upper()) if only else None
    if kind is Kind.NUMBER:
        numbers = _A_NUMBER.findall(end)
        return answer(numbers[-1], Kind.NUMBER) if numbers else None
    return None


def reply_answer(reply: str, kind: Kind) -> Answer | None:
    """What a whole reply comes to, also one that is nothing but its answer; None in doubt."""
    found = closing_answer(reply, kind)
    if found is not None:
        return found
    if kind is Kind.CHOICE:
        letter = re.match(r"[(*\s]*([A-J])[).:](?!\w)", reply)
        return Answer(Kind.CHOICE, letter[1]) if letter else None
    bare = answer(reply, kind)
    return bare if bare is not None and bare.kind is kind else None


def given_answer(reply: str, kind: Kind) -> Answer | None:
    """What a reply gives as its answer when one is expected, so that something must be: its best.

    Where none is marked, the last letter or the last line counts.
    """
    if kind is Kind.EXACT:
        value = _exact(_last_line(reply[-TAIL:]))
        return Answer(kind, value) if value else None
    found = reply_answer(reply, kind)
    if found is not None or kind is Kind.NUMBER:
        return found
    if kind is Kind.CHOICE:
        letter = _last(_A_CHOICE, reply[-TAIL:])
        return Answer(kind, letter[1]) if letter else None
    return answer(_last_line(reply[-TAIL:]), kind)


def right(reply: str, expected: str, kind: Kind) -> bool:
    """Whether a reply gives the expected answer."""
    wanted = given_answer(expected, kind)
    if kind is Kind.EXACT:
        whole = _exact(reply[-TAIL:])
        return wanted is not None and (wanted.value == whole or wanted == given_answer(reply, kind))
    return wanted is not None and given_answer(reply, kind) == wanted


def same(one: str, other: str, kind: Kind) -> bool:
    """Whether two replies give one answer."""
    given = given_answer(one, kind)
    return given is not None and given == given_answer(other, kind)


def agree(first: str | None, second: str | None) -> bool | None:
    """Whether two stated answers are the same; None where one of them says nothing."""
    if first is None or second is None:
        return None
    left, right = answer(first), answer(second)
    if left is None or right is None:
        return None
    return left == right


def _last(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    return next(iter(deque(pattern.finditer(text), maxlen=1)), None)


def _first_of(said: str, kind: Kind | None) -> Answer | None:
    said = said.strip().rstrip(".}*`").strip()
    if kind in (None, Kind.CHOICE) and (letter := re.match(r"\(?([A-J])\)?(?![\w])", said)):
        return Answer(Kind.CHOICE, letter[1].upper())
    if kind in (None, Kind.LITERAL) and (found := answer(said, Kind.LITERAL)) is not None:
        return found
    if kind in (None, Kind.NUMBER) and (number := _A_NUMBER.search(said)):
        return answer(number[0], Kind.NUMBER)
    return answer(said, kind)


def _last_line(text: str) -> str:
    """What stands alone on the last line, after "answer:" or in its code marks."""
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("```")]
    last = lines[-1] if lines else ""
    stated = _STATED.search(last)
    return last[stated.start(1) :] if stated else last


def _choice(said: str) -> str | None:
    letter = _ONLY_CHOICE.fullmatch(said)
    return letter[1].upper() if letter else None


def _number(said: str) -> str | None:
    match = _IS_NUMBER.fullmatch(said)
    if match is None:
        return None
    digits = match[1].replace("−", "-")
    for mark in ",$€£+ ":
        digits = digits.replace(mark, "")
    over, slash, under = digits.partition("/")
    try:
        value = Decimal(over) / Decimal(under) if slash else Decimal(over)
    except (InvalidOperation, ZeroDivisionError):
        return None
    # Not normalize(): that rounds to the context's precision.
    spelled = f"{value:f}"
    if "." in spelled:
        spelled = spelled.rstrip("0").rstrip(".")
    return "0" if spelled == "-0" else spelled


def _literal(said: str) -> str | None:
    try:
        with warnings.catch_warnings():
            # A foreign answer such as `0or 1` is no mistake of this program's text.
            warnings.simplefilter("ignore", SyntaxWarning)
            return repr(ast.literal_eval(said))
    except (ValueError, SyntaxError, MemoryError, RecursionError, TypeError):
        return None


def _exact(said: str) -> str | None:
    bare = said.strip(_WRAPPING).rstrip(".").strip(_WRAPPING)
    return " ".join(bare.split()).casefold() or None


_READERS: dict[Kind, Callable[[str], str | None]] = {
    Kind.CHOICE: _choice,
    Kind.NUMBER: _number,
    Kind.LITERAL: _literal,
    Kind.EXACT: _exact,
}
