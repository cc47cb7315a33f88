"""The operator's rules for the router: the forms of their conditions, and a rule of a table."""

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, cast

from console.core.routing.rule import Rule
from console.core.tier import Tier
from console.sources.settings_forms import Form, Unfit, require, shown, typed_text

if TYPE_CHECKING:
    from console.core.routing.pattern import Pattern

_HOURS = re.compile(r"([01]?\d|2[0-3]):([0-5]\d) ?[-–] ?([01]?\d|2[0-3]):([0-5]\d)", re.ASCII)


def pattern() -> Form:
    """A regular expression that is searched in linear time."""

    def accept(value: object) -> "Pattern":
        from console.core.routing.pattern import Pattern

        try:
            if value == "":
                raise ValueError("is empty, which would match everything")
            return Pattern(typed_text(value))
        except ValueError as error:
            raise Unfit(str(error) or "is not text") from None

    words = "a regular expression without back-references and lookaround"
    return Form(words=words, accept=accept)


def hours() -> Form:
    """A stretch of the day, kept as its two minutes."""

    def accept(value: object) -> tuple[int, int]:
        found = require(_HOURS.fullmatch(typed_text(value)), lambda match: match is not None)
        assert found is not None
        first, second = (int(found[at]) * 60 + int(found[at + 1]) for at in (1, 3))
        return first, require(second, lambda minute: minute != first)

    return Form(words='times of day like "22:00-06:00"', accept=accept)


def rule_of(found: Mapping[str, object], before: Iterable[Rule]) -> Rule:
    """The rule of a table's accepted values, `before` those above it.

    Raises ValueError with the reason when it is none.
    """
    for key in ("name", "tier"):
        if key not in found:
            raise ValueError(f"a rule needs a {key}")
    for key, value in found.items():
        if value in ((), ""):
            # Without what it was meant to look for, the rule would hold for everything.
            raise ValueError(f"{key} is empty; name something, or leave the condition out")
    if any(rule.name == found["name"] for rule in before):
        raise ValueError(f"two rules are called {shown(found['name'])}")
    return Rule(**cast(Any, {**found, "tier": Tier(str(found["tier"]))}))
