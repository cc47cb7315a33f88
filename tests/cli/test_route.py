"""`route` and `ask --unpin`: every step in words and as JSON, and a logged way out of a pin."""

import json
import sqlite3

import pytest

NAMES = ["privacy", "override", "capability", "rules", "policy", "budget", "health"]


def test_explain_tells_the_steps_what_if_not_and_what_the_policy_is_worth(run):
    ended = run("route", "--explain", "compare these two")
    assert ended.code == 0
    first, *rest = ended.out.splitlines()
    assert first.startswith("api · claude-") and first.endswith('complex: "compare"')
    assert [line.split()[0] for line in rest[1:8]] == NAMES
    assert 'would stay local without "compare" in the task' in ended.out
    assert "no better than a coin at the same share" in ended.out


def test_the_cascade_is_a_step_where_it_is_on(run, environment):
    environment["LLMCONSOLE_ROUTER_CASCADE_MODEL"] = "qwen3:8b"
    asked = run("route", "--explain", "How many legs have two spiders?")
    assert "cascade     should the reply close with a number, qwen3:8b is asked too" in asked.out
    for words, why in (
        (["write to jane.roe@example.org: how many?"], "the api may not be asked"),
        (["tell me a story"], "no answer is asked for that can be compared"),
        (["compare: how many are there?"], "the api serves it"),
        (["--tier", "local", "how many are there?"], "local is asked for by hand"),
    ):
        assert run("route", "--json", *words).json["steps"][-1]["words"] == f"none: {why}"
    environment["LLMCONSOLE_ROUTER_CASCADE_MODEL"] = "llama3.1:8b"
    same = run("route", "--json", "how many are there?")
    assert same.json["steps"][-1]["words"] == "none: llama3.1:8b serves it itself"


def test_json_has_the_whole_decision_and_never_what_was_found(run):
    ended = run("route", "--json", "mail jane.roe@example.org")
    decision = ended.json
    assert (decision["tier"], decision["pin"]) == ("local", "an e-mail address")
    assert [step["step"] for step in decision["steps"]] == NAMES
    assert "jane" not in ended.out


def test_what_must_stay_is_refused_where_local_is_elsewhere(run, environment):
    environment["LLMCONSOLE_TIERS_LOCAL_BASE_URL"] = "http://models.example"
    ended = run("route", "mail jane.roe@example.org")
    assert ended.code == 3 and "models.example is not declared as yours" in ended.err


@pytest.mark.parametrize(
    ("policy", "task", "why"),
    [("table", "summarize this", "table: coding, extraction or summarising"),
     ("api-only", "hi", "policy api-only"), ("local-only", "compare", "policy local-only")],
)  # fmt: skip
def test_policies_by_name(run, environment, policy, task, why):
    environment["LLMCONSOLE_ROUTER_POLICY"] = policy
    assert why in run("route", task).out


def test_rules_and_marks_of_a_file(run, tmp_path):
    path = tmp_path / "c.toml"
    path.write_text(
        '[privacy]\nwords = ["project aurora"]\n'
        '[[router.rules]]\nname = "tickets"\ntier = "api"\nregex = "(?i)ticket-[0-9]+"\n'
    )
    config = ("--config", str(path))
    assert "rule tickets: the expression matches" in run(*config, "route", "see TICKET-7").out
    assert 'pinned: the word "project aurora"' in run(*config, "route", "Project Aurora now").out


def test_a_rule_that_nothing_is_left_for_is_warned_of(run, tmp_path):
    path = tmp_path / "c.toml"
    path.write_text('[[router.rules]]\nname = "all"\ntier = "api"\n'
                    '[[router.rules]]\nname = "late"\ntier = "local"\nwords = ["x"]\n')  # fmt: skip
    ended = run("--config", str(path), "config", "check")
    assert ended.code == 0 and "late is never looked at" in ended.err


def test_unpinning_needs_a_reason_and_leaves_a_trace(run, stand_ins, own_home):
    task = "compare jane.roe@example.org with it"
    assert run("ask", "--unpin", " ", task).code == 2
    ended = run("ask", "--unpin", "it is a made-up address", "--json", task)
    assert ended.code == 0 and ended.json["entry"]["tier"] == "api"
    ledger = own_home / ".local/share/llmconsole/ledger.db"
    with sqlite3.connect(ledger) as db:
        [(pin, reason)] = db.execute("SELECT pin, reason FROM unpinnings").fetchall()
        [(steps,)] = db.execute("SELECT decision FROM entries").fetchall()
    db.close()
    assert (pin, reason) == ("an e-mail address", "it is a made-up address")
    assert [step["step"] for step in json.loads(steps)["steps"]] == NAMES
    stays = run("ask", "--json", task)
    assert stays.json["entry"]["tier"] == "local"
