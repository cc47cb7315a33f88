"""The cards that were seen, by UUID: what they were called, and the errors told of them."""

from collections.abc import Collection

from console.core.gpu import Card, Snapshot


class KnownCards:
    """Remembers cards over the readers that come and go.

    A reader hears of Xid events from its start on only, and often such an event is why the next
    one takes over: they are remembered here, and counted on.
    """

    def __init__(self) -> None:
        self._cards: dict[str, Card] = {}
        self._told: dict[str, int] = {}
        self._before: dict[str, int] = {}

    def indices(self, uuids: Collection[str]) -> list[int]:
        """Where cards were last seen."""
        return [card.index for uuid, card in self._cards.items() if uuid in uuids]

    def named(self, snapshot: Snapshot) -> Snapshot:
        """The snapshot with cards that cannot say who they are named as they were before.

        A card that was here and is not even counted any more is lost.
        """
        if snapshot.trouble:
            return snapshot
        snapshot = snapshot._replace(cards=tuple(map(self._with_events, snapshot.cards)))
        for card in snapshot.cards:
            if card.uuid:
                self._cards[card.uuid] = card
        told = {card.uuid for card in snapshot.cards}
        missing = {card.index: card for card in self._cards.values() if card.uuid not in told}
        cards = []
        for card in snapshot.cards:
            before = missing.pop(card.index, None) if not card.uuid else None
            if before is not None:
                card = self._with_events(card._replace(uuid=before.uuid, name=before.name))
            cards.append(card)
        present = {card.index for card in cards}
        lost = (
            Card(
                index=card.index,
                uuid=card.uuid,
                name=card.name,
                pci=card.pci,
                fault="lost",
                xid=card.xid,
                xid_ms=card.xid_ms,
                xids=card.xids,
            )
            for card in missing.values()
            if card.index not in present
        )
        return snapshot._replace(cards=tuple(sorted([*cards, *lost], key=lambda c: c.index)))

    def _with_events(self, card: Card) -> Card:
        """The card with the Xid events that earlier readers heard of."""
        known, count = self._cards.get(card.uuid), card.xids or 0
        if known is not None and count < self._told.get(card.uuid, 0):
            self._before[card.uuid] = known.xids or 0
        self._told[card.uuid] = count
        before = self._before.get(card.uuid, 0)
        if known is None or not before:
            return card
        last = known if card.xid is None else card
        return card._replace(xid=last.xid, xid_ms=last.xid_ms, xids=before + count)
