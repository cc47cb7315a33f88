"""What a scenario starts from: a case with a source for each input, and what is known beside it."""

from collections.abc import Mapping
from typing import NamedTuple

from console.core.whatif.case import Case
from console.core.whatif.distribution import Interval
from console.core.whatif.limits import Hardware
from console.core.whatif.origin import Source, assumed

LEDGER_BASE = "my-ledger"
"""The base of the operator's own traffic."""

DEFAULT = assumed("the model's default")
"""The source of an input nobody said anything about."""


class Base(NamedTuple):
    """Inputs ready to compare, by name where each comes from.

    `model` is the API model as provider/model, `versus` the others shown beside it. `hours` are
    24 measured hourly weights, `here` the measured requests a day; None is not measured.
    `caveats` are sentences to show beside results.
    """

    name: str
    title: str
    model: str
    case: Case
    sources: Mapping[str, Source]
    versus: tuple[str, ...] = ()
    caveats: tuple[str, ...] = ()
    hardware: Hardware | None = None
    hours: tuple[float, ...] | None = None
    here: Interval | None = None

    def source(self, name: str) -> Source:
        """Where an input comes from."""
        return self.sources.get(name, DEFAULT)
