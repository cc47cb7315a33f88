"""When a prompt was cut without a word."""

import pytest

from console.core.context import unread

WORDS = "word " * 4_000


@pytest.mark.parametrize(
    ("sent", "read", "about"),
    [
        (WORDS, 4_096, 5_000),  # cut to the context
        (WORDS, 2_000, 5_000),  # old messages left out
        (WORDS, 5_100, None),
        (WORDS, 4_000, None),  # a tokenizer with longer tokens
        ("   \n" * 9_000 + "short", 12, None),  # spaces are few tokens
        ("exactly so long", 1_024, None),
        ("anything", None, None),
        ("anything at all that is long", 0, None),
    ],
)
def test_a_cut_prompt_is_told_from_a_whole_one(sent, read, about):
    assert unread(sent, read) == about
