"""Labels from blind verdicts, and prompts scored in bulk as a stream."""

import json
from dataclasses import asdict, replace

import pytest

from console.core.score.dollars import CallPrice
from console.core.score.features import VERSION, features
from console.core.score.label import Question
from console.core.tier import Tier
from console.core.verdict import Judgement, Verdict
from console.services.scoring import FEWEST_VERDICTS, labels_of, score_all


def verdict(number, judgement=Judgement.B, **changes):
    kept = json.loads(json.dumps(asdict(features(f"prompt number {number}"))))
    found = Verdict(
        pair=f"p{number}", a=f"a{number}", b=f"b{number}", a_tier=Tier.LOCAL,
        judgement=judgement, at_ms=number, prompt_hash=f"h{number % 7}",
        features=kept, features_version=VERSION,
    )  # fmt: skip
    return replace(found, **changes)


def test_verdicts_become_labels_without_their_prompts():
    labels = labels_of([verdict(number) for number in range(FEWEST_VERDICTS)])
    assert labels[0].features == features("prompt number 0")
    assert (labels[0].weak, labels[0].strong, labels[0].question.prompt) == (0.0, 1.0, "")
    assert labels[7].group == labels[0].group


def test_a_tie_gains_nothing():
    verdicts = [verdict(number, Judgement.TIE) for number in range(FEWEST_VERDICTS)]
    assert {label.gain for label in labels_of(verdicts)} == {0.0}


def test_verdicts_of_other_features_do_not_count():
    verdicts = [verdict(number) for number in range(FEWEST_VERDICTS)]
    verdicts[0] = replace(verdicts[0], features_version=VERSION - 1)
    with pytest.raises(ValueError, match="299 blind verdicts"):
        labels_of(verdicts)


def test_a_bulk_is_a_stream_whose_share_is_held():
    questions = [Question(id=str(at), prompt="word " * (at % 90 + 1)) for at in range(300)]
    scored = list(score_all(questions, None, CallPrice(3, 15), 0.3))
    assert [one.id for one in scored] == [question.id for question in questions]
    assert sum(one.decision is Tier.API for one in scored) == pytest.approx(90, abs=4)
    assert all(one.value_per_usd > 0 for one in scored)
