"""Everything one evaluation needs: the comparison's inputs, the designs beside it, the outlook."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from enum import StrEnum
from typing import Any

from console.core.whatif.check import Group, check_number, check_whole
from console.core.whatif.design import Burst, Hybrid
from console.core.whatif.inputs import GROUPS, Amortisation, Inputs
from console.core.whatif.investment import Outlook


class View(StrEnum):
    """What of the rig is counted: all of it, or what running it costs once it is paid for."""

    FULL = "full"
    RUNNING = "running"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How the comparison is read."""

    view: View = View.FULL

    def __post_init__(self) -> None:
        try:
            object.__setattr__(self, "view", View(self.view))
        except ValueError:
            raise ValueError(f"view must be full or running, not {self.view}") from None


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue(Group):
    """What the check of the peak hour's waits assumes of a replica.

    `slots` are the requests it serves at once, `service_s` what one of them then takes; None is
    what its throughput makes of it. `wait_s` is the wait that should be rare.
    """

    slots: float = 1
    service_s: float | None = None
    wait_s: float = 1.0

    def __post_init__(self) -> None:
        check_whole(self, "slots")
        check_number("slots", self.slots, low=1, high=100_000)
        if self.service_s is not None:
            check_number("service_s", self.service_s, above=True, high=1e6)
        check_number("wait_s", self.wait_s, high=1e6)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """All inputs by group; names are `group.field`."""

    inputs: Inputs
    hybrid: Hybrid = field(default_factory=Hybrid)
    burst: Burst = field(default_factory=Burst)
    outlook: Outlook = field(default_factory=Outlook)
    reading: Reading = field(default_factory=Reading)
    queue: Queue = field(default_factory=Queue)

    def get(self, name: str) -> Any:  # noqa: ANN401 - an input may be a number or a choice
        """The value of an input; ValueError when there is none of that name."""
        group, _, own = name.partition(".")
        if own in NAMES.get(group, ()):
            return getattr(getattr(self.inputs if group in GROUPS else self, group), own)
        raise ValueError(f"{name} is not an input")

    def with_values(self, values: Mapping[str, Any]) -> "Case":
        """The case with some inputs replaced, checked again."""
        inner: dict[str, Any] = {}
        outer: dict[str, dict[str, Any]] = {}
        for name, value in values.items():
            group, _, own = name.partition(".")
            if group in GROUPS:
                inner[name] = value
            elif own in NAMES.get(group, ()):
                outer.setdefault(group, {})[own] = value
            else:
                raise ValueError(f"{name} is not an input")
        changes: dict[str, Any] = {
            group: replace(getattr(self, group), **new) for group, new in outer.items()
        }
        if inner:
            changes["inputs"] = self.inputs.with_values(inner)
        return replace(self, **changes) if changes else self

    @property
    def counted(self) -> Inputs:
        """The inputs as the view counts them: without capital and set-up when only running."""
        if self.reading.view is View.FULL:
            return self.inputs
        # With everything left as residual the straight line costs nothing a month.
        free = replace(
            self.inputs.self_host,
            residual_share=1.0,
            amortisation=Amortisation.STRAIGHT_LINE,
            setup_usd=0.0,
        )
        return replace(self.inputs, self_host=free)


_OUTER: dict[str, type] = {
    "hybrid": Hybrid,
    "burst": Burst,
    "outlook": Outlook,
    "reading": Reading,
    "queue": Queue,
}
NAMES: dict[str, frozenset[str]] = {
    group: frozenset(each.name for each in fields(kind))
    for group, kind in (GROUPS | _OUTER).items()
}
"""The names of inputs by group."""
