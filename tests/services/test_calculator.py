"""The calculator over a real ledger: seeding, replay, and what it says when there is little."""

import pytest

from console.core.pricing import PriceCard
from console.core.whatif.origin import Origin
from console.core.whatif.scenario import Scenario
from console.services.asked import Asked

from .calculators import NOW_MS, calculator


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
    policy = loaded.replays.named("recorded", results.sheet)
    seen = []
    found = loaded.replays.run(results, policy, "recorded", days=30, progress=seen.append)
    assert found.replay.mid.total_usd == pytest.approx(found.replay.recorded_usd)
    assert found.replay.priced_share == 1 and seen[-1] == 1 and seen == sorted(seen)
    assert found.replay.rows_kept > 300


@pytest.mark.parametrize("name", ["all-api", "all-local", "short-local"])
def test_bounds_are_in_order_and_days_add_up(loaded, name):
    results = loaded.results(Scenario("my-ledger", {"reading.view": "running"}))
    policy = loaded.replays.named(name, results.sheet)
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
        loaded.replays.run(results, loaded.replays.named("recorded", results.sheet), "", days=0)


class Doubling:
    """All costs twice as much from a day on; before 2020 nothing has a price."""

    def __init__(self, list_):
        self.list = list_

    def card(self, provider, model, at_ms):
        found = self.list.card(provider, model, NOW_MS)
        if at_ms < 1_577_836_800_000 or found is None:
            return None
        factor = 2 if at_ms >= NOW_MS - 4 * 86_400_000 else 1
        return PriceCard(provider=provider, model=model, input=found.input * factor,
                         output=found.output * factor, source="doubling")  # fmt: skip


def test_prices_of_a_day_are_those_of_every_listed_model(loaded, tmp_path):
    engine = calculator(tmp_path)
    engine.load()
    engine.replays._prices = Doubling(engine.replays._prices)
    results = engine.results(engine.start())
    document = {
        "rules": [{"when": {"route": "api"}, "to": "haiku"}, {"to": "opus"}],
        "targets": {"haiku": {"model": "claude-haiku-5-5"}, "opus": {"model": "claude-opus-5-5"}},
    }
    policy = engine.replays.policy_of(document, results.sheet)

    def total(price_at):
        return engine.replays.run(results, policy, "", days=9, price_at=price_at).replay

    single, double = total("2026-11-01").mid.total_usd, total("2026-11-23").mid.total_usd
    assert double == pytest.approx(2 * single)
    assert single < total("row").mid.total_usd < double
    before = total("2019-05-05")
    assert before.unpriced_count == before.rows_moved > 300
    assert set(before.reasons) == {
        "anthropic/claude-haiku-5-5 has no price on 2019-05-05",
        "anthropic/claude-opus-5-5 has no price on 2019-05-05",
    }
    with pytest.raises(ValueError, match="now, row or a date, not soon"):
        total("soon")


def test_a_typed_price_is_the_operators_on_every_day(tmp_path):
    engine = calculator(tmp_path)
    engine.load()
    engine.replays._prices = Doubling(engine.replays._prices)
    results = engine.results(engine.start().with_change("api.input", 7.0))
    policy = engine.replays.named("all-api", results.sheet)
    one, other = (
        engine.replays.run(results, policy, "", days=9, price_at=at).replay.mid.moved_api_usd
        for at in ("now", "2026-11-23")
    )
    assert one == other


def test_an_own_policy_has_a_name(tmp_path):
    engine = calculator(tmp_path)
    engine.load()
    folder = tmp_path / "whatif" / "policies"
    folder.mkdir(parents=True)
    (folder / "mine.toml").write_text('rules = [{ to = "own" }]')
    (folder / "broken.toml").write_text("rules = [{ to = 'nobody' }]")
    results = engine.results(engine.start())
    assert engine.replays.names()[-2:] == ("broken", "mine")
    assert engine.replays.named("mine", results.sheet).rules[0].to == "own"
    assert engine.replays.named(str(folder / "mine.toml"), results.sheet).rules[0].to == "own"
    with pytest.raises(ValueError, match="broken: a rule sends rows to nobody"):
        engine.replays.named("broken", results.sheet)
    with pytest.raises(FileNotFoundError, match=r"no replay policy al-api: .*Ready-made: recorded"):
        engine.replays.named("al-api", results.sheet)


def test_the_rig_keeps_up_with_real_times_or_does_not(loaded):
    results = loaded.results(Scenario("homelab"))
    policy = loaded.replays.named("all-local", results.sheet)
    easy = loaded.replays.check(policy, results.sheet, days=9)
    assert easy.requests > 300 and easy.p95_wait_s < 1 and easy.replicas == 1
    slow = loaded.results(
        Scenario("homelab", {"workload.requests_per_day": 1, "self_host.replica_rps": 0.002})
    )
    hard = loaded.replays.check(policy, slow.sheet, days=9)
    assert hard.longest_wait_s > 100 and hard.overflow_share > easy.overflow_share
    kept = loaded.replays.named("recorded", results.sheet)
    assert loaded.replays.check(kept, results.sheet, days=9).requests < easy.requests
    away = loaded.replays.named("all-api", results.sheet)
    assert loaded.replays.check(away, results.sheet, days=9) == "no request goes to the rig"


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("all-local", Asked("all-local")),
        ("'my file.toml' 7d row", Asked("my file.toml", 7, "row")),
        ("recorded 2026-11-01 90", Asked("recorded", 90, "2026-11-01")),
    ],
)
def test_what_is_typed_for_a_replay(text, asked):
    assert Asked.parse(text) == asked == Asked.parse(str(asked))


@pytest.mark.parametrize("text", ["", "all-api 0", "all-api 99999", "all-api later", "'open"])
def test_what_is_no_replay_is_a_sentence(text):
    with pytest.raises(ValueError, match=r"days|row or a date"):
        Asked.parse(text)


def test_a_load_test_says_what_the_rig_can_do(tmp_path):
    engine = calculator(tmp_path)
    engine.load()
    observed = engine.results(engine.start()).sheet
    assert any("observed, not saturated" in text for text in observed.base.caveats)
    result = tmp_path / "profile_export_aiperf.json"
    result.write_text(
        '{"request_throughput": {"avg": 7.5}, "input_sequence_length": {"avg": 90000},'
        ' "output_sequence_length": {"avg": 10}}'
    )
    engine.shelf.keep_benchmark(str(result))
    engine.load()
    sheet = engine.results(engine.start()).sheet
    assert sheet.case.get("self_host.replica_rps") == 7.5
    assert "saturated: AIPerf" in sheet.source("self_host.replica_rps").text
    assert not any("observed" in text for text in sheet.base.caveats)
    assert any("the benchmark's requests have 90,010 tokens" in text for text in sheet.base.caveats)
    assert engine.shelf.forget_benchmark() and not engine.shelf.forget_benchmark()
    engine.shelf.folder.joinpath("benchmark.json").write_text("[1]")
    engine.load()
    assert "benchmark.json" in engine.trouble
