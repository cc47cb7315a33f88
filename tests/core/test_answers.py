"""What counts as a reply's answer, and when it is right."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.core.answers import Kind, given_answer, kind_of, right, same
from console.core.proportion import wilson


def value(answer):
    return answer and answer.value


@pytest.mark.parametrize(
    ("expected", "kind"),
    [("42", Kind.NUMBER), ("-1,234.50", Kind.NUMBER), ("$5", Kind.NUMBER), ("B", Kind.CHOICE),
     ("(C)", Kind.CHOICE), ("b", Kind.EXACT), ("[1, 2]", Kind.LITERAL), ("[sic]", Kind.EXACT),
     ("K", Kind.EXACT),
     ("1e9x", Kind.EXACT), ("-", Kind.EXACT)],
)  # fmt: skip
def test_the_kind_follows_from_what_is_expected(expected, kind):
    assert kind_of(expected) is kind


@pytest.mark.parametrize(
    ("reply", "answer"),
    [
        ("First 3, then 5, so 15.", "15"),
        ("The answer is 1,250.00 dollars, not 7.", "1250"),
        ("so\n#### 18\n", "18"),
        (r"Thus \boxed{-0.5} as 2 halves", "-0.5"),
        ("The final answer: **7** (of 9)", "7"),
        ("none", None),
        ("", None),
        ("1" * 50, "1" * 50),
    ],
)
def test_numbers(reply, answer):
    assert value(given_answer(reply, Kind.NUMBER)) == answer


@pytest.mark.parametrize(
    ("reply", "answer"),
    [("B", "B"), ("(B)", "B"), ("The answer is (C). A is wrong.", "C"), ("**D**", "D"),
     ("Answer: option A", "A"), ("I think B, because B fits", "B"), ("no idea", None)],
)  # fmt: skip
def test_choices(reply, answer):
    assert value(given_answer(reply, Kind.CHOICE)) == answer


@pytest.mark.parametrize(
    ("reply", "expected"),
    [("Paris.", "paris"), ("It is a city.\nAnswer: `Paris`", "Paris"),
     ("```\n[1, 2]\n```", "[1, 2]"), ("  New   York ", "new york")],
)  # fmt: skip
def test_literals_are_right_whatever_their_frame(reply, expected):
    assert right(reply, expected, Kind.EXACT)
    assert not right("no " + reply + "\nOr Rome.", expected, Kind.EXACT)


@pytest.mark.parametrize(
    "reply",
    ["[1,2]", "So:\n```python\n[1, 2]\n```", "the answer is `[1,2]`.", "It returns\n[1, 2]"],
)
def test_a_literal_is_right_by_its_value(reply):
    assert right(reply, "[1, 2]", Kind.LITERAL)
    assert not right(reply, "[2, 1]", Kind.LITERAL)


def test_a_literals_letters_keep_their_case():
    assert right("It returns\n['A', True]", "['A',True]", Kind.LITERAL)
    assert not right("It returns\n['a', True]", "['A', True]", Kind.LITERAL)


def test_two_replies_agree_on_an_answer_not_on_its_words():
    assert same("It is 4.", "#### 4.0", Kind.NUMBER)
    assert not same("It is 4.", "5", Kind.NUMBER)
    assert not same("no number", "none either", Kind.NUMBER), "no answer is not the same answer"


@given(st.text(max_size=300), st.sampled_from(Kind))
def test_any_text_has_an_answer_or_none(text, kind):
    answer = given_answer(text, kind)
    assert answer is None or answer.value
    assert same(text, text, kind) is (answer is not None)


def test_wilson_is_the_published_interval():
    assert wilson(0, 0) is None
    low, high = wilson(8, 10)
    assert (round(low, 4), round(high, 4)) == (0.4902, 0.9433)
    assert wilson(0, 10)[0] == 0.0 and wilson(10, 10)[1] > 0.999
