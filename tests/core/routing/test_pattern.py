"""Expressions mean what they mean elsewhere, and cannot be made to run away."""

import random
import re

import pytest

from console.core.routing.language import language
from console.core.routing.pattern import Pattern


def an_expression(dice, depth=0):
    roll = dice.random()
    if depth > 3 or roll < 0.5:
        atom = dice.choice(
            ["a", "b", ".", "[ab]", "[^a]", r"\d", r"\w", r"\b", "^", "$", r"\s", " "]
        )
    elif roll < 0.7:
        atom = f"({an_expression(dice, depth + 1)})"
    elif roll < 0.8:
        atom = f"(?:{an_expression(dice, depth + 1)}|{an_expression(dice, depth + 1)})"
    else:
        return an_expression(dice, depth + 1) + an_expression(dice, depth + 1)
    if dice.random() < 0.3 and atom not in (r"\b", "^", "$"):
        atom += dice.choice(["*", "+", "?", "{2}", "{1,2}", "{0,}", "*?"])
    return atom


def test_it_agrees_with_the_standard_library():
    dice, compared = random.Random(7), 0
    while compared < 2_000:
        expression = an_expression(dice)
        try:
            known = re.compile(expression, re.DOTALL | re.MULTILINE)
        except re.error:
            continue
        text = "".join(dice.choice("ab c1_\n") for _ in range(dice.randrange(9)))
        assert Pattern(expression).search(text) == bool(known.search(text)), (expression, text)
        compared += 1


@pytest.mark.parametrize("evil", ["(a+)+$", "(a|a)*b", "(.*)*x", "(a|aa)+$", ".*.*.*="])
def test_what_runs_away_elsewhere_ends_here(evil):
    assert not Pattern(evil).search("a" * 20_000 + "!")


@pytest.mark.parametrize(
    ("wrong", "why"),
    [("(", "is no regular expression"), (r"(a)\1", "back-reference"), ("(?=a)", "only (?:"),
     ("a++", "possessive"), ("(?P<x>a)", "only (?:"), ("(((a{50}){50}){50})", "too large"),
     ("*a", "is no regular expression"), ("(" * 300 + "a" + ")" * 300, "nested"),
     (r"\Aa", "use ^")],
)  # fmt: skip
def test_what_cannot_be_matched_in_linear_time_is_refused_with_the_reason(wrong, why):
    with pytest.raises(ValueError, match=re.escape(why)):
        Pattern(wrong)


def test_case_and_classes():
    assert Pattern("(?i)ticket-[0-9]+").search("see TICKET-42")
    assert not Pattern("ticket-[0-9]+").search("see TICKET-42")
    assert Pattern(r"[\]a-]+").search("-") and Pattern("[]a]").search("]")


@pytest.mark.parametrize(
    ("text", "code"),
    [("What is the capital of France and how large is it?", "en"),
     ("Wie viele Einwohner hat die Stadt und was kostet das?", "de"),
     ("Quelle est la capitale de la France et pour qui?", "fr"),
     ("¿Cuál es la capital de España y cómo se llega por tren?", "es"),
     ("東京の天気はどうですか", "ja"), ("今天天气怎么样", "zh"), ("Какая сегодня погода", "ru"),
     ("x = 3 + 4", None), ("", None)],
)  # fmt: skip
def test_languages(text, code):
    assert language(text) == code
