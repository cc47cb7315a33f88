"""Every filter, order and grouping gives what going through the rows by hand gives."""

from contextlib import ExitStack, closing
from dataclasses import replace
from fnmatch import fnmatchcase
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from console.core.entry import Ending
from console.core.group import sums_of
from console.core.period import local_day
from console.core.query import ALL, Bound, Compare, Flag, Grouping, Match, Sort, parse
from console.core.tier import Tier
from console.core.usage import Usage, UsageSource
from console.sources.ledger.pages import ORDERS, place_of, steps
from console.sources.ledger.rows import to_entry
from console.sources.ledger.store import SqliteLedger
from tests.sources.ledger.test_store import NOW, entry
from tests.sums import added, scan

ZONE = "Europe/Berlin"
HOUR = 3_600_000
MODELS = ["claude-sonnet-5-5", "claude-haiku-4-5", "llama3.1:8b", "qwen3:8b"]

ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "tier": st.sampled_from(Tier),
            "model": st.sampled_from(MODELS),
            "tag": st.sampled_from([None, "x", "nightly run"]),
            "ending": st.sampled_from([None, *Ending]),
            "started_ms": st.integers(-40, 1).map(lambda hours: NOW + hours * HOUR),
            "money": st.sampled_from([None, 0, 5_000_000, 20_000_000]),
            "output": st.sampled_from([None, 0, 10, 2000]),
            "ttft_ms": st.sampled_from([None, 90, 2500]),
            "system_name": st.sampled_from([None, "terse"]),
            "system_hash": st.sampled_from([None, "ab12", "cd34"]),
            "plan": st.booleans(),
            "origin": st.sampled_from([None, "claude-code"]),
            "usage_source": st.sampled_from(UsageSource),
        }
    ),
    max_size=12,
)
FILTERS = [
    "", "tier:api", "tier:local,api", "!tier:local", "model:sonnet", "haiku", "!haiku", "8b,haiku",
    "model:*8b", "model:claude-*-5", "tag:x", 'tag:"nightly run",x', "!tag:x", "ended:error",
    "ended:error,open", "ended:open", "!ended:done", "ended:done", ">0.01", "<=0.005", "!>0.01",
    "out>10", "!out<1k", "ttft>=2s", "system:terse", "system:ab", "is:unpriced", "is:plan",
    "!is:imported", "is:estimated", "from:claude-code", "reason:rout", "since:today", "since:24h",
    "until:today", "since:yesterday until:today", "tier:api model:sonnet >0.01 since:7d tag:x",
    "id:r1", "took<1s", "in>5", "model:nothing", "model:[a", "is:uncounted", "is:unmeasured",
]  # fmt: skip


def filled(tmp, rows):
    ledger = SqliteLedger(tmp / "ledger.db", now_ms=NOW)
    for number, fields in enumerate(rows):
        money, output = fields.pop("money"), fields.pop("output")
        row = entry(f"r{number}", zone=ZONE, **fields)
        name = "cost_nano" if row.tier is Tier.API else "energy_nano"
        usage = Usage(uncached=output, output=output)
        ended = row.ending and row.started_ms + 7000 * number
        row = replace(row, usage=usage, ended_ms=ended, **{name: money})
        (ledger.open_entry if row.ending is None else ledger.close_entry)(row)
    return ledger


def holds(term, row):
    match term:
        case Match():
            got = any(matches(term.field, value, row) for value in term.values)
        case Flag():
            local, ended = row.tier is Tier.LOCAL, row.ending is not None
            got = {
                "unpriced": ended and not row.plan and row.spent_nano is None,
                "uncounted": ended and row.usage.total is None,
                "unmeasured": ended and local and row.energy_j is None,
                "estimated": row.usage_source is UsageSource.ESTIMATED,
                "plan": row.plan,
                "imported": row.origin is not None,
            }[term.name]
        case Compare():
            number = {"usd": row.spent_nano, "in": row.usage.prompt, "out": row.usage.output,
                      "ttft": row.ttft_ms, "took": row.duration_ms}[term.name]  # fmt: skip
            got = number is not None and {
                ">": number > term.value, ">=": number >= term.value,
                "<": number < term.value, "<=": number <= term.value}[term.comparison]  # fmt: skip
        case Bound():
            return True
    return bool(got) is not term.negated


def matches(field, value, row):
    if field == "system":
        return row.system_name == value or (row.system_hash or "").startswith(value)
    if field == "ended":
        return row.ending == value or (row.ending is None and value == "open")
    text = getattr(row, {"from": "origin"}.get(field, field))
    if text is None:
        return False
    if "*" in value:
        return fnmatchcase(text.lower(), value.lower())
    if field in ("tier", "tag"):
        return text == value
    return text.startswith(value) if field == "id" else value.lower() in text.lower()


def by_hand(query, rows):
    since, until = query.window_ms(NOW, ZONE)
    kept = [row for row in rows if all(holds(term, row) for term in query.terms)
            and (since or 0) <= row.started_ms < (until or 2**62)]  # fmt: skip
    order = ORDERS[query.sort].key

    def key(row):
        value = order(row)
        return (-1 if value is None else value, row.started_ms, row.id)

    assert sums_of(kept) == scan(kept)
    return sorted(kept, key=key, reverse=query.sort is not Sort.OLDEST)


def grouped(rows, by):
    keys = {
        Grouping.MODEL: lambda row: row.model,
        Grouping.TIER: lambda row: str(row.tier),
        Grouping.DAY: lambda row: local_day(row.started_ms, row.zone),
        Grouping.TAG: lambda row: row.tag or "",
        Grouping.SYSTEM: lambda row: f"{row.system_name or ''} {row.system_hash or ''}",
    }
    groups = {}
    for row in rows:
        groups.setdefault(keys[by](row), []).append(row)
    return {key: scan(mine) for key, mine in groups.items()}


@settings(max_examples=25, deadline=None,
          suppress_health_check=[HealthCheck.function_scoped_fixture])  # fmt: skip
@given(rows=ROWS, sort=st.sampled_from(Sort), size=st.integers(1, 5), few=st.sampled_from([1, 99]))
def test_pages_and_sums_are_what_going_through_by_hand_gives(
    tmp_path_factory, rows, sort, size, few
):
    ledger = filled(tmp_path_factory.mktemp("q"), rows)
    # One row is too many to sort, so that orders are read from their indexes and behind them.
    with ExitStack() as stack, closing(ledger):
        stack.enter_context(patch("console.sources.ledger.pages.FEW", few))
        stack.enter_context(patch("console.sources.ledger.arms.FEW_ARMS", few))
        everything = ledger.recent(100)
        for text in FILTERS:
            query = parse(text, sort=sort)
            expected = by_hand(query, everything)
            seen = []
            while page := ledger.page(query, size, seen[-1] if seen else None, NOW, ZONE):
                seen += page
            assert [row.id for row in seen] == [row.id for row in expected], text
            totals = ledger.groups(query, None, NOW, ZONE).get("")
            if expected:
                for tier in Tier:
                    assert totals[tier] == added([r for r in expected if r.tier is tier]), text
            for by in Grouping:
                groups = ledger.groups(query, by, NOW, ZONE)
                assert groups == grouped(expected, by), (text, by)


@pytest.fixture
def ledger(tmp_path):
    ledger = SqliteLedger(tmp_path / "ledger.db", now_ms=NOW)
    yield ledger
    ledger.close()


def test_groups_are_named_by_what_they_share(ledger):
    ledger.close_entry(entry("a", ending=Ending.DONE, tag="x", system_name="terse",
                             system_hash="0123456789abcdef"))  # fmt: skip
    ledger.close_entry(entry("b", ending=Ending.DONE, started_ms=NOW - 36 * HOUR, model="m"))

    def keys(by):
        return set(ledger.groups(ALL, by, NOW, ZONE))

    assert keys(Grouping.MODEL) == {"llama3.1:8b", "m"}
    assert keys(Grouping.TIER) == {"local"}
    assert keys(Grouping.DAY) == {"2026-11-24", "2026-11-22"}
    assert keys(Grouping.TAG) == {"x", ""}
    assert keys(Grouping.SYSTEM) == {"terse 0123456789ab", " "}


def read_of(ledger, query, after=None):
    """The statements that a page is read with, and whether one goes through rows in short steps."""
    said = []

    def fetch(sql, values):
        said.append((sql, values))
        return ledger.rows(sql, values)

    found = list(steps(fetch, query, 10, after, query.window_ms(NOW, ZONE)))
    plans = [" ".join(row["detail"] for row in ledger.rows(f"EXPLAIN QUERY PLAN {sql}", values))
             for sql, values in said if sql.startswith("SELECT *")]  # fmt: skip
    return plans, found


@pytest.mark.parametrize(
    ("text", "index"),
    [
        ("", "entries_newest"),
        ("tag:x", "entries_tag"),
        ("ended:error", "entries_trouble"),
        ("ended:open", "entries_in_flight"),
        ("model:sonnet", "entries_model"),
        ("tier:api", "entries_model"),
        (">1", "entries_dearest"),
    ],
)
def test_a_page_is_read_from_an_index(ledger, text, index):
    ledger.close_entry(entry("a", ending=Ending.DONE))
    ledger.close_entry(entry("b", ending=Ending.DONE, tier=Tier.API, model="claude-sonnet-5-5"))
    [plan], [_] = read_of(ledger, parse(text))
    assert index in plan


DEAR = {Sort.COST: "entries_dearest", Sort.OUTPUT: "entries_longest",
        Sort.SLOWEST: "entries_slowest", Sort.TTFT: "entries_latest"}  # fmt: skip


@pytest.mark.parametrize("sort", DEAR)
@pytest.mark.parametrize("text", ["", "tier:api", "model:sonnet", "!haiku"])
def test_an_order_is_read_along_its_own_index_at_any_depth(ledger, monkeypatch, sort, text):
    monkeypatch.setattr("console.sources.ledger.pages.FEW", 5)
    for number in range(40):
        row = entry(f"{number:02}", tier=Tier.API, model=MODELS[number % 2], ending=Ending.DONE,
                    ended_ms=NOW + 30_000 + number, ttft_ms=3_000, cost_nano=number,
                    usage=Usage(uncached=1, output=2_000))  # fmt: skip
        ledger.close_entry(row)
    query, after = parse(text, sort=sort), None
    for _ in range(2 if "api" in text or not text else 1):
        plans, [page] = read_of(ledger, query, after)
        assert len(page.value) == 10 and DEAR[sort] in plans[0]
        assert "SCAN entries" not in plans[0] and "TEMP B-TREE FOR RIGHT" not in plans[0]
        last = to_entry(dict(page.value[-1]))
        after = place_of(last, sort)


def test_what_no_index_holds_comes_in_short_steps_that_end_with_the_right_page(ledger, monkeypatch):
    monkeypatch.setattr("console.sources.ledger.slices.FIRST", 1_000)
    monkeypatch.setattr("console.sources.ledger.slices.THEN", 1_000)
    ledger.add(
        entry(f"{number:04}", started_ms=NOW + number // 2, ending=Ending.DONE, tag="x",
              ttft_ms=number * 7919 % 1999)
        for number in range(3_500)
    )  # fmt: skip
    everything = ledger.recent(5_000)
    for text in ("tag:x", "reason:rout", "!is:plan"):
        query = parse(text, sort=Sort.TTFT)
        found = list(ledger.page_steps(query, 20, None, NOW, ZONE))
        assert [part.edge_ms is None for part in found] == [False, False, False, True]
        assert {row.id for row in found[0].value} <= {row.id for row in everything[:1_001]}
        for part in found:
            since = part.edge_ms or 0
            assert (
                part.value == by_hand(query, [r for r in everything if r.started_ms >= since])[:20]
            )


def test_a_row_is_found_by_how_its_id_begins(ledger):
    for id in ("abc", "abd", "ab"):
        ledger.close_entry(entry(id, ending=Ending.DONE))
    assert ledger.get("abc").id == "abc" and ledger.get("ab").id == "ab"
    assert ledger.get("a") is None and ledger.get("x") is None
