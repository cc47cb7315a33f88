"""Answers that say the same are equal, whatever they are dressed in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.core.answers import Kind, agree, asked_kind, closing_answer, reply_answer


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("18", "18.0", True), ("$1,800", "1800", True), ("1/2", "0.5", True), ("18", "-18", False),
        ("12 apples", "12", True), ("50%", "50", True), ("(B)", "b.", True), ("B", "C", False),
        ("[1, 2]", "[1,2]", True), ("[1, 2]", "(1, 2)", False), ("'ab'", '"ab"', True),
        ("{'a': 1}", "{'a':1}", True), ("Paris.", "paris", True), ("", "B", None),
        (None, "B", None), ("0or 1", "0or 1", True),
        ("9" * 3000, "9" * 3000, None), ("1/0", "1/0", True),
    ],
)  # fmt: skip
def test_agreement(first, second, same):
    assert agree(first, second) is same


@given(st.text(max_size=200), st.text(max_size=200))
def test_agreement_takes_any_text(first, second):
    assert agree(first, second) == agree(second, first)
    assert agree(first, first) in (True, None)


@given(st.text(max_size=400))
def test_any_reply_can_be_looked_at(reply):
    for kind in (None, *Kind):
        closing_answer(reply, kind)
    for kind in Kind:
        reply_answer(reply, kind)


@pytest.mark.parametrize(
    ("reply", "kind", "value"),
    [
        ("Hence 3 + 4 = 7. #### 7", Kind.NUMBER, "7"),
        ("so the answer is (C).", Kind.CHOICE, "C"),
        ('{"reasoning": "x", "answer": "[[3, 1], [2]]"}', Kind.LITERAL, "[[3, 1], [2]]"),
        ('{"reasoning": "x", "answer": 18}', Kind.NUMBER, "18"),
        (r"therefore \boxed{42}", Kind.NUMBER, "42"),
        ("They have 12 left, of 30, which makes 18 apples", Kind.NUMBER, "18"),
        ("The answer is B. No: the answer is D.", Kind.CHOICE, "D"),
        ("I think\nB", Kind.CHOICE, "B"),
        ("I cannot say", Kind.CHOICE, None),
        ("A good question", None, None),
    ],
)
def test_what_a_reply_closes_with(reply, kind, value):
    found = closing_answer(reply, kind)
    assert (found and found.value) == value


@pytest.mark.parametrize(
    ("reply", "kind", "value"),
    [
        ("B) Paris, the capital.", Kind.CHOICE, "B"),
        ("(C).", Kind.CHOICE, "C"),
        ("A long story", Kind.CHOICE, None),
        ("I.e. nothing", Kind.CHOICE, None),
        ("[1,2]", Kind.LITERAL, "[1, 2]"),
        ("`'ab'`", Kind.LITERAL, "'ab'"),
        ("It returns a list.", Kind.LITERAL, None),
        ("18 apples", Kind.NUMBER, "18"),
        ("None of them", Kind.NUMBER, None),
    ],
)
def test_a_reply_that_is_nothing_but_its_answer(reply, kind, value):
    found = reply_answer(reply, kind)
    assert (found and found.value) == value


@pytest.mark.parametrize(
    ("prompt", "kind"),
    [
        ("What is 17 * 24?", Kind.NUMBER),
        ("calculate (3 + 4) / 2", Kind.NUMBER),
        ("What is 5G?", None),
        ("What is 17 in words, and why?", None),
    ],
)
def test_a_sum_asks_for_a_number(prompt, kind):
    assert asked_kind(prompt) is kind


@pytest.mark.parametrize(
    ("prompt", "kind"),
    [
        ("Which?\nA. one\nB. two\nC. three", Kind.CHOICE),
        ("assert f([1, 2]) == ??", Kind.LITERAL),
        ("How many apples are left?", Kind.NUMBER),
        ("Write a poem about the sea.", None),
    ],
)
def test_what_is_asked_for(prompt, kind):
    assert asked_kind(prompt) is kind
