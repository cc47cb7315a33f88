"""What is remembered of cards while readers come and go."""

from console.core.gpu import Card, Snapshot
from console.sources.gpu.known import KnownCards

A, B = "GPU-a", "GPU-b"


def seen(*cards):
    return Snapshot(at_ms=1, cards=cards)


def card(uuid=A, index=0, xid=None, xids=None, **values):
    return Card(index=index, uuid=uuid, name="L4", xid=xid, xid_ms=xid and 7, xids=xids, **values)


def events(known, *cards):
    return [(each.xid, each.xids) for each in known.named(seen(*cards)).cards]


def test_xid_events_outlive_the_reader_that_heard_of_them():
    known = KnownCards()
    assert events(known, card()) == [(None, None)]
    assert events(known, card(xid=31, xids=1)) == [(31, 1)]
    assert events(known, card(xid=79, xids=2)) == [(79, 2)]
    # Another reader, which has heard of none yet, then of one.
    assert events(known, card()) == events(known, card()) == [(79, 2)]
    assert events(known, card(xid=48, xids=1)) == [(48, 3)]
    assert events(known, card()) == [(48, 3)]


def test_a_card_that_is_lost_keeps_its_name_and_its_event():
    known = KnownCards()
    known.named(seen(card(xid=79, xids=1), card(B, 1)))
    (nameless, _) = known.named(seen(card(uuid="", fault="lost"), card(B, 1))).cards
    assert (nameless.uuid, nameless.xid, nameless.fault) == (A, 79, "lost")
    (uncounted, _) = known.named(seen(card(B, 1))).cards
    assert (uncounted.uuid, uncounted.xid, uncounted.fault) == (A, 79, "lost")


def test_a_card_that_moved_is_one_card():
    known = KnownCards()
    known.named(seen(card(), card(B, 1)))
    assert [each.uuid for each in known.named(seen(card(B, 0), card(A, 1))).cards] == [B, A]
    assert known.indices([A]) == [1]
