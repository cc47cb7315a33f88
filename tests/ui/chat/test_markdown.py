"""Markdown of a reply: laid out within the width, nothing hidden, nothing that acts."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.style import Style

from console.core.text import printable
from console.ui.draw.line import STYLES
from console.ui.draw.markdown import LAYOUT_LIMIT, MarkdownPainter
from tests.ui.chat.hostile import HOSTILE

PALETTE = {name: Style.parse("bold" if name == "strong" else "none") for name in STYLES}
PAINTER = MarkdownPainter(PALETTE)


def laid_out(text, width=60):
    rows = PAINTER.rows(printable(text), width)
    return rows and ["".join(segment.text for segment in row).rstrip() for row in rows]


def test_lists_tables_code_and_quotes():
    text = (
        "# Title\n\n1. one\n   - two\n\n| a | b |\n|---|--:|\n| x | 1 |\n\n```python\nf()\n```\n> q"
    )
    assert laid_out(text) == [
        "# Title", "", " 1 one", "    • two", "", "a  b", "────", "x  1", "", "  python", "  f()",
        "", "▌ q",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("one\ntwo", ["one two"]),
        ("one  \ntwo\\\nthree", ["one", "two", "three"]),
        ("- one\n  goes on\n- two", [" • one goes on", " • two"]),
        ("> one\n> two", ["▌ one two"]),
        ("**one**\n*two*", ["one two"]),
        ("漢字の\n**文章**", ["漢字の文章"]),
        ("한국어\n문장", ["한국어 문장"]),
    ],
)
def test_the_end_of_a_line_within_a_paragraph_is_a_space_unless_a_break_is_wanted(text, rows):
    assert laid_out(text) == rows


def test_links_and_images_are_shown_in_full_and_not_as_hyperlinks():
    text = "[ok](http://a.example/x) ![pic](file:///etc/passwd)"
    rows = PAINTER.rows(text, 80)
    assert laid_out(text, 80) == ["ok (http://a.example/x) ![pic](file:///etc/passwd)"]
    assert not any(segment.style and segment.style.link for row in rows for segment in row)


def test_html_is_text():
    assert laid_out("<b>x</b> <!-- y -->") == ["<b>x</b> <!-- y -->"]


@pytest.mark.parametrize(
    "text",
    [
        '[a](http://b "hidden")',
        "&#x202e;txt",
        "|".join(["abc"] * 90) + "\n" + "|".join("-" * 90),
        ">" * 200 + " deep",
        "`" * 40,
        "x" * (LAYOUT_LIMIT + 1),
    ],
    ids=["link title", "entity", "columns", "depth", "marks only", "length"],
)
def test_what_would_be_hidden_or_slow_is_left_as_it_came(text):
    assert laid_out(text) is None


def test_a_column_too_narrow_for_layout_is_left_alone():
    assert PAINTER.rows("- a", 19) is None


def test_what_the_layout_fails_on_is_left_as_it_came(monkeypatch):
    def failing(*args, **kwargs):
        raise RecursionError

    monkeypatch.setattr(PAINTER._console, "render_lines", failing)
    assert laid_out("text") is None


PIECES = st.lists(
    st.sampled_from([
        "[", "](", ")", "*", "_", "`", "```", "\n", "\n\n", "> ", "- ", "1. ", "    ", "|", "---",
        "a", "漢", "&lt;", "&#x9b;", "<b>", "# ", "~~", "!", "\\", "http://x",
    ]),
    max_size=50,
)  # fmt: skip


@settings(deadline=None)
@given(PIECES, st.integers(20, 50))
def test_any_markdown_fits_is_printable_and_shows_every_letter(pieces, width):
    text = "".join(pieces)
    rows = PAINTER.rows(text, width)
    for row in rows or ():
        line = "".join(segment.text for segment in row)
        assert cell_len(line) <= width and printable(line) == line
    if rows:
        shown = "".join(segment.text for row in rows for segment in row)
        assert shown.count("a") >= text.count("a")


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_stays_text(name):
    text = printable(HOSTILE[name])
    for row in PAINTER.rows(text, 40) or ():
        line = "".join(segment.text for segment in row)
        assert printable(line) == line and "\n" not in line


@pytest.mark.parametrize("info", ["text", "", "python title=x", "no-such-language"])
def test_a_fence_of_any_language_is_laid_out(info):
    rows = laid_out(f"```{info}\na = 1\n```")
    assert rows == [*([f"  {info}"] if info else []), "  a = 1"]
