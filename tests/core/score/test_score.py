"""The prior: what adds to it, and what must not move it."""

from math import fsum

import pytest

from console.core.score.score import score

TEXT = "If 3 of 12 trains are late by 40 minutes, how many minutes are lost a week?"


def test_parts_sum_to_the_score():
    found = score(TEXT)
    assert found.source == "prior"
    assert fsum(part.value for part in found.parts) == found.value


@pytest.mark.parametrize("other", [TEXT.upper(), TEXT.lower(), TEXT.replace(" ", "  \n")])
def test_case_and_spacing_do_not_matter(other):
    assert score(other) == score(TEXT)


def test_longer_and_more_numbers_score_higher():
    assert score("why " * 50).value > score("why").value
    assert score("1 2 3 4 5 6").value > score("a b c d e f").value


def test_an_empty_prompt_has_a_score():
    assert score("").value < score("a word").value
