"""The ledger's filter language: what is typed after `/`, as terms that all must hold.

`tier:api` `model:sonnet,haiku` (comma: one of them; part of the name, or a pattern with `*`)
`tag:x` `ended:error` `system:name` `provider:` `reason:` `error:` `policy:` `conversation:` `id:`
`from:claude-code` `is:unpriced` `since:7d` `until:yesterday` `>0.01` (dollars) `out>1000`
`ttft>2s`; a bare word is part of a model's name; `!` before a term turns it round; `"two words"`.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from enum import StrEnum
from typing import Generic, Literal, NamedTuple, TypeVar, cast

from console.core.entry import Ending
from console.core.period import instant_ms
from console.core.tier import Tier

Comparison = Literal[">", ">=", "<", "<="]

OPEN = "open"
"""The word for a row that is still in flight, beside the endings."""

WORDS = (
    "tier",
    "model",
    "provider",
    "tag",
    "ended",
    "system",
    "reason",
    "error",
    "policy",
    "conversation",
    "id",
    "from",
)
"""Fields of a row that a term can name; the value is matched against its text."""

FLAGS = ("unpriced", "uncounted", "unmeasured", "estimated", "plan", "imported", "batch")
"""What `is:` knows."""

NUMBERS = {"usd": "dollars", "in": "tokens", "out": "tokens", "ttft": "time", "took": "time"}
"""Numbers of a row that a term can compare, and what they count; `usd` needs no name."""

_TOKEN = re.compile(r'!?(?:[\w$]*[:<>]=?)?(?:"[^"]*"|[^\s"]+)|\S+')
_NUMBER = re.compile(r"(\w*)(>=|<=|>|<)(.*)", re.DOTALL)
_TIME = {"ms": 1, "s": 1000, "m": 60_000}


class Match(NamedTuple):
    """A field's text is, or is like, one of some values.

    `tier`, `ended` and `tag` match whole, `id`, `conversation` and a system prompt's hash by how
    they begin, the others by any part; with `*` a value is a pattern of the whole text.
    """

    field: str
    values: tuple[str, ...]
    negated: bool = False


class Flag(NamedTuple):
    """A row is one of `FLAGS`."""

    name: str
    negated: bool = False


class Compare(NamedTuple):
    """A number of a row against a value: nano-dollars, tokens or milliseconds."""

    name: str
    comparison: Comparison
    value: int
    negated: bool = False


class Bound(NamedTuple):
    """A row began at or after (`since`), or before (`until`), a time as it was typed."""

    name: Literal["since", "until"]
    text: str


Term = Match | Flag | Compare | Bound


class Sort(StrEnum):
    """Orders of rows; all but `oldest` have the largest first."""

    NEWEST = "newest"
    OLDEST = "oldest"
    COST = "cost"
    OUTPUT = "output"
    SLOWEST = "slowest"
    TTFT = "ttft"


class Grouping(StrEnum):
    """What rows can be summed by."""

    MODEL = "model"
    TIER = "tier"
    DAY = "day"
    TAG = "tag"
    SYSTEM = "system"


class Query(NamedTuple):
    """Which rows, in which order; without terms all of them."""

    terms: tuple[Term, ...] = ()
    sort: Sort = Sort.NEWEST
    text: str = ""
    """The terms as they were typed."""

    def window_ms(self, now_ms: int, zone: str) -> tuple[int | None, int | None]:
        """The UTC times that rows began from and before; None is unbounded."""
        bounds = [term for term in self.terms if isinstance(term, Bound)]
        since = [instant_ms(b.text, now_ms, zone) for b in bounds if b.name == "since"]
        until = [instant_ms(b.text, now_ms, zone) for b in bounds if b.name == "until"]
        return max(since, default=None), min(until, default=None)


ALL = Query()

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Found(Generic[T]):
    """What a search has found so far.

    All there is when `edge_ms` is None; else only of the rows that it has gone through, those that
    began since then (until then where the oldest come first).
    """

    value: T
    edge_ms: int | None = None


def parse(text: str, *, sort: Sort = Sort.NEWEST) -> Query:
    """The query behind a typed filter; raises ValueError with a sentence that says what is meant.

    Times are checked here and resolved when the query is run, so that `7d` stays the last week.
    """
    terms = tuple(_terms(text))
    return Query(terms=terms, sort=sort, text=" ".join(text.split()))


def _terms(text: str) -> Iterator[Term]:
    for token in _TOKEN.findall(text):
        negated, rest = token.startswith("!"), token.removeprefix("!")
        name, colon, value = rest.partition(":")
        if number := _NUMBER.fullmatch(rest):
            yield _compare(number[1], number[2], number[3].strip('"'), negated)
        elif colon and not rest.startswith('"'):
            yield _named(name, value.strip('"'), negated)
        else:
            yield Match("model", _values("model", rest.strip('"')), negated)


def _named(name: str, value: str, negated: bool) -> Term:
    match name:
        case "since" | "until":
            if negated:
                raise ValueError(f'"!{name}:" is not known; the other of since and until is meant')
            instant_ms(value, 0, "UTC")
            return Bound("since" if name == "since" else "until", value)
        case "is":
            return Flag(_one_of(value, FLAGS, "is:"), negated)
        case "tier" | "ended":
            known = list(Tier) if name == "tier" else [*Ending, OPEN]
            values = (_one_of(part, known, f"{name}:") for part in _values(name, value))
            return Match(name, tuple(values), negated)
        case _ if name in WORDS:
            return Match(name, _values(name, value), negated)
    # A model's own name may hold a colon: llama3.1:8b.
    if any(character.isdigit() for character in name):
        return Match("model", (f"{name}:{value}".lower(),), negated)
    known_names = (*WORDS, "is", "since", "until")
    near = get_close_matches(name, known_names, 1)
    meant = f'did you mean "{near[0]}:"?' if near else f"known are {', '.join(known_names)}."
    raise ValueError(f'"{name}:" is not known; {meant}')


def _values(name: str, value: str) -> tuple[str, ...]:
    values = tuple(part for part in value.split(",") if part)
    if not values:
        raise ValueError(f'"{name}:" needs a value')
    return values


def _one_of(value: str, known: Sequence[str], what: str) -> str:
    if value.lower() in known:
        return value.lower()
    near = get_close_matches(value.lower(), known, 1)
    meant = f'did you mean "{near[0]}"?' if near else f"known are {', '.join(known)}."
    raise ValueError(f'{what} does not know "{value}"; {meant}')


def _compare(name: str, comparison: str, text: str, negated: bool) -> Compare:
    name = name or "usd"
    if name not in NUMBERS:
        near = get_close_matches(name, NUMBERS, 1)
        meant = f'did you mean "{near[0]}"?' if near else f"known are {', '.join(NUMBERS)}."
        raise ValueError(f'"{name}" is no number of a row; {meant}')
    value = _number(NUMBERS[name], text.strip())
    return Compare(name, cast(Comparison, comparison), value, negated)


def _number(kind: str, text: str) -> int:
    scale, shown = Decimal(1), text
    if kind == "dollars":
        scale, text = Decimal(1_000_000_000), text.removeprefix("$")
    elif kind == "tokens" and text[-1:].lower() in ("k", "m"):
        scale, text = Decimal({"k": 1000, "m": 1_000_000}[text[-1].lower()]), text[:-1]
    elif kind == "time":
        unit = next((unit for unit in _TIME if text.endswith(unit)), "s")
        scale, text = Decimal(_TIME[unit]), text.removesuffix(unit)
    try:
        value = Decimal(text) * scale
    except InvalidOperation:
        value = Decimal("nan")
    if not value.is_finite() or abs(value) >= 2**62:
        raise ValueError(f'"{shown}" is no number of {"seconds" if kind == "time" else kind}')
    return int(value)
