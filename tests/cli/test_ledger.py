"""`ledger`: filters, sums, exports, explanations, imports and repricing from the command line."""

import csv
import io
import json

import pytest

from tests.sources.ledger.imports.test_imports import assistant


@pytest.fixture
def history(run, environment, tmp_path):
    """Two replies of Claude Code on a day in Berlin, one of a model that no list knows."""
    environment["TZ"] = "Europe/Berlin"
    folder = tmp_path / "projects"
    folder.mkdir()
    usage = {"input_tokens": 1000, "output_tokens": 100, "cache_read_input_tokens": 10_000}
    lines = [assistant("msg_1", "req_1", usage),
             assistant("msg_2", "req_2", usage, model="=cmd|claude-unheard-of")]  # fmt: skip
    (folder / "a.jsonl").write_text("\n".join(lines) + "\n")
    ended = run("ledger", "import", "claude-code", str(folder), "--paid", "--apply", "--json")
    assert (ended.code, ended.json["new"]) == (4, 2)
    return folder


def test_an_import_is_a_dry_run_until_it_is_applied(run, history):
    plain = run("ledger", "import", "claude-code", str(history))
    assert "0 rows would be added, 0 grown, 2 known already" in plain.out
    (history / "b.jsonl").write_text(assistant("msg_3", "r", {"input_tokens": 1}) + "\nx\n")
    plain = run("ledger", "import", "claude-code", str(history))
    assert "1 rows would be added" in plain.out and "1 no JSON (first: b.jsonl:2)" in plain.out
    assert "Nothing was written" in plain.out
    assert run("ledger", "--json").json["totals"]["all"]["api"]["requests"] == 2


def test_a_filter_a_sort_and_groups(run, history):
    found = run("ledger", "show", "model:sonnet", "--json").json
    assert [row["model"] for row in found["entries"]] == ["claude-sonnet-5-5"]
    assert found["totals"]["found"]["api"]["requests"] == 1
    assert run("ledger", "is:unpriced", "--json").json["entries"][0]["cost_nano"] is None
    groups = run("ledger", "--group", "model", "--json").json["groups"]
    assert {group["model"]: group["unpriced"] for group in groups} == {
        "claude-sonnet-5-5": 0, "=cmd|claude-unheard-of": 1}  # fmt: skip
    plain = run("ledger", "--group", "day").out.splitlines()
    assert plain[1].startswith("2026-10-01  api") and "1 unpriced" in plain[1]
    assert any(line.startswith("evaluate self-hosting: $") for line in plain)


def test_a_filter_that_is_none_is_a_sentence(run):
    ended = run("ledger", "show", "teir:api")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err == 'llmconsole: "teir:" is not known; did you mean "tier:"?\n'


def test_an_export_has_every_column_and_no_formula(run, history):
    text = run("ledger", "export", "--sort", "oldest").out
    rows = list(csv.DictReader(io.StringIO(text)))
    assert len(rows) == 2 and {row["origin"] for row in rows} == {"claude-code"}
    assert rows[0]["cost_usd"] == "0.004000000" and rows[0]["prompt_tokens"] == "11000"
    odd = next(row for row in rows if "unheard" in row["model"])
    assert odd["model"].startswith("'=cmd") and odd["cost_usd"] == ""
    lines = run("ledger", "export", "--format", "jsonl").out.splitlines()
    assert {json.loads(line)["cost_usd"] for line in lines} == {"0.004000000", None}
    markdown = run("ledger", "export", "tier:api", "--format", "md").out.splitlines()
    assert markdown[0].startswith("| started | tier | model |") and "cmd\\|claude" in "".join(
        markdown
    )
    by_model = run("ledger", "export", "--group", "model", "--format", "md").out.splitlines()
    assert by_model[0].startswith("| model | tier | requests |") and len(by_model) == 4


def test_explain_shows_terms_price_and_raw_usage(run, history):
    [row] = run("ledger", "model:sonnet", "--json").json["entries"]
    shown = run("ledger", "explain", row["id"][:8]).out
    assert "input            1,000 × $2/1M = $0.002" in shown
    assert "cache read       10,000 × $0.1/1M = $0.001" in shown
    assert "charged: $0.004" in shown and "genai-prices" in shown
    assert '"cache_read_input_tokens": 10000' in shown
    assert run("ledger", "explain", "zzz").code == 2


def test_a_retired_model_is_marked_an_unpriced_one_explained_and_no_duration_is_no_zero(
    run, history, tmp_path
):
    path = tmp_path / "old.csv"
    path.write_text("time,model,input,output\n2025-05-05T10:00:00Z,claude-2.1,10,5\n")
    columns = [f"--map={name}={name}" for name in ("time", "model", "input", "output")]
    run("ledger", "import", "csv", str(path), *columns, "--set", "provider=anthropic", "--apply")
    shown = run("ledger", "show").out
    assert "claude-2.1 †" in shown and "†: a retired model" in shown
    assert "`llmconsole ledger is:unpriced` lists the rows" in shown
    [row] = run("ledger", "model:claude-2.1", "--json").json["entries"]
    assert row["ended_ms"] is None and "0.0 s" not in run("ledger", "model:claude-2.1").out


def test_explain_tells_how_the_sums_of_a_window_were_made(run, history):
    shown = run("ledger", "explain", "all")
    assert shown.code == 0 and "all, api:" in shown.out and "tokens × price, by row" in shown.out
    assert "1 rows left out" in shown.out and "llmconsole ledger reprice" in shown.out
    month = run("ledger", "explain", "month", "--json").json["sums"]
    assert {"local", "api", "limits"} == set(month)
    assert month["limits"]["act"].endswith("of $3,000.00 is 0.0%: clear")


def test_repricing_is_an_act_that_leaves_a_trace(run, history, own_home):
    config = own_home / "prices.toml"
    config.write_text('[[prices]]\nmodel = "*unheard-of"\ninput = 1\noutput = 1\n'
                      '[[prices]]\nmodel = "*sonnet*"\ndiscount = 0.5\n')  # fmt: skip
    with_prices = ("--config", str(config), "ledger", "reprice")
    dry = run(*with_prices, "--json")
    assert (dry.code, dry.json["changed"], dry.json["applied"]) == (0, 1, False)
    done = run(*with_prices, "--all", "--apply")
    assert "2 of 2 rows were repriced: $0.004000 becomes $0.013100" in done.out
    assert "kept as repricing 1" in done.out
    [row] = run("ledger", "model:sonnet", "--json").json["entries"]
    shown = run("ledger", "explain", row["id"])
    assert "discount         the sum × 0.5" in shown.out and "charged: $0.002" in shown.out
    assert "cost from $0.004 (genai-prices" in shown.out
    assert run(*with_prices, "--all", "--apply", "--json").json["changed"] == 0
    totals = run("ledger", "--json").json["totals"]["all"]["api"]
    assert (totals["spent_nano"], totals["unpriced"]) == (13_100_000, 0)


def test_any_csv_and_what_its_mapping_lacks(run, tmp_path):
    (tmp_path / "x.csv").write_text("t,m,i,o\n2026-10-01,gpt-4o,10,20\n")
    columns = ("--map", "time=t", "--map", "model=m", "--map", "input=i")
    lacking = run("ledger", "import", "csv", "x.csv", *columns)
    assert (lacking.code, "--map output=COLUMN" in lacking.err) == (2, True)
    done = run("ledger", "import", "csv", "x.csv", *columns, "--map", "output=o",
               "--set", "provider=openai", "--apply")  # fmt: skip
    assert done.code == 0 and "1 rows added" in done.out


def test_the_schema_is_printed_from_the_file(run):
    sql = run("ledger", "schema").out
    for part in ("CREATE TABLE entries", "CREATE VIEW days", "CREATE TRIGGER entries_totals_move"):
        assert part in sql
