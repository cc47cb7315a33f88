"""`router`: fit on one file, score another, measure; and what is wrong with files."""

import csv
import io
import json
import random

import pytest

from console.cli import main
from console.cli.exits import Exit
from tests.cli.conftest import Ended

HARD = ("prove", "integral", "lemma", "theorem", "topology")
EASY = ("apple", "river", "garden", "window", "bread")


def labels(count=240, seed=1):
    """Prompts whose hard words make the local model fail, and whose length says nothing."""
    rng = random.Random(seed)
    for at in range(count):
        hard = rng.random() < 0.4
        words = rng.choices(HARD if hard else EASY, k=3) + rng.choices(EASY, k=9)
        rng.shuffle(words)
        weak = 0.0 if rng.random() < (0.8 if hard else 0.15) else 1.0
        yield {"id": f"q{at}", "prompt": " ".join(words), "weak": weak, "strong": 1.0}


@pytest.fixture
def run(own_home, capsys):
    """The command, in this process: fits are many, and quick."""

    def run(*words):
        with pytest.raises(SystemExit) as end:
            main([str(word) for word in words])
        return Ended(int(end.value.code), *capsys.readouterr())

    return run


@pytest.fixture
def write(tmp_path):
    def write(name, rows):
        path = tmp_path / name
        path.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
        return path

    return write


@pytest.fixture
def fitted(run, write, tmp_path):
    model = tmp_path / "model.json"
    done = run("router", "fit", write("train.jsonl", labels()), "--model", model, "--json")
    assert done.code == Exit.FINE, done.err
    return model, json.loads(done.out)


def test_a_fit_beats_the_prior_where_words_tell(fitted):
    model, said = fitted
    assert said["source"] == "fitted"
    assert said["quality"]["apgr"] > said["prior"]["apgr"] + 0.01
    assert said["quality"]["low"] > 0.5 and not said["quality"]["random"]
    assert model.stat().st_mode & 0o777 == 0o600


def test_prompts_not_seen_are_scored_as_csv_and_json(run, write, fitted):
    rows = list(labels(seed=2))
    prompts = write("test.jsonl", [{"id": row["id"], "prompt": row["prompt"]} for row in rows])
    done = run("router", "score", prompts, "--model", fitted[0], "--csv")
    found = {row["id"]: row for row in csv.DictReader(io.StringIO(done.out))}
    assert set(found) == {row["id"] for row in rows}
    hard = [float(found[row["id"]]["score"]) for row in rows if is_hard(row["prompt"])]
    easy = [float(found[row["id"]]["score"]) for row in rows if not is_hard(row["prompt"])]
    assert min(sum(hard) / len(hard), 0.3) > sum(easy) / len(easy)

    said = json.loads(run("router", "score", prompts, "--model", fitted[0], "--json").out)
    assert said["source"] == "fitted"
    one = said["scores"]["q0"]
    assert one["score"] == pytest.approx(float(found["q0"]["score"]))
    assert one["value_per_usd"] == pytest.approx(float(found["q0"]["value_per_usd"]))
    share = [one["decision"] for one in said["scores"].values()].count("api") / len(rows)
    assert share == pytest.approx(0.3, abs=0.02)


def is_hard(prompt):
    return any(word in HARD for word in prompt.split(" "))


def test_without_a_model_the_prior_scores(run, write):
    prompts = write("p.jsonl", [{"id": 1, "prompt": "short"}, {"id": 2, "prompt": "long " * 99}])
    said = json.loads(run("router", "score", prompts, "--json").out)
    assert said["source"] == "prior" and said["quality"] is None
    assert said["scores"]["2"]["score"] > said["scores"]["1"]["score"]


def test_a_model_in_its_place_is_used_and_cold_leaves_it(run, write):
    assert run("router", "fit", write("train.jsonl", labels())).code == Exit.FINE
    prompts = write("p.jsonl", [{"id": 1, "prompt": "prove the lemma"}])
    used = json.loads(run("router", "score", prompts, "--json").out)
    cold = json.loads(run("router", "score", prompts, "--json", "--cold").out)
    assert (used["source"], cold["source"]) == ("fitted", "prior")


def test_where_nothing_tells_the_prior_stays(run, write, tmp_path):
    rng = random.Random(4)
    rows = [{**row, "weak": float(rng.random() < 0.5)} for row in labels()]
    for row in rows:
        row["prompt"] = "word " * rng.randint(1, 40)
    done = run("router", "fit", write("l.jsonl", rows), "--model", tmp_path / "m.json")
    assert done.code == Exit.FINE
    assert "The prior stays" in done.out and "≈ random" in done.out


def test_the_same_labels_in_any_order_give_the_same_model(run, write, tmp_path):
    rows = list(labels())
    for name in ("a", "b"):
        run("router", "fit", write("l.jsonl", rows), "--model", tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_eval_measures_each_file_beside_what_others_reach(run, write):
    done = run("router", "eval", write("mine.jsonl", labels()))
    assert done.code == Exit.FINE
    assert "mine" in done.out and "RouteLLM" in done.out and "vs coin" in done.out
    said = json.loads(run("router", "eval", write("mine.jsonl", labels()), "--json").out)
    assert [one["set"] for one in said["sets"]] == ["mine"]
    assert said["sets"][0]["article"] == {"share": 0.0, "delta": 0.0, "z": 0.0}


def test_agreement_of_two_local_models_comes_before_the_prompt(run, write):
    prompts = write(
        "p.jsonl",
        [
            {"id": "same", "prompt": "x " * 500, "weak_answer": "18", "weak2_answer": "18.0"},
            {"id": "other", "prompt": "x", "weak_answer": "18", "weak2_answer": "7"},
            {"id": "none", "prompt": "x", "weak_answer": None, "weak2_answer": "7"},
        ],
    )
    said = json.loads(run("router", "score", prompts, "--cascade", "--json").out)["scores"]
    assert said["other"]["score"] > said["none"]["score"] > said["same"]["score"]


def test_parquet_is_read_like_json_lines(run, write, tmp_path):
    pyarrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    rows = list(labels())
    parquet.write_table(pyarrow.Table.from_pylist(rows), tmp_path / "l.parquet")
    for name, path in (("a", tmp_path / "l.parquet"), ("b", write("l.jsonl", rows))):
        assert run("router", "fit", path, "--model", tmp_path / name).code == Exit.FINE
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


GOOD = {"id": "a", "prompt": "x", "weak": 0, "strong": 1}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{}\n", 'line 1, has no "id".'),
        (f"{json.dumps(GOOD)}\nnot json\n", "line 2, is not JSON."),
        (f"{json.dumps(GOOD)}\n[1]\n", "line 2, is no JSON object."),
        (f"{json.dumps(GOOD)}\n{json.dumps(GOOD)}\n", "line 2, repeats the id a."),
        (json.dumps({**GOOD, "prompt": 3}), 'line 1, has no "prompt".'),
        (json.dumps({**GOOD, "weak": 1.2}), 'line 1, has a "weak" of 1.2;'),
        (json.dumps({**GOOD, "strong": "good"}), 'line 1, has no "strong"'),
        (json.dumps({**GOOD, "weak": float("nan")}), 'line 1, has a "weak" of nan;'),
        ("", "holds no labels"),
        (json.dumps(GOOD), "1 labels are too few to fit on"),
        ("PAR1 broken", "is damaged"),
    ],
)
def test_a_bad_file_is_one_sentence(run, tmp_path, text, said):
    path = tmp_path / "labels"
    path.write_text(text)
    done = run("router", "fit", path)
    assert done.code == Exit.USAGE
    assert said in done.err and done.err.count("\n") == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("fit",), "Name files of labels, or --from-ledger."),
        (("fit", "--from-ledger"), "0 blind verdicts"),
        (("score", "{p}", "--csv", "--json"), "one of --csv and --json"),
        (("score", "{p}", "--cold", "--model", "{p}"), "one of --cold and --model"),
        (("score", "{p}", "--model", "{p}"), "this is no router model"),
    ],
)
def test_wrong_usage_is_one_sentence(run, write, words, said):
    path = str(write("p.jsonl", [{"id": 1, "prompt": "x"}]))
    done = run("router", *(word.replace("{p}", path) for word in words))
    assert done.code == Exit.USAGE and said in done.err


def test_without_numpy_it_says_what_to_install(run, write, monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "numpy", None)
    done = run("router", "fit", write("l.jsonl", labels(50)))
    assert done.code == Exit.USAGE and "pip install 'llmconsole[router]'" in done.err


def test_policy_score_takes_up_what_was_fitted_and_says_why(run, write, monkeypatch, own_home):
    monkeypatch.setenv("LLMCONSOLE_ROUTER_POLICY", "score")
    cold = json.loads(run("route", "prove it", "--json").out)
    assert cold["score"]["source"] == "prior"
    assert run("router", "fit", write("l.jsonl", labels())).code == Exit.FINE
    shape = "apple river garden {} window bread apple {} river garden {} bread"
    hard, easy = (
        json.loads(run("route", shape.format(*words), "--json").out)
        for words in (("lemma", "prove", "theorem"), ("bread", "river", "window"))
    )
    assert hard["score"]["source"] == "fitted" and hard["threshold"] is not None
    assert hard["score"]["value"] > easy["score"]["value"]
    parts = sum(part["value"] for part in hard["score"]["parts"])
    assert parts == pytest.approx(hard["score"]["value"])
    assert not list(own_home.rglob("ledger.db"))
