"""The ledger against counters: spans between readings, restarts, drifts, charges by day."""

import pytest

from console.core.reconcile import (
    Charge,
    Charged,
    Line,
    Reading,
    by_day,
    compared,
    owed,
    spans,
    total,
    undated,
    worst,
)

HOUR = 3_600_000
NOW = 1_795_478_400_000  # 2026-11-24 00:00 UTC


def reading(at, tokens, *, process="p1", began=None, model="", kind="llama.cpp"):
    counts = {"uncached_tokens": tokens, "output_tokens": tokens // 2}
    began_ms = None if began is None else NOW + began * HOUR
    return Reading(at_ms=NOW + at * HOUR, server="here", kind=kind, model=model, process=process,
                   began_ms=began_ms, counts=counts)  # fmt: skip


def test_two_readings_of_one_process_bound_what_was_counted_between_them():
    found = list(spans([reading(2, 150), reading(1, 100)]))
    assert found[0].why.startswith("the first reading") and not found[0].counts
    assert found[1].counts == {"uncached_tokens": 50, "output_tokens": 25}
    assert (found[1].since_ms, found[1].until_ms) == (NOW + HOUR, NOW + 2 * HOUR)


def test_a_process_that_tells_its_beginning_is_counted_from_there():
    [first, second] = spans([reading(1, 100, began=0), reading(3, 40, process="p2", began=2)])
    assert (first.since_ms, first.counts["uncached_tokens"]) == (NOW, 100)
    assert (second.since_ms, second.counts["uncached_tokens"]) == (NOW + 2 * HOUR, 40)


@pytest.mark.parametrize("process", ["p2", "p1"])
def test_a_restart_at_an_unknown_time_compares_nothing(process):
    """Another process, or the same mark with counters that fell."""
    last = list(spans([reading(1, 100), reading(2, 40, process=process)]))[1]
    assert "began anew" in last.why and not last.counts


def test_another_server_behind_the_same_address_begins_anew():
    last = list(spans([reading(1, 100), reading(2, 140, kind="vllm")]))[1]
    assert "began anew" in last.why and not last.counts


def test_models_are_told_apart_and_days_put_together():
    found = list(spans([reading(at, at * 10, began=0, model=m) for m in "ab" for at in (1, 2, 26)]))
    groups = by_day(found, "UTC")
    assert [(g[0].days("UTC"), g[0].model, len(g)) for g in groups] == [
        ("2026-11-24..2026-11-25", "a", 1), ("2026-11-24..2026-11-25", "b", 1),
        ("2026-11-24", "a", 2), ("2026-11-24", "b", 2)]  # fmt: skip
    assert total(span.counts for span in groups[2]) == {"uncached_tokens": 20, "output_tokens": 10}


def test_only_what_both_sides_count_is_compared():
    lines = compared({"output_tokens": 200, "requests": 4}, {"output_tokens": 190, "x": 1})
    assert [(line.what, line.drift) for line in lines] == [("output_tokens", -0.05)]
    assert total([]) == {} == total([{"output_tokens": 1}, {}])


def test_drift_of_nothing_is_none_or_unknown():
    assert Line("x", 0, 0).drift == 0 and Line("x", 0, 5).drift is None
    assert worst([Line("x", 100, 99), Line("x", 0, 5)]) == 1.0 and worst([]) == 0


@pytest.mark.parametrize(
    ("model", "plain"),
    [("claude-sonnet-4-5-20250929", "claude-sonnet-4-5"), ("gpt-4o-2024-08-06", "gpt-4o"),
     ("claude-sonnet-5-5", "claude-sonnet-5-5"), ("gpt-4o-2024-99-06", "gpt-4o-2024-99-06"),
     ("", "")],
)  # fmt: skip
def test_a_models_version_date_is_no_other_model(model, plain):
    assert undated(model) == plain


def test_charges_by_day_and_model_whether_one_side_has_them_or_both():
    theirs = [Charge(day="2026-11-24", model="m-20260101", nano=100),
              Charge(day="2026-11-24", model="m", nano=100),
              Charge(day="2026-11-23", model="", nano=7)]  # fmt: skip
    ours = [Charged(day="2026-11-24", model="m", nano=190, rows=3, unpriced=1),
            Charged(day="2026-11-25", model="n", nano=5, rows=1)]  # fmt: skip
    found = owed(theirs, ours)
    assert [(e.day, e.model, e.line.theirs, e.line.ours, e.unpriced) for e in found] == [
        ("2026-11-25", "n", 0, 5, 0), ("2026-11-24", "m", 200, 190, 1),
        ("2026-11-23", "", 7, 0, 0)]  # fmt: skip
