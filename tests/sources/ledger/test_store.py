"""The ledger's file: what goes in comes out, totals add up, and trouble is one sentence."""

import os
import sqlite3
import stat
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from console.core.entry import Ending, EnergySource, Entry, Price, Totals
from console.core.query import ALL, Grouping
from console.core.tier import Tier
from console.core.usage import Usage, UsageSource
from console.sources.ledger.store import LedgerError, SqliteLedger
from tests.sums import scan

NOW = 1_795_478_400_000


def entry(id="a", **fields):
    base = Entry(id=id, started_ms=NOW, zone="Europe/Berlin", tier=Tier.LOCAL, provider="ollama",
                 model="llama3.1:8b", policy="article", reason="routine")  # fmt: skip
    return replace(base, **fields)


DONE = entry(
    ended_ms=NOW + 1500, ending=Ending.DONE, ttft_ms=200, model_reported="llama3.1:8b",
    model_digest="abc", response_id="r1", conversation="c", tag="t", prompt_chars=5,
    prompt_bytes=6, reply_chars=7, reply_bytes=8,
    usage=Usage(uncached=20, cache_read=3, output=6, reasoning=2),
    usage_source=UsageSource.REPORTED, usage_raw='{"eval_count": 6}', energy_j=3600.5,
    energy_source=EnergySource.ESTIMATED, energy_nano=188_000, tariff_usd_per_kwh="0.188",
    shadow_nano=1_000_000, shadow_price=Price("list", "2026-10-01", "$ per 1M tokens: in 2"),
)  # fmt: skip


@pytest.fixture
def path(tmp_path):
    return tmp_path / "data" / "ledger.db"


@pytest.fixture
def ledger(path):
    ledger = SqliteLedger(path, now_ms=NOW)
    yield ledger
    ledger.close()


def test_an_entry_comes_back_as_it_went_in(ledger, path):
    ledger.open_entry(entry())
    assert ledger.recent(10) == [entry()]
    ledger.close_entry(DONE)
    assert ledger.recent(10) == [DONE]
    ledger.close()
    again = SqliteLedger(path, now_ms=NOW)
    assert again.recent(10) == [DONE]
    again.close()


def test_files_are_the_owners_alone(ledger, path):
    ledger.open_entry(entry())
    for name in ("ledger.db", "ledger.db-wal", "ledger.db-shm"):
        assert stat.S_IMODE((path.parent / name).stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_totals_say_what_they_leave_out(ledger):
    ledger.close_entry(DONE)
    ledger.close_entry(replace(DONE, id="b", response_id="r2", energy_nano=None, energy_j=None))
    ledger.open_entry(entry("c"))
    ledger.close_entry(entry("d", tier=Tier.API, provider="anthropic", ending=Ending.DONE,
                             usage=Usage(uncached=100, output=50)))  # fmt: skip
    totals = ledger.totals()
    assert totals[Tier.LOCAL] == Totals(
        requests=3, in_flight=1, prompt_tokens=46, cached_tokens=6, output_tokens=12,
        spent_nano=188_000, shadow_nano=2_000_000, saved_nano=812_000, unpriced=1, unsaved=1,
        unloaded=2, unsaved_loaded=2, energy_estimated=2)  # fmt: skip
    assert totals[Tier.API] == Totals(
        requests=1, prompt_tokens=100, output_tokens=50, unpriced=1)  # fmt: skip


def test_an_empty_ledger_has_totals_of_both_tiers(ledger):
    assert ledger.totals(NOW) == {Tier.LOCAL: Totals(), Tier.API: Totals()}


def test_a_second_close_never_shrinks_or_doubles(ledger):
    ledger.close_entry(DONE)
    ledger.close_entry(replace(DONE, usage=Usage(uncached=20, output=1), ending=Ending.CANCELLED))
    ledger.open_entry(entry())
    assert ledger.recent(10) == [DONE]
    assert ledger.totals()[Tier.LOCAL].requests == 1


def test_two_attempts_with_one_response_id_both_count(ledger):
    ledger.close_entry(DONE)
    ledger.close_entry(replace(DONE, id="b"))
    assert {(row.id, row.response_id) for row in ledger.recent(10)} == {("a", "r1"), ("b", None)}


def test_paging_by_key_meets_every_row_once(ledger):
    for number in range(25):
        ledger.open_entry(entry(f"{number:02}", started_ms=NOW + number // 3))
    seen, last = [], None
    while page := ledger.recent(4, last):
        seen += [row.id for row in page]
        last = (page[-1].started_ms, page[-1].id)
    assert seen == [f"{number:02}" for number in reversed(range(25))]


def test_the_stamp_changes_with_every_writer(ledger, path):
    before = ledger.change_stamp()
    assert ledger.change_stamp() == before
    ledger.open_entry(entry())
    mine = ledger.change_stamp()
    other = SqliteLedger(path, now_ms=NOW)
    other.open_entry(entry("b"))
    other.close()
    assert len({before, mine, ledger.change_stamp()}) == 3


ZONES = ["UTC", "Europe/Berlin", "America/St_Johns", "Pacific/Kiritimati", "Not/AZone"]
ACTS = st.lists(
    st.tuples(
        st.sampled_from("abcdef"),
        st.sampled_from(["open", "close"]),
        st.sampled_from(list(Tier)),
        st.integers(-3 * 86_400_000, 3 * 86_400_000),
        st.sampled_from(ZONES),
        st.sampled_from([None, *Ending]),
        st.builds(Usage, uncached=st.none() | st.integers(0, 99), cache_read=st.none()
                  | st.integers(0, 9), output=st.none() | st.integers(0, 99)),
        st.none() | st.integers(-5, 10**12),
        st.none() | st.integers(0, 10**12),
        st.fixed_dictionaries(
            {"plan": st.booleans(), "calls": st.integers(1, 9), "hardware_nano": st.none()
             | st.integers(0, 99), "usage_source": st.sampled_from(UsageSource),
             "energy_source": st.none() | st.sampled_from(EnergySource),
             "model": st.sampled_from(["m1", "m2"]), "parent": st.none() | st.sampled_from("abc"),
             "tag": st.none() | st.just("t"), "energy_j": st.sampled_from([None, 0.0, 7.5]),
             "energy_error_j": st.sampled_from([None, 0.3])}
        ),
    ),
    max_size=14,
)  # fmt: skip


@settings(max_examples=60, deadline=None,
          suppress_health_check=[HealthCheck.function_scoped_fixture])  # fmt: skip
@given(acts=ACTS, since=st.integers(-3 * 86_400_000, 3 * 86_400_000), midnight=st.booleans())
def test_the_rollup_equals_a_scan(tmp_path_factory, acts, since, midnight):
    ledger = SqliteLedger(tmp_path_factory.mktemp("l") / "ledger.db", now_ms=NOW)
    try:
        for id, act, tier, offset, zone, ending, usage, spent, shadow, more in acts:
            row = entry(id, tier=tier, started_ms=NOW + offset, zone=zone, ending=ending, **more)
            dollars = {"cost_nano" if tier is Tier.API else "energy_nano": spent}
            row = replace(row, usage=usage, shadow_nano=shadow if tier is Tier.LOCAL else None,
                          **dollars)  # fmt: skip
            (ledger.open_entry if act == "open" else ledger.close_entry)(row)
        since_ms = NOW + since
        if midnight:
            local = datetime.fromtimestamp(since_ms / 1000, ZoneInfo("Europe/Berlin"))
            since_ms = (
                int(local.replace(hour=0, minute=0, second=0, microsecond=0).timestamp()) * 1000
            )
        rows = ledger.recent(100)
        assert ledger.totals(since_ms) == scan([r for r in rows if r.started_ms >= since_ms])
        assert ledger.totals() == scan(rows)
        by_tag = ledger.groups(ALL, Grouping.TAG, NOW, "UTC")
        for tag in ("t", None):
            mine = [row for row in rows if row.tag == tag]
            assert by_tag.get(tag or "", scan([])) == scan(mine)
    finally:
        ledger.close()


API = entry("api", tier=Tier.API, provider="anthropic", model="claude", cost_nano=9)
LOCAL = replace(DONE, id="local", response_id=None)


def open_and_close(ledger, *acts):
    for act, row in acts:
        if act == "open":
            ledger.open_entry(replace(row, ending=None, ended_ms=None, usage=Usage()))
        else:
            ledger.close_entry(replace(row, ending=row.ending or Ending.DONE))


ANSWERED = replace(API, usage=Usage(uncached=1, output=5))
REFUSED = replace(API, usage=Usage(uncached=0, output=0), ending=Ending.ERROR)


@pytest.mark.parametrize(
    ("acts", "saves"),
    [
        # A fallback, an escalation: the API's row belongs to the local one.
        ([("open", LOCAL), ("close", LOCAL), ("open", replace(ANSWERED, parent="local")),
          ("close", replace(ANSWERED, parent="local"))], False),
        # A comparison: both at once, whichever ends first, whichever is the parent.
        ([("open", LOCAL), ("open", replace(ANSWERED, parent="local")),
          ("close", replace(ANSWERED, parent="local")), ("close", LOCAL)], False),
        ([("open", ANSWERED), ("open", replace(LOCAL, parent="api")),
          ("close", replace(LOCAL, parent="api")), ("close", ANSWERED)], False),
        ([("close", ANSWERED), ("close", replace(LOCAL, parent="api"))], False),
        # Both sides of a comparison, whose parent is the pair and no row.
        ([("open", replace(LOCAL, parent="pair")), ("open", replace(ANSWERED, parent="pair")),
          ("close", replace(ANSWERED, parent="pair")), ("close", replace(LOCAL, parent="pair"))],
         False),
        ([("close", replace(ANSWERED, parent="pair")), ("close", replace(LOCAL, parent="pair"))],
         False),
        # The API failed and the local tier served: it saved what the API would have charged.
        ([("open", REFUSED), ("close", REFUSED), ("open", replace(LOCAL, parent="api")),
          ("close", replace(LOCAL, parent="api"))], True),
        # A retry on the same tier.
        ([("close", LOCAL), ("close", replace(LOCAL, id="again", parent="local"))], True),
    ],
)  # fmt: skip
def test_what_the_api_served_too_saved_nothing(ledger, acts, saves):
    open_and_close(ledger, *acts)
    rows = ledger.recent(10)
    [local] = [row for row in rows if row.id == "local"]
    assert local.api_too is not saves
    assert local.saved_nano == (1_000_000 if saves else 0) - 188_000
    assert ledger.totals() == scan(rows), "and the sums follow"


def test_energy_keeps_how_it_is_known_and_how_far_off_it_can_be(ledger):
    known = replace(DONE, energy_source=EnergySource.ALLOCATED, energy_error_j=36.0)
    ledger.close_entry(known)
    assert ledger.recent(1) == [known]
    totals = ledger.totals()[Tier.LOCAL]
    assert (totals.energy_allocated, totals.energy_estimated) == (1, 0)
    assert totals.energy_error_nano == known.energy_error_nano == 1879


def test_a_corrupt_file_is_set_aside_and_told(path):
    path.parent.mkdir()
    path.write_bytes(b"not a database at all, " * 200)
    ledger = SqliteLedger(path, now_ms=NOW)
    ledger.open_entry(entry())
    ledger.close()
    (aside,) = path.parent.glob("*corrupt*")
    assert aside.read_bytes().startswith(b"not a database")
    assert aside.name in ledger.notice and "new ledger" in ledger.notice


def test_a_newer_schema_is_refused_and_left_alone(ledger, path):
    with sqlite3.connect(path) as other:
        other.execute("INSERT INTO _sqlite_migrations (migration_set, name, applied_at) "
                      "VALUES ('llmconsole', 'm999_future', 'x')")  # fmt: skip
    other.close()
    with pytest.raises(LedgerError, match=r"newer llmconsole \(it has m999_future\)"):
        SqliteLedger(path, now_ms=NOW)


def test_a_folder_that_is_none_is_one_sentence(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(LedgerError) as refused:
        SqliteLedger(tmp_path / "file" / "ledger.db", now_ms=NOW)
    assert str(refused.value).startswith(f"The ledger {tmp_path}") and "\n" not in str(
        refused.value
    )


def test_a_full_disk_loses_nothing_that_was_written(ledger):
    ledger.open_entry(entry())
    ledger._db.execute("PRAGMA max_page_count = 1")
    ledger._db.execute("PRAGMA cache_spill = ON")
    with pytest.raises(LedgerError, match="the disk is full"):
        for number in range(2000):
            ledger.open_entry(entry(f"n{number}", error="x" * 4000))
    assert ledger.recent(5000)[-1].id == "a"


def test_a_read_only_connection_is_one_sentence(ledger):
    ledger._db.execute("PRAGMA query_only = ON")
    with pytest.raises(LedgerError, match="read-only"):
        ledger.open_entry(entry())


def test_rows_of_a_living_process_stay_in_flight(ledger):
    ledger.open_entry(entry())
    assert ledger.mark_interrupted() == 0
    ledger._db.execute("UPDATE entries SET owner_start = 'another boot/1'")
    assert ledger.mark_interrupted() == 1
    assert ledger.recent(1)[0].ending is Ending.INTERRUPTED
    assert ledger.totals()[Tier.LOCAL].in_flight == 0


def test_the_file_is_plain_sqlite_with_a_readable_view(ledger, path):
    ledger.close_entry(DONE)
    other = sqlite3.connect(path)
    (row,) = other.execute("SELECT tier, prompt_tokens, output_tokens, energy_usd FROM requests")
    other.close()
    assert row == ("local", 23, 6, 0.000188)


@pytest.mark.skipif(os.name != "posix", reason="permissions are POSIX")
def test_the_schema_can_be_printed(ledger):
    assert "CREATE TABLE" in ledger.schema() and "daily_totals" in ledger.schema()


def test_every_column_is_documented(ledger):
    readme = (Path(__file__).parents[3] / "README.md").read_text()
    for (name,) in ledger.rows("SELECT name FROM sqlite_schema WHERE type IN ('table', 'view') "
                               "AND name NOT LIKE '%sqlite_%'", ()):  # fmt: skip
        assert f"`{name}`" in readme, name
    for column in ledger.rows("PRAGMA table_info(entries)", ()):
        assert f"`{column['name']}`" in readme, column["name"]
