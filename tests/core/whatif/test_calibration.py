"""The tokenizer ratio from compared prompts: found again, with its interval, or not claimed."""

from random import Random

import pytest

from console.core.whatif.calibration import LEAST_PAIRS, calibrated
from console.core.whatif.offer import token_ratio
from console.core.whatif.origin import Origin
from console.core.whatif.traffic import PairOf


def pairs(count, ratio=1.45, model="claude-sonnet-5-5"):
    rng = Random(3)
    local = [rng.randrange(50, 4000) for _ in range(count)]
    per_local = ratio / token_ratio("llama3.1:8b")[1]
    return [
        PairOf(model, "llama3.1:8b", round(n * per_local * rng.uniform(0.9, 1.1)), n) for n in local
    ]


def test_the_ratio_that_made_the_pairs_is_found_again():
    found = calibrated(pairs(400), "claude-haiku-5-5")
    assert set(found) == {"api.tokenizer_ratio_in", "api.tokenizer_ratio_out"}
    ratio = found["api.tokenizer_ratio_in"]
    assert ratio.value == pytest.approx(1.45, rel=0.01)
    assert ratio.source.origin is Origin.MEASURED and "400 compared prompts" in ratio.source.text
    assert ratio.source.low < 1.45 < ratio.source.high


def test_too_few_and_another_family_claim_nothing():
    assert calibrated(pairs(LEAST_PAIRS - 1), "claude-haiku-5-5") == {}
    assert calibrated(pairs(100), "gpt-6-luna") == {}
