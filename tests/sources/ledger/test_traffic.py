"""The what-if's view of the ledger: sums by day, and grouped rows that replay like single ones."""

import random
from collections import Counter
from dataclasses import replace

import pytest

from console.core.entry import Ending, EnergySource, Entry
from console.core.tier import Tier
from console.core.usage import Usage, UsageSource
from console.core.whatif.card import Card, LongContext, Rates
from console.core.whatif.counterfactual import cuts
from console.core.whatif.measured import measure
from console.core.whatif.offer import family, ratios_between
from console.core.whatif.policy import ApiTarget, Policy, Rule, SelfTarget, When
from console.core.whatif.replay import replay
from console.core.whatif.traffic import PairOf
from console.sources.ledger.store import LedgerError, SqliteLedger
from console.sources.ledger.traffic import LedgerTraffic

HOUR = 3_600_000
T0 = 1_795_392_000_000  # 2026-11-23 00:00 UTC
MODELS = {Tier.API: "claude-sonnet-5-5", Tier.LOCAL: "llama3.1:8b"}


def entry(number, rng):
    tier = rng.choice(list(Tier))
    known, prompt = rng.random() < 0.9, int(rng.expovariate(1 / 3000))
    started = T0 + rng.randrange(48 * HOUR)
    ending = rng.choices([Ending.DONE, Ending.ERROR, Ending.CANCELLED], (8, 1, 1))[0]
    return Entry(
        id=f"r{number}", started_ms=started, ended_ms=started + rng.randrange(200, 9000),
        zone="UTC", tier=tier, provider="anthropic" if tier is Tier.API else "ollama",
        model=MODELS[tier], policy="article", reason="routine", ending=ending,
        tag=rng.choice([None, "mail"]),
        usage=Usage(uncached=prompt, cache_read=rng.choice([None, 0, 700]),
                    output=rng.randrange(1, 900), reasoning=rng.choice([None, 30]))
        if known else Usage(),
        usage_source=UsageSource.REPORTED if known else UsageSource.NONE,
        cost_nano=rng.randrange(10**9) if tier is Tier.API and rng.random() < 0.9 else None,
        energy_nano=rng.randrange(10**6) if tier is Tier.LOCAL and rng.random() < 0.9 else None,
    )  # fmt: skip


@pytest.fixture
def written(tmp_path):
    rng = random.Random(5)
    entries = [entry(number, rng) for number in range(600)]
    ledger = SqliteLedger(tmp_path / "ledger.db", now_ms=T0)
    for each in entries:
        ledger.close_entry(each)
    ledger.close()
    return LedgerTraffic(tmp_path / "ledger.db"), entries


TARGETS = {
    "api": ApiTarget(
        tokenizer="claude",
        card=Card(input=2, output=10, cache_read=0.2, long_context=LongContext(
            threshold_tokens=4000, rates=Rates(input=4, output=20, cache_read=0.4))),
    ),
    "own": SelfTarget(tokenizer="llama", joules_per_input_token=0.1, joules_per_output_token=1,
                      usd_per_kwh=0.2, fixed_usd_per_month=50),
}  # fmt: skip
POLICIES = {
    "all kept": (Rule(When(), "keep"),),
    "all at the api": (Rule(When(), "api"),),
    "short and mail on the rig": (
        Rule(When(prompt_tokens_lte=1000), "own"),
        Rule(When(tag="mail", prompt_tokens_gt=5000), "own"),
        Rule(When(route="api"), "keep"),
        Rule(When(), "api"),
    ),
}


@pytest.mark.parametrize("errors", ["exclude", "include_billed"])
@pytest.mark.parametrize("rules", POLICIES.values(), ids=POLICIES)
def test_grouped_rows_replay_exactly_like_single_ones(written, rules, errors):
    traffic, entries = written
    policy = Policy(rules=rules, targets=TARGETS, ratios=ratios_between(), errors=errors,
                    allocation="full")  # fmt: skip
    marks = cuts(policy, ("claude", "llama"))
    assert 4000 in marks or rules == POLICIES["all kept"]
    since, until = T0 + 3 * HOUR, T0 + 40 * HOUR
    grouped = replay(traffic.replay_rows(since, until, marks), policy)
    inside = [each for each in entries if since <= each.started_ms < until]
    singles = [single(each) for each in inside]
    alone = replay(singles, policy)
    for name in ("recorded_usd", "priced_share"):
        assert getattr(grouped, name) == pytest.approx(getattr(alone, name))
    for name in ("rows_kept", "rows_moved", "rows_excluded", "unpriced_count"):
        assert getattr(grouped, name) == getattr(alone, name)
    for case in ("lo", "mid", "hi"):
        assert getattr(grouped, case).total_usd == pytest.approx(getattr(alone, case).total_usd)


def single(each):
    from console.core.whatif.policy import Row

    spent = each.spent_nano
    usage = each.usage
    counted = usage.uncached is not None
    return Row(
        id=each.id, route=str(each.tier), model=each.model, tokenizer=family(each.model),
        input_tokens=usage.uncached or 0, output_tokens=usage.output or 0,
        cache_read_tokens=usage.cache_read or 0, reasoning_tokens=usage.reasoning or 0,
        status="ok" if each.ending in (Ending.DONE, Ending.CANCELLED) else "error",
        billed=bool(each.cost_nano) or bool(usage.output),
        recorded_cost_usd=None if spent is None else spent / 1e9, tag=each.tag, counted=counted,
        prompt_of_each=usage.prompt if counted else -1,
    )  # fmt: skip


def test_keeping_everything_is_the_recorded_total_to_the_cent(written):
    traffic, entries = written
    kept = Policy(rules=(Rule(When(), "keep"),), targets={}, errors="include_billed")
    found = replay(traffic.replay_rows(T0, T0 + 48 * HOUR, ()), kept)
    spent = sum(each.spent_nano or 0 for each in entries)
    assert found.mid.total_usd == pytest.approx(spent / 1e9, abs=0.005)
    halves = [replay(traffic.replay_rows(a, b, ()), kept).mid.total_usd
              for a, b in ((T0, T0 + 20 * HOUR), (T0 + 20 * HOUR, T0 + 48 * HOUR))]  # fmt: skip
    assert sum(halves) == pytest.approx(found.mid.total_usd)


def test_sums_by_day_count_everything_once(written):
    traffic, entries = written
    found = traffic.traffic(T0, T0 + 48 * HOUR, ("2026-11-23", "2026-11-24"), "UTC")
    assert found.rows == len(entries) and traffic.first_ms() == min(e.started_ms for e in entries)
    served = [e for e in entries if e.ending is not Ending.ERROR]
    assert sum(g.rows for g in found.groups if g.served) == len(served)
    assert sum(h.requests for h in found.hours) == len(served)
    known = [e for e in served if e.usage.output is not None]
    assert sum(g.output_tokens for g in found.groups if g.served) == sum(
        e.usage.output for e in known)  # fmt: skip
    assert sum(g.prompt_tokens for g in found.groups if g.served) == sum(
        e.usage.prompt for e in known)  # fmt: skip


def test_sums_hour_by_hour_are_those_of_every_row_read(tmp_path):
    rng, kept = random.Random(11), {}
    for number in range(900):
        row = entry(number, rng)
        kept[row.id] = replace(
            row,
            started_ms=row.started_ms + 1_800_000,
            tag=rng.choice([None, None, "mail", "compare"]),
            parent=rng.choice([None, None, None, f"r{rng.randrange(1000)}"]),
            calls=rng.choices([1, 0, 7], (8, 1, 1))[0],
        )
    ledger = SqliteLedger(tmp_path / "l.db", now_ms=T0)
    for row in kept.values():
        ledger.close_entry(row)
    ledger.close()
    # A zone whose midnight is no whole hour of UTC.
    since, days = T0 + HOUR * 18 + 1_800_000, ("2026-11-24",)
    inside = [row for row in kept.values()
              if since <= row.started_ms < since + 24 * HOUR and row.calls]  # fmt: skip
    found = LedgerTraffic(tmp_path / "l.db").traffic(since, since + 24 * HOUR, days, "Asia/Kolkata")

    def ended_well(row):
        return row is not None and row.ending is not Ending.ERROR

    rows, output, asked = Counter(), Counter(), Counter()
    for row in inside:
        served, compared = ended_well(row), row.tag == "compare"
        again = ended_well(kept.get(row.parent))
        billed = served or bool(row.cost_nano) or bool(row.usage.output)
        kind = (row.tier, served, billed, compared, again)
        rows[kind] += row.calls
        output[kind] += row.usage.output or 0
        if served and row.calls == 1 and not compared and not again:
            asked[(row.started_ms - since) // HOUR] += 1
    got, told = Counter(), Counter()
    for group in found.groups:
        assert group.day == days[0]
        billed = group.served or group.billed
        kind = (group.tier, group.served, billed, group.compared, group.again)
        got[kind] += group.rows
        told[kind] += group.output_tokens
    assert (got, +told) == (rows, +output)
    assert len(got) > 12
    assert Counter({hour.hour: hour.requests for hour in found.hours}) == asked


def test_overlapping_requests_share_their_busy_seconds(tmp_path):
    ledger = SqliteLedger(tmp_path / "l.db", now_ms=T0)
    rng = random.Random(1)
    base = replace(entry(0, rng), tier=Tier.LOCAL, provider="ollama", ending=Ending.DONE,
                   usage=Usage(uncached=10, output=20), energy_j=5.0,
                   energy_source=EnergySource.MEASURED)  # fmt: skip
    for number, (start, end) in enumerate([(0, 10_000), (5_000, 12_000), (20_000, 21_000)]):
        ledger.close_entry(replace(base, id=str(number), started_ms=T0 + start, ended_ms=T0 + end))
    ledger.close()
    traffic = LedgerTraffic(tmp_path / "l.db").traffic(T0, T0 + HOUR, ("2026-11-23",), "UTC")
    [busy] = traffic.busy
    assert (busy.busy_s, busy.requests, busy.tokens) == (13.0, 3, 90)
    [day] = traffic.energy
    assert day.rows == 3 and day.squares[0] == pytest.approx(100 + 49 + 1)


def test_no_file_is_an_empty_ledger_and_another_file_a_sentence(tmp_path):
    none = LedgerTraffic(tmp_path / "none.db")
    assert none.first_ms() is None and none.replay_rows(0, 1, ()) == []
    assert none.traffic(0, 1, ("2026-01-01",), "UTC").rows == 0
    assert not (tmp_path / "none.db").exists()
    (tmp_path / "text.db").write_text("not a database, but long enough to be looked at" * 40)
    with pytest.raises(LedgerError, match="cannot be read"):
        LedgerTraffic(tmp_path / "text.db").first_ms()


def test_comparisons_escalations_and_sums_count_for_what_they_are(tmp_path):
    def row(id, tier, **rest):
        return Entry(
            id=id, started_ms=T0 + HOUR, ended_ms=T0 + HOUR + 1000, zone="UTC", tier=tier,
            provider="p", model=MODELS[tier], policy="article", reason="r", ending=Ending.DONE,
            usage=Usage(uncached=100, output=10), usage_source=UsageSource.REPORTED, **rest,
        )  # fmt: skip

    ledger = SqliteLedger(tmp_path / "ledger.db", now_ms=T0)
    for each in (
        row("local", Tier.LOCAL),
        row("escalated", Tier.API, parent="local"),
        row("side-a", Tier.LOCAL, parent="pair", tag="compare"),
        row("side-b", Tier.API, parent="pair", tag="compare"),
        row("retried", Tier.API, parent="failed"),
        replace(row("failed", Tier.API), ending=Ending.ERROR, cost_nano=5),
        row("a day's export", Tier.API, calls=40),
        row("nobody knows how many", Tier.API, calls=0),
    ):
        ledger.close_entry(each)
    ledger.close()
    source = LedgerTraffic(tmp_path / "ledger.db")
    found = source.traffic(T0, T0 + 24 * HOUR, ["2026-11-23"], "UTC")
    assert [hour.requests for hour in found.hours] == [2]
    assert found.pairs == (PairOf(MODELS[Tier.API], MODELS[Tier.LOCAL], 100, 100),)
    measured = measure(found)
    assert measured["workload.requests_per_day"].value == 42
    assert measured["workload.retry_rate"].value == pytest.approx(1 / 42)
    assert measured["hybrid.escalation_rate"].value == 1
    [rows] = [
        row.rows for row in source.replay_rows(T0, T0 + 24 * HOUR, [10**6])
        if row.route == "api" and row.tag is None and row.status == "ok"
    ]  # fmt: skip
    assert rows == 43
