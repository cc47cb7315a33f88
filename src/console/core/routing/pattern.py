"""Regular expressions matched in linear time: the operator's own cannot hang the console."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

MOST_STATES = 2_000
"""States that an expression may need; counted repeats multiply them."""

_MOST_CACHED = 20_000
_QUANTIFIER = re.compile(r"[*+?]|\{(\d{1,4})(?:(,)(\d{0,4}))?\}")
_CLASS = re.compile(r"\[\^?\]?(?:\\.|[^\]\\])*\]", re.DOTALL)
_CHAR_ESCAPES = "dDwWsStnrfv"
_START, _END, _BOUNDARY, _INSIDE = "^", "$", "\\b", "\\B"

Accepts = Callable[[str], object]
Build = Callable[[int], int]
"""Adds the states of a part that leads to a state; the part's first state."""


@dataclass(slots=True)
class _Node:
    """One state: it takes a character, holds at a place, or goes on to others at once."""

    takes: Accepts | None = None
    holds: str | None = None
    to: list[int] = field(default_factory=list)


class Pattern:
    """A regular expression without back-references and lookaround, searched in linear time.

    Raises ValueError with the reason when the expression is none, or is of another kind. A
    leading `(?i)` makes letter case irrelevant.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self._flags = re.DOTALL
        body = text
        if body.startswith("(?i)"):
            self._flags |= re.IGNORECASE
            body = body[4:]
        try:
            re.compile(body)
        except re.error as error:
            raise ValueError(f"is no regular expression: {error.msg}") from None
        except (OverflowError, RecursionError):
            raise ValueError("is too large") from None
        self._body = body
        self._at = 0
        self._nodes: list[_Node] = []
        self._atoms: dict[str, Accepts] = {}
        accept = self._node()
        self._accept = accept
        try:
            self._first = self._alternatives()(accept)
        except RecursionError:
            raise ValueError("is nested too deeply") from None
        self._steps: dict[tuple[frozenset[int], str, str], tuple[frozenset[int], bool]] = {}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Pattern) and self.text == other.text

    def __hash__(self) -> int:
        return hash(self.text)

    def __repr__(self) -> str:
        return f"Pattern({self.text!r})"

    def search(self, text: str) -> bool:
        """Whether the expression matches somewhere."""
        states: frozenset[int] = frozenset()
        before = ""
        for char in (*text, ""):
            key = (states, before, char)
            known = self._steps.get(key)
            if known is None:
                if len(self._steps) >= _MOST_CACHED:
                    self._steps.clear()
                known = self._steps[key] = self._step(states, before, char)
            states, matched = known
            if matched:
                return True
            before = "w" if char == "_" or char.isalnum() else "\n" if char == "\n" else "o"
        return False

    def _step(self, states: frozenset[int], before: str, char: str) -> tuple[frozenset[int], bool]:
        """The states after `char` ("" is the end), and whether a match has ended before it."""
        word = char == "_" or char.isalnum()
        at_boundary = (before == "w") != word
        holds = {
            _START: before in ("", "\n"),
            _END: char in ("", "\n"),
            _BOUNDARY: at_boundary,
            _INSIDE: not at_boundary,
        }
        reached, waiting = set(), [self._first, *states]
        while waiting:
            at = waiting.pop()
            if at in reached:
                continue
            reached.add(at)
            node = self._nodes[at]
            if node.takes is None and (node.holds is None or holds[node.holds]):
                waiting += node.to
        if self._accept in reached:
            return frozenset(), True
        if not char:
            return frozenset(), False
        after = (node.to for at in reached if (node := self._nodes[at]).takes and node.takes(char))
        return frozenset(each for to in after for each in to), False

    def _node(self, **fields: object) -> int:
        if len(self._nodes) >= MOST_STATES:
            raise ValueError("is too large: its repeats multiply")
        self._nodes.append(_Node(**fields))  # type: ignore[arg-type]
        return len(self._nodes) - 1

    def _alternatives(self) -> Build:
        branches: list[list[Build]] = [[]]
        while self._at < len(self._body) and self._body[self._at] != ")":
            if self._body[self._at] == "|":
                self._at += 1
                branches.append([])
            else:
                branches[-1].append(self._piece())

        def build(then: int) -> int:
            firsts = [_in_a_row(pieces, then) for pieces in branches]
            return self._node(to=firsts) if len(firsts) > 1 else firsts[0]

        return build

    def _piece(self) -> Build:
        build = self._atom()
        found = _QUANTIFIER.match(self._body, self._at)
        if found is None:
            return build
        self._at = found.end()
        if self._at < len(self._body) and self._body[self._at] in "?+":
            if self._body[self._at] == "+":
                raise ValueError("has a possessive quantifier, which is not supported")
            self._at += 1
        low, high = _bounds(found)

        def repeated(then: int) -> int:
            first = then
            if high is None:
                loop = self._node()
                self._nodes[loop].to = [build(loop), then]
                first = loop
            for _ in range((high or low) - low):
                first = self._node(to=[build(first), then])
            for _ in range(low):
                first = build(first)
            return first

        return repeated

    def _atom(self) -> Build:
        body, at = self._body, self._at
        char = body[at]
        if char == "(":
            return self._group()
        if char == "[":
            found = _CLASS.match(body, at)
            assert found is not None
            self._at = found.end()
            return self._taking(found[0])
        self._at += 1
        if char in "^$":
            return lambda then: self._node(holds=char, to=[then])
        if char != "\\":
            return self._taking("." if char == "." else re.escape(char))
        escaped = body[at + 1]
        self._at += 1
        if escaped in "bB":
            return lambda then: self._node(holds=f"\\{escaped}", to=[then])
        if escaped == "A" or escaped == "Z":
            raise ValueError(f"has \\{escaped}, which is not supported; use ^ or $")
        if escaped.isdigit():
            raise ValueError("has a back-reference, which cannot be matched in linear time")
        if escaped.isalpha() and escaped not in _CHAR_ESCAPES:
            raise ValueError(f"has \\{escaped}, which is not supported")
        return self._taking(f"\\{escaped}")

    def _group(self) -> Build:
        self._at += 1
        if self._body.startswith("?", self._at):
            if not self._body.startswith("?:", self._at):
                raise ValueError("has a group with (?…, of which only (?: is supported")
            self._at += 2
        build = self._alternatives()
        self._at += 1
        return build

    def _taking(self, atom: str) -> Build:
        takes = self._atoms.setdefault(atom, re.compile(atom, self._flags).fullmatch)
        return lambda then: self._node(takes=takes, to=[then])


def _in_a_row(pieces: list[Build], then: int) -> int:
    for build in reversed(pieces):
        then = build(then)
    return then


def _bounds(found: re.Match[str]) -> tuple[int, int | None]:
    match found[0][0]:
        case "*":
            return 0, None
        case "+":
            return 1, None
        case "?":
            return 0, 1
    low = int(found[1])
    if not found[2]:
        return low, low
    return low, int(found[3]) if found[3] else None
