"""What the GPUs said at one moment, and its form as one line of JSON."""

import json
from dataclasses import asdict, dataclass
from typing import Any


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
    """A snapshot from its line of JSON.

    Raises ValueError when the line is not one.
    """
    try:
        fields: dict[str, Any] = json.loads(line)
        cards = tuple(Card(**card) for card in fields.pop("cards", ()))
        return Snapshot(cards=cards, **fields)
    except (TypeError, AttributeError, KeyError) as error:
        raise ValueError(f"not a GPU snapshot: {error}") from None
