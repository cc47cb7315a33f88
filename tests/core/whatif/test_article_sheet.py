"""The article's sheet: its figures from editable inputs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.core.whatif.article_sheet import BY_NAME
from console.core.whatif.article_sheet import ArticleSheet as Sheet

TABLE = {1_000: (128, 180, 693, 388), 10_000: (1275, 1800, 693, 388),
         100_000: (12_750, 18_000, 693, 388)}  # fmt: skip


@pytest.mark.parametrize("volume", TABLE)
def test_the_missions_three_volumes_to_the_dollar(volume):
    bills = Sheet().with_value("workload.requests_per_day", volume).results().bills
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
    sheet = Sheet().with_text("workload.requests_per_day", "8.4k")
    assert (
        sheet.value("workload.requests_per_day") == 8400
        and "workload.requests_per_day" in sheet.typed
    )
    assert sheet.with_text("workload.requests_per_day", "10,000") == Sheet()


@pytest.mark.parametrize("text", ["", "abc", "-1", "1e15", "1..2", "1e999", "8.4 kk"])
def test_what_is_no_value_is_one_sentence(text):
    with pytest.raises(ValueError) as refused:
        Sheet().with_text("workload.requests_per_day", text)
    assert "\n" not in str(refused.value) and len(str(refused.value)) > 10


@given(name=st.sampled_from(sorted(BY_NAME)), ups=st.integers(0, 12))
def test_stepping_up_then_down_stays_possible(name, ups):
    sheet = Sheet()
    for _ in range(ups):
        sheet = sheet.stepped(name, 1)
    assert sheet.value(name) >= BY_NAME[name].preset
    for _ in range(40):
        sheet = sheet.stepped(name, -1)
    assert sheet.results().bills
