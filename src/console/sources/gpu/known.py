"""The cards that were seen, by UUID: what a card that cannot say who it is was called."""

from collections.abc import Collection
from dataclasses import replace

from console.core.gpu import Card, Snapshot


class KnownCards:
    """Remembers cards over the readers that come and go."""

    def __init__(self) -> None:
        self._cards: dict[str, Card] = {}

    def indices(self, uuids: Collection[str]) -> list[int]:
        """Where cards were last seen."""
        return [card.index for uuid, card in self._cards.items() if uuid in uuids]

    def named(self, snapshot: Snapshot) -> Snapshot:
        """The snapshot with cards that cannot say who they are named as they were before.

        A card that was here and is not even counted any more is lost.
        """
        if snapshot.trouble:
            return snapshot
        for card in snapshot.cards:
            if card.uuid:
                self._cards[card.uuid] = card
        told = {card.uuid for card in snapshot.cards}
        missing = {card.index: card for card in self._cards.values() if card.uuid not in told}
        cards = []
        for card in snapshot.cards:
            before = missing.pop(card.index, None) if not card.uuid else None
            cards.append(
                card if before is None else replace(card, uuid=before.uuid, name=before.name)
            )
        present = {card.index for card in cards}
        lost = (
            Card(index=card.index, uuid=card.uuid, name=card.name, pci=card.pci, fault="lost")
            for card in missing.values()
            if card.index not in present
        )
        return replace(snapshot, cards=tuple(sorted([*cards, *lost], key=lambda c: c.index)))
