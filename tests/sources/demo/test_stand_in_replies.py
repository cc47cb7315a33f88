"""What the stand-ins say, and how they count."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.sources.demo import replies


@given(st.text())
def test_pieces_are_the_whole_text(text):
    assert "".join(replies.pieces(text)) == text


def test_a_text_is_cut_as_the_rule_says():
    assert replies.pieces("Hello, unbelievable  world\n\n    x") == [
        *("Hello", ",", " unbeliev", "able", " ", " world", "\n", "\n", "   ", " x")
    ]


@given(st.text())
def test_a_prompt_always_has_the_same_reply(prompt):
    chosen = replies.choose(replies.LOCAL_REPLIES, prompt)
    assert chosen in replies.LOCAL_REPLIES
    assert chosen == replies.choose(replies.LOCAL_REPLIES, prompt)


def test_different_prompts_find_every_reply():
    for texts in (replies.LOCAL_REPLIES, replies.API_REPLIES):
        assert {replies.choose(texts, f"prompt {n}") for n in range(100)} == set(texts)


@pytest.mark.parametrize("reply", [*replies.LOCAL_REPLIES, *replies.API_REPLIES])
def test_every_reply_says_that_no_model_wrote_it(reply):
    assert "stand-in" in reply and "model" in reply
    assert 60 < replies.count(reply) < 1024
    assert reply.count("```") % 2 == 0


def test_some_replies_have_each_kind_of_markdown():
    for texts in (replies.LOCAL_REPLIES, replies.API_REPLIES):
        together = "\n".join(texts)
        for mark in ("\n#", "\n- ", "\n1. ", "\n```", "\n|---", "**", "`"):
            assert mark in f"\n{together}"


def test_content_is_text_or_blocks():
    blocks = [{"type": "text", "text": "a"}, {"type": "image"}, {"type": "text", "text": "b"}]
    assert replies.said(blocks) == "a\nb"
    with pytest.raises(ValueError):
        replies.said(None)
