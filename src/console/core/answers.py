"""The one answer in a reply that can be checked: a number, a choice, or a literal."""

import re
from collections.abc import Callable
from decimal import Decimal
from enum import StrEnum


class Kind(StrEnum):
    """What an expected answer is, and so how a reply is read."""

    NUMBER = "number"
    CHOICE = "choice"
    EXACT = "exact"


_MOST = 20_000
"""Characters at a reply's end in which its answer is looked for."""

_FIGURE = r"[-+]?(?:\d[\d,]*(?:\.\d+)?|\.\d+)"
_NUMBER = re.compile(_FIGURE)
_CHOICE = re.compile(r"(?<![A-Za-z0-9'])\(?([A-J])\)?(?![A-Za-z0-9'])")
_STATED = re.compile(
    r"(?:####|\\boxed\{|\b(?:final |correct )?(?:answer|option|choice)(?: is| =)?:?)"
    r"[\s*_`$({\[]*(?:option |choice )?[\s*_`$({\[]*",
    re.IGNORECASE,
)
Spell = Callable[[str], str | None]
"""Brings a found answer into one spelling; None when it is no answer after all."""

_WRAPPING = "`'\"*_ \t\n"


def kind_of(expected: str) -> Kind:
    """What an expected answer looks like."""
    text = expected.strip()
    if _number(text) is not None:
        return Kind.NUMBER
    return Kind.CHOICE if re.fullmatch(r"\(?[A-J]\)?", text) else Kind.EXACT


def answer_of(reply: str, kind: Kind) -> str | None:
    """The reply's answer in one spelling; None when it gives none.

    What the reply states as its answer ("the answer is", "####", a box) counts before what stands
    last in it.
    """
    text = reply[-_MOST:]
    match kind:
        case Kind.NUMBER:
            return _last(text, _NUMBER, _number)
        case Kind.CHOICE:
            return _last(text, _CHOICE, lambda found: found.strip("()").upper())
        case Kind.EXACT:
            return _literal(text)


def right(reply: str, expected: str, kind: Kind) -> bool:
    """Whether a reply gives the expected answer."""
    wanted = answer_of(expected, kind)
    if kind is Kind.EXACT:
        return wanted is not None and wanted in (_literal(reply[-_MOST:]), _plain(reply[-_MOST:]))
    return wanted is not None and answer_of(reply, kind) == wanted


def same(one: str, other: str, kind: Kind) -> bool:
    """Whether two replies give one answer."""
    given = answer_of(one, kind)
    return given is not None and given == answer_of(other, kind)


def _last(text: str, pattern: re.Pattern[str], spell: Spell) -> str | None:
    """The last answer that is stated as one, else the last that stands in the text."""
    for stated in reversed(list(_STATED.finditer(text))):
        found = pattern.match(text, stated.end())
        if found and (spelled := spell(found[0])) is not None:
            return spelled
    for found in reversed(list(pattern.finditer(text))):
        if (spelled := spell(found[0])) is not None:
            return spelled
    return None


def _number(text: str) -> str | None:
    figure = text.strip().strip("$€£% ").replace(",", "").rstrip(".")
    if not re.fullmatch(_FIGURE, figure or "-"):
        return None
    # Not normalize(): that rounds to the context's precision.
    spelled = f"{Decimal(figure):f}"
    if "." in spelled:
        spelled = spelled.rstrip("0").rstrip(".")
    return "0" if spelled == "-0" else spelled


def _plain(text: str) -> str:
    return " ".join(text.strip(_WRAPPING).rstrip(".").strip(_WRAPPING).split()).casefold()


def _literal(text: str) -> str | None:
    """What stands alone on the last line, after "answer:" or in its code marks."""
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("```")]
    if not lines:
        return None
    stated = _STATED.search(lines[-1])
    return _plain(lines[-1][stated.end() :] if stated else lines[-1]) or None
