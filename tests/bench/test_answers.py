"""Answers are looked for in linear time, whatever a model writes."""

import time

import pytest

from console.core.answers import Kind, asked_kind, reply_answer

pytestmark = pytest.mark.bench


@pytest.mark.parametrize(
    "text",
    ["\n" * 20_000, "what is 1" + " " * 19_000 + "x", "output of " * 2_000, "how many " * 2_000,
     "answer" + "\n" * 19_000, "answer: " * 2_500, "(" * 20_000, "1," * 10_000],
    ids=lambda text: repr(text[:8]),
)  # fmt: skip
def test_no_text_keeps_it_busy(text):
    began = time.process_time()
    asked_kind(text)
    for kind in Kind:
        reply_answer(text, kind)
    assert time.process_time() - began < 0.25
