"""What the guard finds, in every dress; what it leaves alone; and that it takes linear time."""

import random
import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.core.guard.kinds import Kind
from console.core.guard.scan import MOST_CHARS, scan
from console.core.guard.tokens import PREFIXES
from tests.core.guard.samples import HARMLESS, SAMPLES

CASES = [(kind, sample) for kind, samples in SAMPLES.items() for sample in samples]


@pytest.mark.parametrize(("kind", "sample"), CASES)
def test_each_kind_is_found_alone_and_in_a_sentence(kind, sample):
    for text in (sample, f"Hello, please help: {sample} thanks!", f"x\n{sample}\ny"):
        assert kind in scan(text).kinds


@pytest.mark.parametrize("text", HARMLESS)
def test_what_only_looks_alike_is_left_alone(text):
    assert scan(text).clean, scan(text).kinds


def of_form(form, dice):
    """A text of a token's form: classes filled at random, repeats at their least."""
    out = []
    for atom, least in re.findall(r"(\[[^\]]+\]|\\[dw.$]|[^\\\[(){}?+*])(?:\{(\d+),?\d*\})?", form):
        letters = [c for c in string.ascii_letters + string.digits + "_-./+=$"
                   if re.fullmatch(atom if atom != "." else re.escape(atom), c)]  # fmt: skip
        out += [dice.choice(letters) for _ in range(int(least or 1))]
    return "".join(out)


@pytest.mark.parametrize("prefix", PREFIXES)
def test_a_token_of_each_provider_is_found(prefix):
    dice = random.Random(prefix)
    form = re.sub(r"\(\?[=!<][^)]*\)", "", PREFIXES[prefix]).replace("(?:-\\d)?", "")
    found = 0
    for _ in range(20):
        body = of_form(form, dice)
        if re.match(PREFIXES[prefix], body):
            found += Kind.TOKEN in scan(f"use {prefix}{body} now").kinds
    assert found, (prefix, form, body)


def test_more_than_forty_providers_are_known():
    assert len(set(PREFIXES.values())) > 60


@pytest.mark.parametrize(
    "token",
    ["110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw1",
     "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N",
     "0123456789abcdeffedcba9876543210-us12".replace("0123456789abcdef", "9f8a7b6c5d4e3f2a"),
     "MTk4NjIyNDgzNDcxOTI1MjQ4.Cl2FMQ.ZnCjm1XVW7vRze4b7Cq4se7kKWs"],
)  # fmt: skip
def test_tokens_without_a_prefix_are_found(token):
    assert {Kind.TOKEN, Kind.JWT} & set(scan(f"it is {token}.").kinds)


def test_it_says_what_matched_without_showing_it():
    found = scan("write to jane@example.org, card 4111 1111 1111 1111")
    assert found.words == "an e-mail address, a card number"


def test_kinds_can_be_ruled_out():
    assert scan("the host is 106.31.73.20", ignored={Kind.IP}).clean


def test_what_cannot_be_looked_through_is_said():
    assert "too long" in scan("a" * (MOST_CHARS + 1)).words
    assert "binary" in scan("a\0b").words
    assert "many times" in scan("\ufdfa" * 1000).words
    ticks = iter(range(100))
    assert "took longer" in scan("hello 1", lambda: float(next(ticks))).words


@given(st.text(max_size=400))
def test_nothing_breaks_it(text):
    scan(text)


@pytest.mark.parametrize("piece", ["1(0)", "key=", "eyJ", "pass", "a@", "4111 "])
def test_a_megabyte_of_anything_ends(piece):
    scan((piece * MOST_CHARS)[:MOST_CHARS])
