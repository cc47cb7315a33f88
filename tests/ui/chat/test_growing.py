"""A reply's text as it grows: how it is cut into pieces never matters."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.core.text import printable
from console.ui.draw.growing import Growing
from console.ui.draw.markdown import LAYOUT_LIMIT
from tests.ui.chat.hostile import HOSTILE


def grown(*pieces, close=True):
    growing = Growing()
    for piece in pieces:
        growing.feed(piece)
    if close:
        growing.close()
    return growing


@pytest.mark.parametrize(
    ("text", "blocks"),
    [
        ("one\ntwo\n\nthree", ["one\ntwo", "three"]),
        ("\n\n\none\n\n\n", ["one"]),
        ("- a\n\n  more of a\n- b\n\nend", ["- a\n\n  more of a\n- b", "end"]),
        ("```py\na\n\nb\n```\nafter", ["```py\na\n\nb\n```", "after"]),
        ("````\n```\n\n````\nx", ["````\n```\n\n````", "x"]),
        ("```a``` is inline\n\nx", ["```a``` is inline", "x"]),
        ("~~~\n```\n\n~~~\nx", ["~~~\n```\n\n~~~", "x"]),
        ("- a\n  ```\n\n  code\n  ```\n\n  b\n\nx", ["- a\n  ```\n\n  code\n  ```\n\n  b", "x"]),
        ("```\nnever\n\nclosed", ["```\nnever\n\nclosed"]),
        ("one\r\n\r\ntwo\r\n", ["one", "two"]),
    ],
)
def test_blocks_end_where_nothing_later_can_change_them(text, blocks):
    assert grown(text).blocks == blocks
    assert grown(*text).blocks == blocks


def test_the_block_being_written_is_shown_line_by_line():
    growing = grown("done\n\n- first\n- sec", close=False)
    assert (growing.blocks, growing.lines) == (["done"], ["- first", "- sec"])


def test_half_a_line_end_is_not_shown():
    growing = grown("- one\r", close=False)
    assert growing.lines == ["- one"]
    growing.feed("\n- two")
    assert growing.lines == ["- one", "- two"]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("one\ntwo\r\n  three", ["one two three"]),
        ("- one\n  goes on\n- two", ["- one goes on", "- two"]),
        ("1. one\n2. two", ["1. one", "2. two"]),
        ("# Title\ntext\n# Title", ["# Title", "text", "# Title"]),
        ("text\n```\na\nb\n", ["text", "```", "a", "b"]),
        ("- x\n  ```\n  a\n  b\n  ```\n  y\n  z", ["- x", "  ```", "  a", "  b", "  ```", "  y z"]),
        ("a | b\n--|--\n1 | 2", ["a | b", "--|--", "1 | 2"]),
        ("|a|\n|-|\n|1|", ["|a|", "|-|", "|1|"]),
        ("> one\n> two", ["> one", "> two"]),
        ("broken  \nwanted\\\nso", ["broken  ", "wanted\\", "so"]),
        ("    a = 1\n    b = 2", ["    a = 1", "    b = 2"]),
        ("Title\n=====\ntext\n---\nx", ["Title", "=====", "text", "---", "x"]),
        ("漢字の\n文章", ["漢字の文章"]),
        ("漢字 and\n文章\nend", ["漢字 and 文章 end"]),
        ("한국어\n문장", ["한국어 문장"]),
    ],
)
def test_lines_of_a_paragraph_flow_into_one_however_they_come(text, lines):
    assert grown(text, close=False).lines == lines
    assert grown(*text, close=False).lines == lines


def test_a_paragraph_of_very_many_lines_is_not_put_together_again_and_again():
    growing = grown("ab\n" * 60_000, close=False)
    assert max(map(len, growing.lines)) < 2 * LAYOUT_LIMIT
    assert sum(line.count("a") for line in growing.lines) == 60_000


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_cut_anywhere_comes_out_the_same_and_printable(name):
    text = HOSTILE[name]
    whole = grown(text).blocks
    for at in range(1, min(len(text), 400)):
        assert grown(text[:at], text[at:]).blocks == whole
    assert all(printable(block) == block for block in whole)


@settings(deadline=None)
@given(st.lists(st.text(st.sampled_from("ab `~>-1.\n\r\t"), max_size=12), max_size=12))
def test_pieces_never_matter(pieces):
    whole = grown("".join(pieces))
    assert grown(*pieces).blocks == whole.blocks
    kept = "".join(letter for block in whole.blocks for letter in block if letter.isalnum())
    assert kept == "".join(letter for letter in "".join(pieces) if letter.isalnum())
