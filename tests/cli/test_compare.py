"""`compare` against real servers on loopback: estimate, results that survive a kill, report."""

import json
import os
import signal
import stat

import pytest

from console.core.tier import Tier
from console.core.verdict import Judgement, Verdict, hash_of
from console.sources.demo.faults import Fault
from console.sources.ledger.store import SqliteLedger
from console.sources.places import find_places
from tests.patience import until

TASKS = (
    {"id": "sum", "prompt": "What is 17 + 25?", "expected": 42},
    {"id": "metal", "prompt": "Which is a metal? (A) oxygen (B) iron", "expected": "B"},
    {"id": "free", "prompt": "Say hello."},
)


def a_set(folder, *tasks):
    path = folder / "prompts.jsonl"
    path.write_text("".join(json.dumps(task) + "\n" for task in tasks or TASKS))
    return path


def graded(stand_ins):
    """The local tier is wrong about the sum, both know the metal."""
    for reply in ("It is 41.", "(B)", "Hello."):
        stand_ins.local.order(Fault(reply=reply))
    for reply in ("17 + 25 = 42", "The answer is B.", "Hello!"):
        stand_ins.api.order(Fault(reply=reply))


def test_nothing_is_sent_before_the_cost_is_agreed_to(run, tmp_path, stand_ins):
    ended = run("compare", "--file", str(a_set(tmp_path)))
    assert ended.code == 2 and "add --yes" in ended.err
    assert "3 prompts to ask: about $0." in ended.err and "at most $0." in ended.err
    assert not stand_ins.api.chats and not stand_ins.local.chats


def test_a_set_is_reported_with_grades_time_tokens_dollars(run, tmp_path, stand_ins):
    graded(stand_ins)
    labels = tmp_path / "labels.jsonl"
    ended = run(
        "compare", "--file", str(a_set(tmp_path)), "--yes", "--labels", str(labels), "--json"
    )
    assert ended.code == 0, ended.err
    report = ended.json
    assert (report["tasks"], report["graded"], report["only_api"], report["both"]) == (3, 2, 1, 1)
    assert (report["agreed"], report["comparable"]) == (1, 2)
    local, api = report["tiers"]["local"], report["tiers"]["api"]
    assert (local["right"], api["right"]) == (1, 2) and local["answered"] == api["answered"] == 3
    assert api["spent_nano"] > 0 and api["output_tokens"] > 0 and api["median_ms"] >= 0
    said = [json.loads(line) for line in labels.read_text().splitlines()]
    assert [(x["id"], x["weak"], x["strong"]) for x in said] == [("sum", 0, 1), ("metal", 1, 1)]
    assert said[0]["prompt"] == "What is 17 + 25?" and said[0]["weak_output"] == "It is 41."
    kept = tmp_path / "prompts.jsonl.results"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600 and len(kept.read_text().splitlines()) == 3


def test_rows_are_pairs_in_the_ledger(run, tmp_path, stand_ins):
    assert run("compare", "--file", str(a_set(tmp_path)), "--yes").code == 0
    ledger = SqliteLedger(find_places().ledger, now_ms=0)
    rows = ledger.recent(100)
    ledger.close()
    pairs = {}
    for row in rows:
        pairs.setdefault(row.parent, set()).add(row.tier)
    assert len(pairs) == 3 and all(tiers == set(Tier) for tiers in pairs.values())
    assert {row.tag for row in rows} == {"compare"}


def test_a_killed_run_goes_on_where_it_was(start, run, tmp_path, stand_ins):
    path = a_set(tmp_path)
    stand_ins.local.order(Fault(), Fault(stall_after=1))
    process = start("compare", "--file", str(path), "--yes")
    results = tmp_path / "prompts.jsonl.results"
    until(lambda: len(stand_ins.local.chats) == 2)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert len(results.read_text().splitlines()) == 1
    with results.open("ab") as file:
        file.write(b'{"id": "metal", "answers": {"lo\xe2')
    sent = len(stand_ins.api.chats)
    ended = run("compare", "--file", str(path), "--yes", "--json")
    assert ended.code == 0 and ended.json["tasks"] == 3
    assert "2 prompts to ask, 1 are there already" in ended.err
    assert len(stand_ins.api.chats) == sent + 2
    assert run("compare", "--file", str(path), "--json").code == 0, "nothing left to agree to"


def test_what_must_stay_is_left_out_and_never_sent(run, tmp_path, stand_ins):
    secret = "My card is 4111 1111 1111 1111, is it valid?"
    path = a_set(tmp_path, TASKS[0], {"id": "card", "prompt": secret})
    ended = run("compare", "--file", str(path), "--yes", "--json")
    assert list(ended.json["kept_back"]) == ["card"]
    assert ended.code == 3 and "card is left out" in ended.err
    assert all(b"4111" not in chat.body for chat in stand_ins.api.chats)


def test_a_server_that_is_down_ends_the_run_with_a_sentence(run, tmp_path, environment, stand_ins):
    environment["LLMCONSOLE_TIERS_LOCAL_BASE_URL"] = "http://127.0.0.1:9"
    many = [{"prompt": f"Say {n}."} for n in range(9)]
    ended = run("compare", "--file", str(a_set(tmp_path, *many)), "--yes")
    assert ended.code == 1 and "the local tier failed 3 times in a row" in ended.err
    assert len(stand_ins.api.chats) == 3


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "has no prompts"),
        ("not json\n", "line 1 is no JSON"),
        ("[1]\n", "line 1 is no JSON object"),
        ('{"prompt": " "}\n', 'line 1 has no "prompt" with text'),
        ('{"prompt": "a", "id": 1}\n{"prompt": "b", "id": "1"}\n', "line 2: the id 1 is there"),
        ('{"prompt": "a", "grade": "vibes"}\n', '"grade" must be number, choice, literal, exact'),
    ],
)  # fmt: skip
def test_a_set_that_is_none_is_refused_in_a_sentence(run, tmp_path, text, sentence):
    path = tmp_path / "prompts.jsonl"
    path.write_text(text)
    ended = run("compare", "--file", str(path), "--yes")
    assert ended.code == 2 and sentence in ended.err and ended.err.count("\n") == 1


def test_markdown_is_a_table(run, tmp_path, stand_ins):
    graded(stand_ins)
    ended = run("compare", "--file", str(a_set(tmp_path)), "--yes", "--markdown")
    lines = ended.out.splitlines()
    assert lines[0].startswith("| tier | model |") and lines[1].startswith("| --- | --- | ---:")
    assert lines[2].startswith("| local | llama3.1:8b | 3 | 0 |") and "1 (50%)" in lines[2]
    assert "- of 2 graded: both right 1, only local 0, only api 1, neither 0" in lines


def test_verdicts_are_listed_with_win_rates(run, environment):
    ledger = SqliteLedger(find_places().ledger, now_ms=0)
    for number, judgement in enumerate((Judgement.A, Judgement.B, Judgement.TIE)):
        ledger.keep_verdict(
            Verdict(pair=f"p{number}", a="x", b="y", a_tier=Tier.LOCAL, judgement=judgement,
                    at_ms=number, prompt_hash=hash_of("why"))
        )  # fmt: skip
    ledger.close()
    ended = run("compare", "verdicts", "--list")
    assert ended.code == 0 and "1 (33%) [6%–79%]" in ended.out and ended.out.count("why") == 0
    [rate] = run("compare", "verdicts", "--json").json["rates"]
    assert rate["verdicts"] == 3 and rate["won"] == {"local": 1, "api": 1} and rate["ties"] == 1
