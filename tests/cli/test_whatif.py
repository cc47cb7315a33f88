"""`whatif` at the command line: figures, files, exit codes, and one sentence for what cannot be."""

import json
import re

import pytest


def test_every_crossover_has_a_reason_and_an_interval_also_of_the_designs(run):
    found = run("whatif", "--preset", "homelab", "--set", "design.burst=yes", "--json").json
    duels = {each["duel"]: each for each in found["crossovers"]}
    assert {"anthropic/claude-haiku-5-5", "hybrid", "hybrid.own", "burst", "burst.own"} <= set(
        duels
    )
    for each in duels.values():
        for crossover in each["crossovers"]:
            assert crossover["reason"] and crossover["cheaper_above"] in ("self", "api")
            assert crossover["interval"]["p5"] <= crossover["interval"]["p95"]
    assert duels["hybrid"]["between"] == "the hybrid and Haiku 5.5"
    assert found["peak_hour"]["waiting"] < 0.05
    assert {each["kind"] for each in found["alternatives"]} >= {"hybrid", "burst", "own rig"}


def test_the_same_seed_draws_the_same(run):
    arguments = ("whatif", "--preset", "team", "--mc", "300", "--tornado", "--json", "--seed")
    one, same, other = (run(*arguments, seed).json for seed in ("5", "5", "6"))
    assert one == same
    assert one["alternatives"] != other["alternatives"] and one["tornado"] == other["tornado"]


@pytest.mark.parametrize("preset", ["article-corrected", "rented"])
def test_presets_print_months_crossovers_and_warnings(run, preset):
    ended = run("whatif", "--preset", preset, "--mc", "200", "--breakeven")
    assert ended.code == 0 and not ended.err
    assert "own rig" in ended.out and "▲" in ended.out and "not equal in quality" in ended.out


def test_what_cannot_be_priced_is_told_on_stderr_and_ends_with_4(run):
    ended = run("whatif", "--preset", "homelab", "--mc", "50", "--vs", "openai/no-such-model")
    assert ended.code == 4
    assert "not priced: no-such-model: openai/no-such-model has no price in any list" in ended.err
    assert "own rig" in ended.out


def test_a_rig_that_cannot_carry_the_peak_ends_with_3(run):
    ended = run("whatif", "--preset", "homelab", "-n", "900k", "--mc", "50", "--set",
                "self_host.max_replicas=2")  # fmt: skip
    assert ended.code == 3 and "infeasible: the peak takes" in ended.err
    assert "own rig" in ended.out and "cannot carry the peak" in ended.out


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ("workload.requests_per_day=1e15", "at most 1e+12"),
        ("workload.requests_per_day=nan", "is not a number"),
        ("workload.requests_per_day=", "type a number"),
        ("workload.requests_per_day=-3", "at least 0"),
        ("self_host.usd_per_kwh=18.8", "18.8¢ is 0.188"),
        ("self_host.life_months=0", "at least 1"),
        ("workload.cache_read_share=30", "write 30%"),
        ("self_host.usd_per_kwhh=1", "did you mean self_host.usd_per_kwh?"),
        ("workload.peak_to_mean=4..2", "below the high end"),
        ("api.model=nobody", "write provider/model"),
    ],
)
def test_bad_input_is_one_sentence_that_names_the_field(run, setting, words):
    ended = run("whatif", "--preset", "homelab", "--set", setting)
    assert (ended.code, ended.out) == (2, "")
    assert words in ended.err and ended.err.count("\n") == 1


def test_files_of_a_newer_format_and_other_kinds_are_refused(run, tmp_path):
    newer, broken = tmp_path / "newer.toml", tmp_path / "broken.toml"
    newer.write_text('format = 99\nbase = "homelab"\n')
    broken.write_text("not toml at all")
    for path, words in ((newer, "newer llmconsole"), (broken, "is not TOML"),
                        (tmp_path / "none.toml", "There is no file")):  # fmt: skip
        ended = run("whatif", "--scenario", str(path))
        assert (ended.code, ended.out) == (2, "") and words in ended.err


def test_a_scenario_states_only_what_differs_and_two_are_compared(run, tmp_path):
    one, other = tmp_path / "one.toml", tmp_path / "other.toml"
    one.write_text('base = "homelab"\n')
    other.write_text('base = "homelab"\n[self_host]\nops_hours_fixed = 0\nusd_per_kwh = "30¢"\n')
    found = run("whatif", "diff", str(one), str(other), "--json").json
    assert set(found["inputs"]) == {"self_host.ops_hours_fixed", "self_host.usd_per_kwh"}
    assert found["usd_per_month"]["own"]["difference"] == pytest.approx(-240 + 58.1 * 0.112, abs=1)
    table = run("whatif", "diff", str(one), str(other), "--markdown").out
    assert table.startswith("| | ") and "self_host.ops_hours_fixed | 4 | 0" in table
    presets = run("whatif", "diff", "homelab", "team", "--json").json
    assert presets["inputs"]["self_host.spare_replicas"] == {"one": 0, "other": 1}


def test_what_the_figures_rest_on_is_printed(run):
    text = run("whatif", "--preset", "article-corrected", "--mc", "200", "--seed", "4").out
    assert "P5–P95 of 200 draws with seed 4 over" in text and "prices: genai-prices" in text
    assert "for good from" in text and "cheaper of the rig and Sonnet 5.5:" in text
    assert "assumptions over a year old: grid (2023)" in text
    grid = run("whatif", "--preset", "homelab", "--mc", "20", "--json").json["inputs"]
    assert grid["self_host.gco2_per_kwh"]["out_of_date"] is True
    assert grid["self_host.capex_per_replica"]["grade"] == "C"
    assert grid["api.input"]["as_of"] >= "2026-11"


def test_tables_for_other_programs(run):
    csv = run("whatif", "--preset", "homelab", "--mc", "20", "--csv").out.splitlines()
    assert csv[0].startswith("requests_per_day,own,") and len(csv) == 42
    markdown = run("whatif", "--preset", "homelab", "--mc", "20", "--markdown").out
    assert "| crossover, requests/day | P5–P95 | why |" in markdown
    assert "none between the hybrid and the rig" in markdown


def test_a_crossover_explains_itself_to_its_inputs(run):
    tree = run("whatif", "explain", "crossover.1.hybrid", "--preset", "homelab", "--json").json
    [lines] = tree.values()
    names = {line["name"] for line in lines}
    assert {"hybrid.share_self", "self_host.usd_per_kwh", "api.output"} <= names
    assert lines[0]["value"] == pytest.approx(50_395, abs=1)
    ended = run("whatif", "explain", "nothing", "--preset", "homelab")
    assert ended.code == 2 and "is not a figure; there are saving_usd" in ended.err


def test_a_replay_needs_rows_and_a_policy_that_exists(run):
    empty = run("whatif", "replay")
    assert empty.code == 2 and "the ledger has no rows yet" in empty.err
    unknown = run("whatif", "replay", "--policy", "cheapest")
    assert unknown.code == 2 and "Ready-made: recorded, all-api" in unknown.err


def test_a_replay_of_real_rows_under_a_policy_of_ones_own(run, stand_ins, tmp_path):
    assert run("ask", "--tier", "local", "hello there").code == 0
    mine = tmp_path / "mine.toml"
    mine.write_text(
        'rules = [{ to = "opus" }]\n[targets.opus]\nmodel = "anthropic/claude-opus-5-5"\n'
    )
    found = run("whatif", "replay", "--policy", str(mine), "--price-at", "row", "--json").json
    assert found["replay"]["rows_moved"] == 1 and found["replay"]["mid"]["moved_api_usd"] > 0
    assert found["queueing"] == ""
    queue = run("whatif", "replay", "--policy", "all-local", "--queue", "--json").json["queueing"]
    assert queue["requests"] == 1 and queue["p95_wait_s"] == 0
    soon = run("whatif", "replay", "--price-at", "soon")
    assert soon.code == 2 and "now, row or a date" in soon.err


def test_the_article_prints_what_its_code_prints(run):
    ended = run("whatif", "--preset", "article", "--print")
    assert ended.out.splitlines()[:4] == [
        "GPT-4o API: $128/mo", "Claude Sonnet: $180/mo",
        "Llama 70B (self-hosted): $693/mo", "Llama 8B (self-hosted): $388/mo",
    ]  # fmt: skip
    nothing = run("whatif", "--preset", "article", "-n", "0", "--json").json
    assert [bill["total_usd"] for bill in nothing["volumes"][0]["bills"]][:2] == [0, 0]
    assert json.dumps(nothing)


def test_a_load_test_is_imported_shown_and_forgotten(run, tmp_path):
    result, other = tmp_path / "result.json", tmp_path / "other.json"
    result.write_text(
        json.dumps({"request_throughput": {"avg": 7.5}, "input_sequence_length": {"avg": 500},
                    "output_sequence_length": {"avg": 300}})
    )  # fmt: skip
    other.write_text("{}")
    refused = run("whatif", "benchmark", str(other))
    assert refused.code == 2 and "neither AIPerf's" in refused.err
    assert "7.5 requests a second" in run("whatif", "benchmark", str(result)).out
    assert run("whatif", "benchmark", "--json").json["requests_per_s"] == 7.5
    assert run("whatif", "benchmark", "--forget").out == "Forgotten.\n"
    assert run("whatif", "benchmark").out == "No load test is in use.\n"


def test_no_large_figure_is_told_in_powers_of_ten(run):
    for arguments in (("--tornado", "--mc", "50"), ("explain", "total_usd")):
        ended = run("whatif", *arguments, "--preset", "team", "--set",
                    "workload.requests_per_day=1M..3M")  # fmt: skip
        assert ended.code == 0 and not re.search(r"\de\+\d", ended.out)
