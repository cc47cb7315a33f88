"""The GPUs over time: the latest snapshot, and histories of each card's gauges."""

from collections.abc import Callable
from contextlib import suppress

from console.core.gpu import Card, Flow, Gauge, Snapshot
from console.core.held import HeldShares
from console.services.history import History, Stretch

Callback = Callable[[Snapshot, bool], None]
"""Called on the event loop with each snapshot; true when a bucket opened and a chart must move."""


class Followed:
    """What snapshots say one after another, whoever takes them."""

    resting = False
    """Whether it is closed because nobody looks and no card works."""

    def __init__(self, interval_s: float = 1.0, history: History | None = None) -> None:
        self.latest: Snapshot | None = None
        self.interval_s = interval_s
        self.moved_s = 0.0
        """The width of the widest bucket that the latest snapshot opened; 0 when it opened none.
        A chart of wider buckets need not move."""
        self.histories = history or History()
        self._callbacks: list[Callback] = []
        self._held: dict[str, HeldShares] = {}
        self._ghostly_since: dict[str, float] = {}

    @property
    def paused(self) -> bool:
        """Whether the source is closed at the operator's wish."""
        return False

    def busiest_pct(self) -> float | None:
        """The utilisation of the busiest card in the latest sample; None when unknown."""
        cards = self.latest.cards if self.latest is not None else ()
        known = [card.util_pct for card in cards if card.util_pct is not None]
        return max(known, default=None)

    def subscribe(self, callback: Callback) -> Callable[[], None]:
        """Have each snapshot told; returns what ends that."""
        self._callbacks.append(callback)

        def unsubscribe() -> None:
            with suppress(ValueError):
                self._callbacks.remove(callback)

        return unsubscribe

    def window(self, uuid: str, gauge: Gauge, start_s: float, end_s: float) -> Stretch:
        """A card's history of one gauge between two UTC times, in buckets that suit its length."""
        return self.histories.window(_key(uuid, gauge), start_s, end_s)

    def flow(self, flow: Flow, start_s: float, end_s: float) -> Stretch:
        """The local tier's history on the same axis."""
        return self.histories.window(flow_key(flow), start_s, end_s)

    def take(self, snapshot: Snapshot) -> None:
        """Take a snapshot in and tell of it."""
        moved = 0.0
        cards = []
        for card in snapshot.cards:
            if card.fault is None:
                moved = max(moved, self._keep(card, snapshot.at_ms / 1000))
                card = self._followed(card, snapshot.at_ms / 1000)
            cards.append(card)
        snapshot = self._named(snapshot._replace(cards=tuple(cards)))
        self.latest, self.moved_s = snapshot, moved
        for callback in list(self._callbacks):
            try:
                callback(snapshot, moved > 0)
            except Exception as error:
                self._failed(error)

    def _named(self, snapshot: Snapshot) -> Snapshot:
        """The snapshot with the models that its processes serve, where that is known."""
        return snapshot

    def _failed(self, error: Exception) -> None:
        """A subscriber failed: the others are told all the same."""
        raise error

    def _keep(self, card: Card, at_s: float) -> float:
        """Add a card's values to its histories; the width of the widest bucket that opened."""
        # A card that is late says again what it said: that is no value of now.
        if card.overdue_s("power_w", int(at_s * 1000), self.interval_s) is not None:
            return 0.0
        moved = 0.0
        for gauge in Gauge:
            value = card.reading(gauge)
            if value is not None:
                moved = max(moved, self.histories.add(_key(card.uuid, gauge), at_s, value))
        return moved

    def _followed(self, card: Card, at_s: float) -> Card:
        """The card with what follows from its readings before this one."""
        shares = self._held.setdefault(card.uuid, HeldShares())
        at_s = card.read_ms.get("fast", at_s * 1000) / 1000
        since_s = self._ghostly_since.setdefault(card.uuid, at_s) if card.ghostly else None
        if since_s is None:
            self._ghostly_since.pop(card.uuid, None)
        return card._replace(
            held_pct=shares.take(at_s, card.held_s),
            held_over_s=shares.over_s if card.held_s else None,
            ghostly_s=None if since_s is None else max(0.0, at_s - since_s),
        )


def _key(uuid: str, gauge: Gauge) -> str:
    return f"{uuid}/{gauge}"


def flow_key(flow: Flow) -> str:
    """The key of the local tier's history of one flow."""
    return f"local/{flow}"
