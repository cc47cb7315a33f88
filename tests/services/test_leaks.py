"""What must stay does: random histories against recording tiers, and proof that they would tell."""

import pytest

from console.core.routing import gate
from console.core.routing.gate import Purpose
from console.sources.demo.servers import open_stand_ins
from console.sources.demo.standin import INSTANT
from tests.services.schedules import HttpWorld, leaks, run

WAYS = (
    Purpose.OVERRIDE, Purpose.RETRY, Purpose.FALLBACK, Purpose.COMPARE, Purpose.CASCADE,
    Purpose.TITLE, Purpose.COUNT, Purpose.LOG,
)  # fmt: skip


def test_nothing_leaks_in_a_thousand_histories():
    found, stayed = run(1_000)
    assert stayed > 1_000 and found == []


def test_nothing_leaks_over_real_connections():
    with open_stand_ins(0, local_tokens_per_s=INSTANT, api_tokens_per_s=INSTANT) as servers:
        found, stayed = run(25, make=lambda seed: HttpWorld(seed, servers))
        assert stayed > 40 and found == []
        assert len(servers.api.chats) > 10 and len(servers.local.chats) > 10


@pytest.mark.parametrize("way", WAYS)
def test_without_the_check_of_one_way_the_histories_tell(way, monkeypatch):
    permits = gate.permits
    monkeypatch.setattr(
        gate, "permits",
        lambda purpose, allowed, tier: purpose is way or permits(purpose, allowed, tier),
    )  # fmt: skip
    for first in range(0, 1_000, 50):
        found, _ = run(50, first=first)
        if found:
            return
    pytest.fail(f"1,000 histories without the check of a {way} showed no leak")


def test_a_mark_is_seen_in_each_coding():
    assert leaks("mark00001z", b"xx mark00001z")
    assert leaks("a b/c", b"q=a%20b%2Fc")
    import base64

    for before in (b"", b"x", b"xy"):
        assert leaks("mark00001123456z", base64.b64encode(before + b"mark00001123456z" + b"tail"))
    assert not leaks("mark00001123456z", b"mark00001123457z")
