"""Model files: what is kept is what was fitted; what is damaged is told; a new one is used."""

import json
import os
from dataclasses import replace

import pytest

from console.core.score.features import BUCKETS, NAMES
from console.core.score.model import Model, ReplyLength
from console.core.score.quality import Quality
from console.core.score.score import score
from console.sources.router.latest import LatestScore
from console.sources.router.model_file import ModelFile, to_json

WIDTH = len(NAMES)
QUALITY = Quality(count=400, apgr=0.62, low=0.58, high=0.66, cpt50=0.3, cpt80=0.6, cost_apgr=0.6)
MODEL = Model(
    source="fitted",
    labels=400,
    quality=QUALITY,
    prior_quality=replace(QUALITY, apgr=0.55),
    base=0.1,
    prior=0.02,
    centers=tuple(0.1 * at for at in range(WIDTH)),
    spreads=(2.0,) * WIDTH,
    counts=tuple(0.001 * (at % 7 - 3) for at in range(WIDTH)),
    pairs=tuple(0.0001 * (at % 11 - 5) for at in range(WIDTH * (WIDTH + 1) // 2)),
    grams=tuple(0.01 * (at % 13 - 6) for at in range(BUCKETS)),
    reply=ReplyLength(base=6.0, weights=(0.01,) * WIDTH),
    scores=tuple(at / 100 for at in range(101)),
    values=tuple(at / 10 for at in range(101)),
)
PROMPT = "Which of these is not 3/4 of 12? A. 9 B. 8 C. none of the above. Why, and how much is it?"


@pytest.fixture
def file(tmp_path):
    kept = ModelFile(tmp_path / "deep" / "router.json")
    kept.save(MODEL)
    return kept


def test_what_is_kept_scores_as_what_was_fitted(file):
    assert file.path.stat().st_mode & 0o777 == 0o600
    assert file.path.stat().st_size < 150_000
    found = file.load().score(PROMPT)
    assert found.value == pytest.approx(MODEL.score(PROMPT).value, abs=1e-4)
    assert found.source == "fitted" and found.gain == found.value


def test_parts_add_up_to_the_score_and_name_words():
    found = MODEL.score(PROMPT)
    assert sum(part.value for part in found.parts) == pytest.approx(found.value, abs=1e-12)
    assert sum(part.value for part in found.told()) == pytest.approx(found.value, abs=1e-12)
    assert len(found.told()) == 9
    assert any(part.seen.startswith("“") for part in found.parts)


def test_products_of_counts_are_in_the_sum_once():
    counted = MODEL.score(PROMPT)
    without = replace(MODEL, pairs=()).score(PROMPT)
    from console.core.score.features import features

    standard = [
        max(-3.0, min(3.0, (value - center) / spread))
        for value, center, spread in zip(
            features(PROMPT).values, MODEL.centers, MODEL.spreads, strict=True
        )
    ]
    weights = iter(MODEL.pairs)
    products = sum(
        next(weights) * standard[row] * standard[column]
        for row in range(WIDTH)
        for column in range(row, WIDTH)
    )
    assert counted.value - without.value == pytest.approx(products)


def test_case_and_spacing_move_no_fitted_score():
    assert MODEL.score(PROMPT.lower().replace(" ", "  ")).value == MODEL.score(PROMPT).value


CHANGES = [
    ({"features_version": 1}, "version 1 of the features"),
    ({"format_version": 9}, "version 9"),
    ({"format": "other"}, "no router model"),
    ({"base": "x"}, "damaged"),
    ({"base": float("inf")}, "damaged"),
    ({"counts": [1.0]}, "damaged"),
    ({"spreads": [0.0] * WIDTH}, "damaged"),
    ({"grams": {"scale": 1, "halves": "AAA"}}, "damaged"),
    ({"grams": {"scale": 1, "halves": "AAAA"}}, "damaged"),
    ({"quality": {}}, "damaged"),
    ({"reply": []}, "damaged"),
]


@pytest.mark.parametrize(("change", "said"), CHANGES)
def test_a_file_that_is_not_whole_is_refused_in_a_sentence(file, change, said):
    file.path.write_text(json.dumps({**to_json(MODEL), **change}))
    with pytest.raises(ValueError, match=said) as refused:
        file.load()
    assert str(file.path) in str(refused.value)


@pytest.mark.parametrize("text", ["", "{", "[]", "[" * 100_000, "\x00"])
def test_any_other_file_is_no_model(file, text):
    file.path.write_text(text)
    with pytest.raises(ValueError, match="no router model"):
        file.load()


def test_a_newly_fitted_score_is_used_at_once_and_a_damaged_one_is_not(file):
    latest = LatestScore(file.path)
    assert latest().name.startswith("fitted on 400")
    assert latest().score(PROMPT).source == "fitted"
    file.path.write_text("broken")
    assert latest().score is score and "no router model" in latest.trouble
    file.save(replace(MODEL, labels=500))
    os.utime(file.path, ns=(1, 1))
    assert latest().name.startswith("fitted on 500") and latest.trouble is None
    file.path.unlink()
    assert latest().score is score and latest.trouble is None
