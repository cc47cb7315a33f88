"""Features count what a prompt holds, and nothing of how it is typed."""

import json
from dataclasses import asdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.core.score.features import BUCKETS, NAMES, Features, canonical, features

TYPED = (
    "why", "is", "12.5", "not", "3/4", "of", "a", "Cat?", "A.", "B.", "(x)", "é", "ß", "東京", "$4",
)  # fmt: skip
WORDS = st.lists(st.sampled_from(TYPED))
QUESTION = "Which is not 3/4 of 12? A. 9 B. 8 C. none of the above D. 10"


def value(text, name):
    return features(text).values[NAMES.index(name)]


@given(st.text())
def test_any_text_has_all_features(text):
    found = features(text)
    assert len(found.values) == len(NAMES)
    assert all(0 <= at < BUCKETS and times > 0 for at, times in found.grams.items())


@given(WORDS, st.lists(st.sampled_from([" ", "  ", "\n", "\t ", " \n\n"])))
def test_spacing_does_not_matter(words, spaces):
    typed = "".join(
        word + (spaces[at % len(spaces)] if spaces else " ") for at, word in enumerate(words)
    )
    assert features(typed) == features(" ".join(words))


@given(WORDS)
def test_letter_case_does_not_matter(words):
    text = " ".join(words)
    assert features(text.lower()) == features(text)
    assert features(text.upper()) == features(text)


@given(st.text(max_size=300))
def test_what_json_keeps_is_what_was_counted(text):
    found = features(text)
    assert Features.restored(json.loads(json.dumps(asdict(found)))) == found


@pytest.mark.parametrize(
    "kept", [{}, {"length": 1, "numbers": 0, "values": [1], "grams": {}}, {"grams": []}]
)
def test_what_is_of_another_version_is_refused(kept):
    with pytest.raises(ValueError, match="features"):
        Features.restored(kept)


def test_courtesy_is_left_out():
    plain = canonical("What is the capital of France?")
    for framed in (
        "Hello! Could you please help me with the following question? {} Thank you very much!",
        "Hi, I would appreciate your help with this.\n\n{}\n\nThanks in advance!",
        "{} Please analyze this.",
        "Please, {} Thank you.",
    ):
        assert canonical(framed.format("What is the capital of France?")).lstrip(", ") == plain


@pytest.mark.parametrize("text", ["Please help me with the following.", "thanks", "hello there!"])
def test_a_text_of_courtesy_alone_still_counts(text):
    assert canonical("x " * 9 + text)
    assert features(text).length > 0


@pytest.mark.parametrize("part", ["please ", "hello, ", "thank you ", "a. ", "1,2", "could you "])
def test_no_text_is_slow_to_look_through(part):
    text = part * (1_000_000 // len(part))
    assert features(text).length <= len(text)


def test_options_are_told_from_the_question():
    assert value(QUESTION, "options") == 4
    assert value(QUESTION, "options that are numbers") == 0.75
    assert value(QUESTION, "options about options") == 1
    assert value("Vitamin B. Then A. Then nothing", "options") == 0


def test_counts_of_words_numbers_and_marks():
    assert features("3 apples, 4.5 pears and 1,000 plums").numbers == 3
    assert value("it is not so, and never was", "negations") == pytest.approx(1.0986, abs=1e-4)
    assert value("plain words", "fractions") == 0 < value("a 3/4 share", "fractions")


def test_a_long_text_is_read_at_both_ends_and_counted_whole():
    text = "begin " + "x " * 50_000 + "end"
    found = features(text)
    assert found.length == pytest.approx(len(canonical(text)), abs=2)
    assert features("end").grams.keys() <= found.grams.keys()
