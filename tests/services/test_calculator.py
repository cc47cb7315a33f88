"""The calculator over a real ledger: seeding, replay, and what it says when there is little."""

import pytest

from console.core.whatif.origin import Origin
from console.core.whatif.scenario import Scenario

from .calculators import calculator


@pytest.fixture(scope="module")
def loaded(tmp_path_factory):
    found = calculator(tmp_path_factory.mktemp("ledger"))
    found.load()
    return found


def test_nine_days_of_traffic_start_from_it(loaded):
    assert loaded.days == 8 and loaded.start() == Scenario("my-ledger")
    results = loaded.results(loaded.start())
    q = results.sheet.source("workload.requests_per_day")
    assert q.origin is Origin.MEASURED and "8 days to 2026-11-23" in q.text
    assert results.sheet.base.here.p5 < results.sheet.base.here.p95
    assert results.sheet.source("api.input").text.startswith("genai-prices")


def test_a_young_ledger_starts_from_the_article_and_says_how_few_days_it_has(tmp_path):
    young = calculator(tmp_path, days=3)
    young.load()
    assert 0 < young.days < 7 and young.start() == Scenario("article")
    said = young.world.bases["my-ledger"].caveats
    assert any(f"only {young.days} complete days" in text for text in said)


def test_no_ledger_is_no_trouble(tmp_path):
    bare = calculator(tmp_path, rows=False)
    bare.load()
    assert (bare.days, bare.trouble) == (0, "") and "my-ledger" not in bare.bases()
    assert not (tmp_path / "ledger.db").exists()


def test_a_ledger_that_cannot_be_read_is_a_sentence(tmp_path):
    (tmp_path / "ledger.db").write_text("not a database at all, whatever its name says" * 50)
    broken = calculator(tmp_path, rows=False)
    broken.load()
    assert "cannot be read" in broken.trouble and broken.start().base == "article"


def test_replaying_as_recorded_is_the_recorded_total(loaded):
    results = loaded.results(loaded.start())
    policy = loaded.replays.policy("recorded", results.sheet)
    seen = []
    found = loaded.replays.run(results, policy, "recorded", days=30, progress=seen.append)
    assert found.replay.mid.total_usd == pytest.approx(found.replay.recorded_usd)
    assert found.replay.priced_share == 1 and seen[-1] == 1 and seen == sorted(seen)
    assert found.replay.rows_kept > 300


@pytest.mark.parametrize("name", ["all-api", "all-local", "short-local"])
def test_bounds_are_in_order_and_days_add_up(loaded, name):
    results = loaded.results(Scenario("my-ledger", {"reading.view": "running"}))
    policy = loaded.replays.policy(name, results.sheet)
    whole = loaded.replays.run(results, policy, name, days=9).replay
    assert whole.lo.total_usd <= whole.mid.total_usd <= whole.hi.total_usd
    at_row = loaded.replays.run(results, policy, name, days=9, price_at="row").replay
    assert at_row.mid.total_usd == pytest.approx(whole.mid.total_usd, rel=0.2)


def test_a_policy_file_may_name_models_and_the_rig(loaded):
    results = loaded.results(loaded.start())
    policy = loaded.replays.policy_of(
        {"rules": [{"when": {"route": "api"}, "to": "haiku"}, {"to": "rig"}],
         "targets": {"haiku": {"model": "claude-haiku-5-5"}, "rig": {"kind": "rig"}}},
        results.sheet,
    )  # fmt: skip
    assert loaded.replays.run(results, policy, "mine", days=9).replay.rows_moved > 300
    for wrong, words in (
        ({"rules": [{"to": "nobody"}]}, "not among the targets"),
        ({"targets": {"x": {"model": "nobody"}}}, "write provider/model"),
        ({"targets": {"x": {"model": "openai/nothing-9"}}}, "no price"),
        ({"colour": 1}, "not part of a replay policy"),
    ):
        with pytest.raises(ValueError, match=words):
            loaded.replays.policy_of(wrong, results.sheet)


def test_a_model_that_was_not_offered_is_looked_up(loaded):
    results = loaded.results(Scenario("homelab", {"api.model": "anthropic/claude-opus-5-5"}))
    assert results.sheet.case.get("api.input") == 4
    assert results.sheet.offer.listing.short == "Opus 5.5"
    with pytest.raises(ValueError, match="no price"):
        loaded.results(Scenario("homelab", {"api.model": "anthropic/claude-nothing"}))
    with pytest.raises(ValueError, match="days must be"):
        loaded.replays.run(results, loaded.replays.policy("recorded", results.sheet), "", days=0)
