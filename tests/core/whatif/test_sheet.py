"""The sheet: the article's figures from editable inputs, with undo."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.core.whatif.sheet import BY_NAME, INPUTS, Edits, Sheet

TABLE = {1_000: (128, 180, 693, 388), 10_000: (1275, 1800, 693, 388),
         100_000: (12_750, 18_000, 693, 388)}  # fmt: skip


@pytest.mark.parametrize("volume", TABLE)
def test_the_missions_three_volumes_to_the_dollar(volume):
    bills = Sheet().with_value("requests_per_day", volume).results().bills
    assert tuple(f"{float(bill.total_usd):,.0f}" for bill in bills) == tuple(
        f"{usd:,}" for usd in TABLE[volume]
    )


def test_where_the_lines_cross():
    crossings = Sheet().results().crossings
    assert [round(crossing.requests_per_day) for crossing in crossings] == [5438, 3852, 3046, 2157]


def test_a_free_api_is_never_beaten():
    sheet = Sheet().with_value("gpt_4o.input", 0).with_value("gpt_4o.output", 0)
    assert [c.requests_per_day for c in sheet.results().crossings if c.api == "GPT-4o"] == [
        None
    ] * 2


def test_typed_values_and_the_way_back():
    sheet = Sheet().with_text("requests_per_day", "8.4k")
    assert sheet.value("requests_per_day") == 8400 and "requests_per_day" in sheet.typed
    assert sheet.with_text("requests_per_day", "10,000") == Sheet()


@pytest.mark.parametrize("text", ["", "abc", "-1", "0", "1e15", "1..2", "1e999", "8.4 kk"])
def test_what_is_no_value_is_one_sentence(text):
    with pytest.raises(ValueError) as refused:
        Sheet().with_text("requests_per_day", text)
    assert "\n" not in str(refused.value) and len(str(refused.value)) > 10


@given(st.lists(st.tuples(st.sampled_from([each.name for each in INPUTS]),
                          st.floats(0.01, 1e5)), max_size=8))  # fmt: skip
def test_undo_leads_back_and_redo_forward(changes):
    edits = Edits()
    for name, value in changes:
        edits = edits.to(edits.sheet.with_value(name, value))
    last = edits.sheet
    steps = len(edits.past)
    for _ in range(steps):
        edits = edits.undone()
    assert edits.sheet == Sheet() == edits.undone().sheet
    for _ in range(steps + 1):
        edits = edits.redone()
    assert edits.sheet == last


@given(name=st.sampled_from(sorted(BY_NAME)), ups=st.integers(0, 12))
def test_stepping_up_then_down_stays_possible(name, ups):
    sheet = Sheet()
    for _ in range(ups):
        sheet = sheet.stepped(name, 1)
    assert sheet.value(name) >= BY_NAME[name].preset
    for _ in range(40):
        sheet = sheet.stepped(name, -1)
    assert sheet.results().bills
