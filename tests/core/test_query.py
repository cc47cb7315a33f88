"""What is typed after `/`, read as it is meant or refused with a sentence."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.core.query import Bound, Compare, Flag, Match, Query, parse

DAY = 86_400_000
NOW = 1_795_478_400_000  # 2026-11-23T00:00:00 in UTC.


@pytest.mark.parametrize(
    ("typed", "terms"),
    [
        ("", ()),
        ("tier:api", (Match("tier", ("api",)),)),
        ("model:sonnet,haiku", (Match("model", ("sonnet", "haiku")),)),
        ("!haiku", (Match("model", ("haiku",), True),)),
        ("llama3.1:8b", (Match("model", ("llama3.1:8b",)),)),
        ('tag:"nightly run"', (Match("tag", ("nightly run",)),)),
        ("ended:open !ended:done", (Match("ended", ("open",)), Match("ended", ("done",), True))),
        (">0.01", (Compare("usd", ">", 10_000_000),)),
        ("<=$2", (Compare("usd", "<=", 2_000_000_000),)),
        ("out>1.5k ttft>=2s", (Compare("out", ">", 1500), Compare("ttft", ">=", 2000))),
        ("took<250ms", (Compare("took", "<", 250),)),
        ("is:unpriced !is:plan", (Flag("unpriced"), Flag("plan", True))),
        ("since:7d until:today", (Bound("since", "7d"), Bound("until", "today"))),
    ],
)
def test_what_is_typed_is_what_is_meant(typed, terms):
    assert parse(typed).terms == terms


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("teir:api", 'did you mean "tier:"'),
        ("tier:apo", 'did you mean "api"'),
        ("ended:eror", 'did you mean "error"'),
        ("since:soon", "is no time: write 24h"),
        ("tag:", '"tag:" needs a value'),
        (">lots", '"lots" is no number of dollars'),
        ("tttft>3", 'did you mean "ttft"'),
        ("is:cheap", "known are unpriced"),
        ("!since:7d", "the other of since and until"),
    ],
)
def test_what_cannot_be_meant_is_one_sentence(typed, said):
    with pytest.raises(ValueError, match=r".") as refused:
        parse(typed)
    assert said in str(refused.value)


@given(st.text(max_size=60))
def test_any_text_is_a_query_or_a_sentence(typed):
    try:
        assert isinstance(parse(typed), Query)
    except ValueError as refused:
        assert str(refused)


def test_a_window_is_resolved_when_it_is_asked_for():
    query = parse("since:7d since:24h until:today")
    assert query.window_ms(NOW + DAY // 2, "UTC") == (NOW - DAY // 2, NOW)
    assert parse("").window_ms(NOW, "UTC") == (None, None)
