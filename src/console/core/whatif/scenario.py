"""A scenario: a base by name and what differs from it, as files and `--set` state it."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import Any

from console.core.whatif.article_sheet import BY_NAME as ARTICLE
from console.core.whatif.case import NAMES
from console.core.whatif.fields import ANSWERS, FIELDS, YES_NO, Field, Kind, Value
from console.core.whatif.parse import Range, parse_value

ARTICLE_BASE = "article"
FORMAT = 1
"""The form of a scenario file that this program writes, and the newest that it reads."""

_FIELDS = {each.name: each for each in FIELDS}
_VERSUS = "versus."


@dataclass(frozen=True, slots=True)
class Scenario:
    """What is asked: the base's name, and the inputs stated otherwise, by name."""

    base: str
    changes: Mapping[str, Value] = field(default_factory=dict)

    def with_change(self, name: str, value: Value) -> "Scenario":
        """The scenario with an input stated."""
        return replace(self, changes={**self.changes, name: value})

    def without(self, name: str) -> "Scenario":
        """The scenario with an input back at its base."""
        kept = {key: value for key, value in self.changes.items() if key != name}
        return replace(self, changes=kept)

    def on(self, base: str) -> "Scenario":
        """The scenario on another base: what was stated of the traffic stays, the rest goes."""
        shared = set(ARTICLE) if ARTICLE_BASE in (base, self.base) else set(_FIELDS)
        kept = {
            name: value
            for name, value in self.changes.items()
            if name.startswith("workload.")
            and name in shared
            and (base != ARTICLE_BASE or isinstance(value, float | int))
            and (base == ARTICLE_BASE or name in _FIELDS)
        }
        return Scenario(base, kept)


def known_names(base: str) -> frozenset[str]:
    """The names of inputs that a scenario on this base may state, `versus.` ones apart."""
    if base == ARTICLE_BASE:
        return frozenset(ARTICLE)
    inner = {
        f"{group}.{name}"
        for group, names in NAMES.items()
        for name in names
        if f"{group}.{name}" not in ("api.batch", "api.long_context")
    }
    return frozenset(inner | set(_FIELDS))


def field_of(name: str) -> Field:
    """The row of an input; inputs without a row of their own take a number."""
    if name.startswith(_VERSUS):
        key = name.removeprefix(_VERSUS)
        return Field("compare with", name, key, kind=Kind.CHOICE, choices=YES_NO)
    if name in _FIELDS:
        return _FIELDS[name]
    group, _, own = name.partition(".")
    return Field(group, name, own.replace("_", " "))


def parse_change(base: str, name: str, text: str) -> Value:
    """What `--set name=text` states.

    Raises ValueError for an unknown name, with the nearest known one, and for an impossible value.
    """
    check_name(base, name)
    if name == "api.model":
        return text.strip()
    try:
        if base == ARTICLE_BASE:
            value = parse_value(text)
            if isinstance(value, Range):
                raise ValueError("the preset article has no ranges; type one number")
            return value
        return field_of(name).parse(text)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None


def check_name(base: str, name: str) -> None:
    """Refuse what is no input of the base, naming the nearest that is."""
    known = known_names(base)
    if name in known or (base != ARTICLE_BASE and name.startswith(_VERSUS)):
        return
    near = get_close_matches(name, known, 1, 0.5)
    hint = f"; did you mean {near[0]}?" if near else ""
    raise ValueError(f"{name} is not an input of {base}{hint}")


def to_document(scenario: Scenario) -> dict[str, Any]:
    """The scenario as the tables of its file, in a fixed order."""
    document: dict[str, Any] = {"format": FORMAT, "base": scenario.base}
    order = {name: place for place, name in enumerate(_FIELDS)}
    for name in sorted(scenario.changes, key=lambda each: (order.get(each, len(order)), each)):
        group, _, own = name.partition(".")
        value = scenario.changes[name]
        if isinstance(value, Range):
            value = f"{value.low:.12g}..{value.high:.12g}"
        elif isinstance(value, float) and value == int(value) and abs(value) < 1e15:
            value = int(value)
        document.setdefault(group, {})[own] = field_of(name).empty if value is None else value
    return document


def from_document(document: Mapping[str, Any]) -> Scenario:
    """The scenario in a parsed file.

    Raises ValueError for a newer format, an unknown name and an impossible value.
    """
    stated = document.get("format", FORMAT)
    if not isinstance(stated, int) or isinstance(stated, bool) or stated < 1:
        raise ValueError("format must be a whole number from 1 on")
    if stated > FORMAT:
        raise ValueError(
            f"the file has format {stated}, from a newer llmconsole; this one reads up to {FORMAT}"
        )
    base = document.get("base")
    if not isinstance(base, str):
        raise ValueError('base must name a preset, for example base = "homelab"')
    changes: dict[str, Value] = {}
    for name, value in _flat(document):
        changes[name] = _stated(base, name, value)
    return Scenario(base, changes)


def _flat(document: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for group, table in document.items():
        if group in ("format", "base"):
            continue
        if not isinstance(table, Mapping):
            raise ValueError(f"{group} is not known; a scenario has format, base and tables")
        for own, value in table.items():
            yield f"{group}.{own}", value


def _stated(base: str, name: str, value: object) -> Value:
    if isinstance(value, str):
        return parse_change(base, name, value)
    check_name(base, name)
    if isinstance(value, bool) and set(field_of(name).choices) >= set(YES_NO):
        return "yes" if value else "no"
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"{name} must be a number or text, not {type(value).__name__}")
    if not math.isfinite(value):
        raise ValueError(f"{name} must be a finite number, not {value}")
    return parse_change(base, name, repr(value) if value >= 0 else f"-{abs(value)!r}")


def difference(one: Scenario, other: Scenario) -> list[str]:
    """The names of inputs that the two state differently, in the order of the sheet."""
    order = [*_FIELDS, *sorted(set(one.changes) | set(other.changes))]
    names = [name for name in dict.fromkeys(order) if one.changes.get(name, _NOT) is not _NOT
             or other.changes.get(name, _NOT) is not _NOT]  # fmt: skip
    return [name for name in names if one.changes.get(name, _NOT) != other.changes.get(name, _NOT)]


_NOT = object()
NEEDS = {each.name: ANSWERS for each in FIELDS if each.name.startswith("needs.")}
"""The questions only the operator can answer, and their answers."""
