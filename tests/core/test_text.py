"""Nothing that commands a terminal survives, and what does is what was written."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.core.text import Streamed, one_line, printable, spreadsheet_safe


@pytest.mark.parametrize(
    ("foreign", "shown"),
    [
        ("\x1b[2J", "␛[2J"),
        ("\x1b]52;c;aGk=\x07", "␛]52;c;aGk=␇"),
        ("a\x7fb\x00", "a␡b␀"),
        ("\x9b2J", "‹009B›2J"),
        ("ok\rrm -rf", "ok␍rm -rf"),
        ("line\r\nnext\tx", "line\nnext\tx"),
        ("user\u202egpj.exe", "user‹202E›gpj.exe"),
        ("pay\u200bpal", "pay‹200B›pal"),
        ("hi\U000e0041", "hi‹E0041›"),
        ("a\ud800b", "a‹D800›b"),
        ("[/nope] é 漢 👩‍👩‍👧", "[/nope] é 漢 👩‍👩‍👧"),
        ("می‌خواهم", "می‌خواهم"),
        ("a" + "\u0301" * 500, "a" + "\u0301" * 8 + "…"),
    ],
)
def test_known_attacks_and_ordinary_text(foreign, shown):
    assert printable(foreign) == shown


@given(st.text(st.characters(codec=None)))
def test_the_result_holds_no_command_and_is_stable(text):
    shown = printable(text)
    for character in shown:
        assert character in "\n\t" or unicodedata.category(character) not in ("Cc", "Cs"), shown
        assert unicodedata.bidirectional(character) not in (
            "LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI")  # fmt: skip
    assert printable(shown) == shown


@given(st.text())
def test_one_line_is_one_line(text):
    assert not set("\n\t\r\x0b\x0c\x85\u2028\u2029") & set(one_line(text))


@pytest.mark.parametrize("marks", [7, 8, 9, 20])
def test_a_flood_of_marks_in_pieces_is_cut_as_if_it_came_whole(marks):
    flood = "ab" + "\u0301" * marks + "c"
    for first in range(len(flood)):
        for second in range(first, len(flood)):
            streamed = Streamed()
            pieces = (flood[:first], flood[first:second], flood[second:])
            shown = "".join(map(streamed, pieces)) + streamed.rest
            assert shown == printable(flood), (first, second)


@pytest.mark.parametrize("text", ["-5", "+0.25", "-1e-9", "plain", "a=b", "", "5 - 3"])
def test_a_number_and_a_plain_text_stay_as_they_are_in_a_spreadsheet(text):
    assert spreadsheet_safe(text) == text


@pytest.mark.parametrize("text", ["=1+1", "+49 30 1234", "-", "@sum", "\t=1", "\r=1", "-1+cmd|'x'"])
def test_what_a_spreadsheet_takes_for_a_formula_is_quoted(text):
    assert spreadsheet_safe(text) == f"'{text}"
