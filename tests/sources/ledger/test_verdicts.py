"""Verdicts in a real file: what was said comes back, and means what it meant."""

from dataclasses import replace

import pytest

from console.core.tier import Tier
from console.core.verdict import Judgement, Verdict, hash_of
from console.sources.ledger.store import LedgerReader, SqliteLedger

SAID = Verdict(
    pair="p1", a="e1", b="e2", a_tier=Tier.API, judgement=Judgement.B, at_ms=5,
    prompt_hash=hash_of("why?"), features={"chars": 4.0}, features_version=1,
)  # fmt: skip


@pytest.fixture
def ledger(tmp_path):
    ledger = SqliteLedger(tmp_path / "ledger.db", now_ms=0)
    yield ledger
    ledger.close()


def test_verdicts_come_back_oldest_first(ledger):
    older = replace(SAID, pair="p0", at_ms=1, features=None, features_version=None, prompt="why?")
    ledger.keep_verdict(SAID)
    ledger.keep_verdict(older)
    reader = LedgerReader(ledger.path)
    assert reader.verdicts() == [older, SAID]
    reader.close()


def test_a_second_verdict_on_a_pair_replaces_the_first(ledger):
    ledger.keep_verdict(SAID)
    ledger.keep_verdict(replace(SAID, judgement=Judgement.TIE, at_ms=9))
    assert [(v.judgement, v.at_ms) for v in ledger.verdicts()] == [(Judgement.TIE, 9)]


@pytest.mark.parametrize(
    ("judgement", "winner", "local", "api"),
    [
        (Judgement.A, Tier.API, 0.0, 1.0),
        (Judgement.B, Tier.LOCAL, 1.0, 0.0),
        (Judgement.TIE, None, 1.0, 1.0),
        (Judgement.BOTH_BAD, None, 0.0, 0.0),
    ],
)
def test_a_verdict_is_a_label_of_both_tiers(judgement, winner, local, api):
    verdict = replace(SAID, judgement=judgement)
    assert verdict.winner is winner
    assert verdict.qualities == {Tier.LOCAL: local, Tier.API: api}
