"""`ask` and `route` against real servers on loopback: streams, exit codes, the ledger's row."""

import json
import os
import signal
import subprocess
from pathlib import Path

import pytest

from console.cli.output import entry_json
from console.core.settings import API_DEFAULT
from console.sources.demo.faults import Fault
from console.sources.ledger.store import SqliteLedger
from console.sources.places import find_places
from tests.cli.conftest import COMMAND
from tests.patience import PATIENCE_S
from tests.terminal.pty_program import PtyProgram


@pytest.fixture
def rows():
    """Reads the ledger's rows as `ledger --json` has them."""

    def rows():
        ledger = SqliteLedger(find_places().ledger, now_ms=1_795_478_400_000)
        entries = [entry_json(entry) for entry in ledger.recent(100)]
        ledger.close()
        return entries

    return rows


def test_the_reply_on_stdout_and_the_rest_on_stderr(run, rows, stand_ins):
    stand_ins.local.order(Fault(reply="Blue, because\nof [/markup]"))
    ended = run("ask", "Why is the sky blue?")
    assert (ended.code, ended.out) == (0, "Blue, because\nof [/markup]")
    routed, spent = ended.err.splitlines()
    assert routed == "local · llama3.1:8b · routine"
    [row] = rows()
    assert (row["tier"], row["ending"], row["usage_source"]) == ("local", "done", "reported")
    assert spent.startswith(f"{row['usage']['uncached']} in, {row['usage']['output']} out · ")
    assert row["shadow_nano"] > 0 and row["shadow_usd"] == row["shadow_nano"] / 1e9


def test_a_complex_task_goes_to_the_api_and_is_priced(run, rows, stand_ins):
    ended = run("ask", "Compare these two.")
    assert ended.code == 0
    assert ended.err.startswith(f'api · {API_DEFAULT.model} · complex: "compare"\n')
    assert " · $0." in ended.err
    [row] = rows()
    assert row["cost_nano"] > 0 and row["spent_usd"] == row["cost_nano"] / 1e9
    assert stand_ins.local.chats == []


def test_json_is_one_object_and_nothing_else(run, stand_ins):
    ended = run("ask", "--json", "Compare these.")
    answer = ended.json
    assert (ended.code, ended.err) == (0, "")
    assert answer["reply"] and answer["error"] is None
    assert answer["decision"]["tier"] == answer["entry"]["tier"] == "api"
    assert answer["entry"]["usage"]["output"] > 0
    assert isinstance(answer["entry"]["cost_nano"], int)


def test_the_task_comes_through_a_pipe(run, stand_ins):
    assert run("ask", input="Why?\n").code == 0
    assert run("ask", "-", input="Why not?").code == 0
    sent = [chat.json["messages"][-1]["content"] for chat in stand_ins.local.chats]
    assert sent == ["Why?\n", "Why not?"]


@pytest.mark.parametrize("input", ["", "  \n", b"\xff\xfe"])
def test_an_empty_or_unreadable_task_is_refused(run, input):
    ended = run("ask", input=input)
    assert (ended.code, ended.out) == (2, "")
    assert "empty" in ended.err or "not UTF-8" in ended.err


def test_files_are_the_context(run, tmp_path, stand_ins):
    (tmp_path / "one.txt").write_text("first\r\n")
    (tmp_path / "two.txt").write_text("second")
    assert run("ask", "Sum up", "--file", "one.txt", "--file", str(tmp_path / "two.txt")).code == 0
    [chat] = stand_ins.local.chats
    content = chat.json["messages"][-1]["content"]
    assert content == "Sum up\n\nContext: File: one.txt\nfirst\r\n\n\nFile: two.txt\nsecond"


def test_a_file_that_cannot_be_context_sends_nothing(run, stand_ins, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for name, word in (("none.txt", "does not exist"), ("pipe", "pipe"), (".", "folder")):
        ended = run("ask", "Sum up", "--file", name)
        assert (ended.code, ended.out) == (2, "")
        assert word in ended.err and ended.err.count("\n") == 1
    assert stand_ins.local.requests == []


def test_by_hand_and_pinned(run, rows, stand_ins):
    assert run("ask", "hello", "--tier", "api").code == 0
    assert run("ask", "Compare", "--pin").code == 0
    pinned, by_hand = rows()
    assert (by_hand["tier"], by_hand["reason"]) == ("api", "by hand: api")
    assert (pinned["tier"], pinned["reason"]) == ("local", "pinned: --pin")


@pytest.mark.parametrize("verb", ["ask", "route"])
def test_a_pinned_request_is_never_for_the_api(run, rows, stand_ins, verb):
    ended = run(verb, "hello", "--pin", "--tier", "api")
    assert (ended.code, ended.out) == (3, "")
    assert "pinned to local" in ended.err
    as_json = run(verb, "hello", "--pin", "--tier", "api", "--json")
    assert as_json.code == 3
    assert as_json.json.get("decision", as_json.json)["tier"] is None
    assert stand_ins.api.requests == [] and rows() == []


def test_a_pinned_request_does_not_leave_on_failure(run, stand_ins):
    stand_ins.local.order(Fault(status=500))
    ended = run("ask", "Compare", "--pin")
    assert ended.code == 1
    assert stand_ins.api.requests == []


def test_a_failure_is_one_sentence_and_a_row(run, rows, stand_ins):
    stand_ins.local.order(Fault(status=503))
    ended = run("ask", "hello")
    assert (ended.code, ended.out) == (1, "")
    _, sentence = ended.err.splitlines()
    assert sentence.startswith("llmconsole: ")
    assert [row["ending"] for row in rows()] == ["error"]
    stand_ins.local.order(Fault(status=503))
    error = run("ask", "--json", "hello").json["error"]
    assert error["kind"] == "overloaded" and error["what"]


def test_a_missing_and_a_wrong_key(run, environment, stand_ins):
    environment["ANTHROPIC_API_KEY"] = "sk-ant-not-this-one"
    wrong = run("ask", "Compare", "--json")
    assert wrong.code == 1 and wrong.json["error"]["kind"] == "unauthorised"
    del environment["ANTHROPIC_API_KEY"]
    missing = run("ask", "Compare")
    assert missing.code == 1 and "ANTHROPIC_API_KEY" in missing.err
    assert "sk-ant" not in wrong.out + wrong.err + missing.err


def test_with_a_cascade_one_reply_reaches_stdout(run, rows, environment, stand_ins):
    stand_ins.local.models += ("second:7b",)
    environment["LLMCONSOLE_ROUTER_CASCADE_MODEL"] = "second:7b"
    stand_ins.local.order(Fault(reply="It is 407."), Fault(reply="408"))
    stand_ins.api.order(Fault(reply="17 * 24 = 408"))
    ended = run("ask", "What is 17 * 24?")
    assert (ended.code, ended.out) == (0, "17 * 24 = 408")
    assert ended.err.splitlines()[:4] == [
        "local · llama3.1:8b · routine",
        "llmconsole: second:7b is asked for a second opinion.",
        "llmconsole: second:7b disagrees: 408, not 407; the api is asked.",
        f"api · {API_DEFAULT.model} · cascade: the local models disagree",
    ]
    api, second, first = sorted(rows(), key=lambda row: row["started_ms"], reverse=True)
    assert api["parent"] == second["parent"] == first["id"]
    assert (first["api_too"], second["api_too"]) == (True, True)
    assert first["shadow_nano"] > 0 and second["shadow_nano"] == 0
    assert run("ledger", "reprice", "--all", "--apply", "--json").json["changed"] == 0
    stand_ins.local.order(Fault(reply="It is 408."), Fault(reply="408"))
    ended = run("ask", "What is 17 * 24?")
    assert ended.out == "It is 408." and "second:7b agrees: 408." in ended.err
    stand_ins.local.order(Fault(reply="It is 407."), Fault(reply="408"))
    stand_ins.api.order(Fault(status=503))
    ended = run("ask", "What is 17 * 24?", "--json")
    assert (ended.json if not ended.err else json.loads(ended.out))["reply"] == "It is 407."
    assert "the local reply stands" in ended.err


def test_an_unknown_model(run, environment, stand_ins):
    environment["LLMCONSOLE_TIERS_LOCAL_MODEL"] = "none:1b"
    ended = run("ask", "hello")
    assert ended.code == 1 and "none:1b" in ended.err


def test_no_server(run, environment, stand_ins):
    stand_ins.local.close()
    ended = run("ask", "hello")
    assert ended.code == 1
    assert stand_ins.local.url.removeprefix("http://") in ended.err


def test_a_reply_that_no_list_prices(run, environment, stand_ins):
    stand_ins.api.models = ("mystery-1",)
    environment["LLMCONSOLE_TIERS_API_MODEL"] = "mystery-1"
    ended = run("ask", "Compare")
    assert ended.code == 4 and ended.out
    assert " · - · " in ended.err


def test_what_cannot_be_kept_is_not_sent(run, environment, stand_ins, tmp_path):
    (tmp_path / "file").write_text("")
    environment["XDG_DATA_HOME"] = str(tmp_path / "file")
    ended = run("ask", "hello")
    assert (ended.code, ended.out) == (1, "")
    assert "Not sent" in ended.err and str(tmp_path / "file") in ended.err
    assert stand_ins.local.chats == []
    assert run("ledger").code == 1


def test_ctrl_c_stops_the_servers_work_and_closes_the_row(start, rows, stand_ins):
    stand_ins.local.order(Fault(reply="one two three four", stall_after=2))
    process = start("ask", "hello")
    assert os.read(process.stdout.fileno(), 1)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 130
    assert b"Traceback" not in err
    assert stand_ins.local.arrived().ended.wait(PATIENCE_S)
    assert stand_ins.local.arrived().disconnected
    [row] = rows()
    assert (row["ending"], row["usage_source"]) == ("cancelled", "estimated")


def test_a_reader_that_leaves_ends_it_quietly(start, rows, stand_ins):
    stand_ins.local.order(Fault(reply="word " * 20_000))
    process = start("ask", "hello")
    assert os.read(process.stdout.fileno(), 1)
    process.stdout.close()
    err = process.stderr.read()
    assert process.wait(PATIENCE_S) == 1
    assert err.decode().splitlines() == ["local · llama3.1:8b · routine"]
    assert [row["ending"] for row in rows()] == ["cancelled"]


def test_a_disk_that_is_full_is_a_sentence(environment, rows, stand_ins, tmp_path):
    stand_ins.local.order(Fault(reply="word " * 20_000))
    with Path("/dev/full").open("w") as full:
        done = subprocess.run([*COMMAND, "ask", "hello"], env=environment, stdout=full,
                              stderr=subprocess.PIPE, cwd=tmp_path, timeout=PATIENCE_S)  # fmt: skip
    assert done.returncode == 1
    assert b"cannot be written: No space left" in done.stderr
    assert b"Traceback" not in done.stderr and b"Exception" not in done.stderr
    assert [row["ending"] for row in rows()] == ["cancelled"]


def test_a_hostile_reply_cannot_command_the_terminal(environment, stand_ins, tmp_path):
    stand_ins.local.order(Fault(reply="a\x1b]52;c;eA==\x07b\x1b[2Jc \u202ed"))
    with PtyProgram([*COMMAND, "ask", "hello"], env=environment, cwd=str(tmp_path)) as program:
        assert program.wait() == 0
    assert b"\x1b" not in program.raw and b"\x07" not in program.raw
    assert "␛]52;c;eA==␇b" in program.raw.decode()


def test_the_decision_alone_sends_and_writes_nothing(run, stand_ins, own_home, tmp_path):
    assert run("route", "hello").out == "local · llama3.1:8b · routine\n"
    decision = run("route", "Evaluate it", "--json").json
    assert (decision["tier"], decision["reason"]) == ("api", 'complex: "evaluate"')
    assert (decision["model"], decision["policy"]) == (API_DEFAULT.model, "article")
    (tmp_path / "long.txt").write_text("x" * 4001)
    assert "4,001 characters" in run("route", "hello", "--file", "long.txt").out
    assert stand_ins.local.requests == stand_ins.api.requests == []
    assert list(own_home.iterdir()) == []


def test_configuration_alone_changes_the_policy(run, environment, stand_ins):
    environment["LLMCONSOLE_ROUTER_POLICY"] = "api-only"
    assert run("route", "hello").out.startswith("api · ")


def test_text_that_no_encoding_of_the_terminal_has(environment, stand_ins, tmp_path):
    stand_ins.local.order(Fault(reply="naïve ✓"))
    environment |= {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    done = subprocess.run([*COMMAND, "ask", "hello"], env=environment, capture_output=True,
                          cwd=tmp_path, timeout=PATIENCE_S)  # fmt: skip
    assert (done.returncode, done.stdout) == (0, b"na?ve ?")


def test_a_key_is_in_no_output_and_no_file(run, environment, stand_ins, own_home):
    key = stand_ins.api.key
    for fault in (Fault(), Fault(status=401)):
        stand_ins.api.order(fault)
        ended = run("ask", "Compare", "--json")
        assert key not in ended.out + ended.err
    assert key not in run("doctor").out + run("ledger", "--json").out
    for path in own_home.rglob("*"):
        assert not path.is_file() or key.encode() not in path.read_bytes()
    assert json.loads(run("doctor", "--json").out)["usable"] is True
