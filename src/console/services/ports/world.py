"""Times and prices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from console.core.pricing import PriceCard


class PriceList(Protocol):
    """Prices by provider and model."""

    def card(self, provider: str, model: str, at_ms: int) -> PriceCard | None:
        """The card in force at a time; None when no list has the model. Never asked for local."""


class Clock(Protocol):
    """Times, passed in so that tests can set them."""

    def now_ms(self) -> int:
        """UTC milliseconds."""

    def monotonic(self) -> float:
        """Seconds that never go backwards."""

    def zone(self) -> str:
        """The operator's IANA time zone."""

    def midnight_ms(self, days_ago: int = 0) -> int:
        """UTC milliseconds of the start of a local day."""

    def month_start_ms(self) -> int:
        """UTC milliseconds of the start of the local month."""
