"""What the GPUs said at one moment, and its form as one line of JSON."""

import json
import math
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from console.core.text import one_line


class Gauge(StrEnum):
    """What is charted of a card: util %, power W, memory used in bytes, temperature °C."""

    UTIL = "util"
    POWER = "power"
    MEMORY = "memory"
    TEMPERATURE = "temperature"


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One GPU at one moment; None is not supported or not known, never 0.

    Shares are percent, power watts, memory bytes, temperature °C, `energy_j` the board's
    cumulative counter in joules since the driver loaded. `fault` says in words why the card
    gives no values ("lost", "needs a reset", …).
    """

    index: int
    uuid: str
    name: str
    util_pct: float | None = None
    memory_util_pct: float | None = None
    power_w: float | None = None
    power_limit_w: float | None = None
    memory_used_b: int | None = None
    memory_total_b: int | None = None
    temperature_c: float | None = None
    energy_j: float | None = None
    fault: str | None = None

    def reading(self, gauge: Gauge) -> float | None:
        """The value of one gauge."""
        match gauge:
            case Gauge.UTIL:
                return self.util_pct
            case Gauge.POWER:
                return self.power_w
            case Gauge.MEMORY:
                return self.memory_used_b
            case Gauge.TEMPERATURE:
                return self.temperature_c


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """All GPUs at one moment; `at_ms` is UTC milliseconds.

    `trouble` is one sentence when there is nothing to show (no driver, no GPU, …).
    `origin` names where the values come from: "nvml", or the trace that is replayed;
    `simulated` is true for anything that no GPU said now.
    """

    at_ms: int
    cards: tuple[Card, ...] = ()
    driver: str | None = None
    cuda: str | None = None
    trouble: str | None = None
    origin: str = "nvml"
    simulated: bool = False

    @property
    def power_w(self) -> float | None:
        """Power of all cards that report it; None when none does."""
        known = [card.power_w for card in self.cards if card.power_w is not None]
        return sum(known) if known else None


def to_json(snapshot: Snapshot) -> str:
    """One line of JSON: the form of `gpu --json`, of traces, and of the NVML child's pipe."""
    return json.dumps(asdict(snapshot), separators=(",", ":"))


def from_json(line: str | bytes) -> Snapshot:
    """A snapshot from its line of JSON, its text made safe to show.

    Raises ValueError when the line is not one.
    """
    try:
        fields = json.loads(line)
        if not isinstance(fields, dict) or not isinstance(fields.get("cards"), list):
            raise ValueError("an object with cards is expected")
        cards = tuple(Card(**_checked(Card, card)) for card in fields.pop("cards"))
        return Snapshot(cards=cards, **_checked(Snapshot, fields))
    except (ValueError, TypeError, RecursionError) as error:
        raise ValueError(f"not a GPU snapshot: {error}") from None


def _checked(kind: type, fields: object) -> dict[str, Any]:
    """The fields, each of the type its dataclass declares."""
    if not isinstance(fields, dict):
        raise ValueError("an object is expected")
    safe: dict[str, Any] = {}
    for name, value in fields.items():
        declared = kind.__annotations__.get(name)
        if declared is None:
            raise ValueError(f"{one_line(name)} is unknown")
        # JSON has one kind of number: a float may come as an int, but true is no number.
        like = float(value) if type(value) is int and declared == float | None else value
        right = isinstance(like, declared) and (type(like) is bool) == (declared is bool)
        if not right or (isinstance(like, float) and not math.isfinite(like)):
            raise ValueError(f"{name} is {one_line(repr(value))}")
        safe[name] = one_line(like) if isinstance(like, str) else like
    return safe
