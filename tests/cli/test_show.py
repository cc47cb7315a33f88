"""`gpu`, `ledger` and `whatif`: the panes' figures without the screen."""

import pytest

from console.core.gpu_json import from_json
from console.wire.world import DEMO_TRACE


def test_a_recorded_gpu(run):
    ended = run("--gpu-trace", str(DEMO_TRACE), "gpu", "--json")
    snapshot = from_json(ended.out)
    assert (ended.code, ended.err) == (0, "")
    assert snapshot.simulated and snapshot.cards and snapshot.trouble is None
    plain = run("--gpu-trace", str(DEMO_TRACE), "gpu", "show")
    titles, *rest = plain.out.splitlines()
    rows, source = rest[: rest.index("")], rest[-1]
    assert titles.split() == ["gpu", "name", "util", "power", "cap", "memory", "of", "temp"]
    assert len(rows) == len(snapshot.cards)
    assert "simulated" in source


def test_no_gpu_is_a_sentence_and_still_json(run, environment, tmp_path):
    environment["LD_LIBRARY_PATH"] = str(tmp_path)
    ended = run("gpu", "--json")
    snapshot = from_json(ended.out)
    if snapshot.trouble is None:
        pytest.skip("this machine has a GPU")
    assert ended.code == 1
    assert ended.err == f"llmconsole: {snapshot.trouble}\n"


@pytest.mark.parametrize("content", [None, b"", b"{}\n", b"\x1f\x8bjunk"])
def test_a_trace_that_is_none_is_refused(run, tmp_path, content):
    trace = tmp_path / "trace.jsonl"
    if content is not None:
        trace.write_bytes(content)
    ended = run("--gpu-trace", str(trace), "gpu")
    assert (ended.code, ended.out) == (2, "")
    assert "trace.jsonl" in ended.err


def test_an_empty_ledger(run):
    empty = run("ledger", "--json")
    assert empty.code == 0
    assert empty.json["entries"] == []
    totals = empty.json["totals"]
    assert set(totals) == {"today", "7d", "30d", "month", "all"}
    assert totals["all"]["api"]["spent_nano"] == 0 and totals["all"]["api"]["spent_usd"] == 0
    assert "No requests yet." in run("ledger").out


def test_rows_and_totals(run, stand_ins):
    for task in ("hello", "Compare these", "bye"):
        assert run("ask", task).code == 0
    page = run("ledger", "--json", "--limit", "2").json
    assert [entry["reason"] for entry in page["entries"]] == ["routine", 'complex: "compare"']
    totals = page["totals"]["today"]
    assert (totals["local"]["requests"], totals["api"]["requests"]) == (2, 1)
    assert totals["api"]["spent_nano"] == page["entries"][1]["cost_nano"]
    plain = run("ledger", "--limit", "1").out.splitlines()
    assert plain[0].split()[:3] == ["when", "tier", "model"]
    assert plain[1].split()[-3:-1] == ["done", "routine"]
    assert len(plain) == 2 + 1 + 1 + 10 + 1 + 2
    assert run("ledger", "--limit", "-1").code == 2


def test_the_three_volumes_to_the_dollar(run):
    table = run("whatif").out.splitlines()[1:4]
    assert [row.split()[:5] for row in table] == [
        ["1,000", "$128", "$180", "$693", "$388"],
        ["10,000", "$1,275", "$1,800", "$693", "$388"],
        ["100,000", "$12,750", "$18,000", "$693", "$388"],
    ]


def test_whatif_as_json(run):
    result = run("whatif", "--json").json
    assert [round(each["requests_per_day"] or 0) for each in result["crossovers"]] == [
        5438, 3852, 3046, 2157]  # fmt: skip
    assert [volume["bills"][0]["total_usd"] for volume in result["volumes"]] == [
        127.5, 1275.0, 12750.0]  # fmt: skip
    assert {each["printed"] for each in result["article_differs"]} >= {"$120", "$396"}


def test_whatif_at_other_inputs(run):
    result = run("whatif", "show", "--json", "-n", "8.4k", "--input-tokens", "400",
                 "--set", "gpt_4o.input=5").json  # fmt: skip
    [volume] = result["volumes"]
    assert volume["requests_per_day"] == 8400
    assert result["inputs"]["workload.input_tokens"] == 400
    requests = 8400 * 30
    assert volume["bills"][0]["total_usd"] == pytest.approx(requests * (400 * 5 + 300 * 10) / 1e6)
    assert result["article_differs"] == []


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("-n", "many"), "many"),
        (("-n", "1e15"), "requests a day"),
        (("--set", "gpt_4o.inptu=1"), "gpt_4o.input"),
        (("--set", "gpt_4o.input"), "type a number"),
        (("--output-tokens", "-1"), "output tokens"),
    ],
)
def test_inputs_that_cannot_be(run, arguments, word):
    ended = run("whatif", *arguments)
    assert (ended.code, ended.out) == (2, "")
    assert word in ended.err
