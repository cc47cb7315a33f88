"""`doctor` and `where`: every finding, what to do, and never a key."""

import tomllib
from pathlib import Path

from console.cli.findings import PACKAGES
from console.wire.world import DEMO_TRACE


def findings(ended):
    return {finding["subject"]: finding for finding in ended.json["findings"]}


def test_a_box_where_all_is_well(run, stand_ins):
    ended = run("--gpu-trace", str(DEMO_TRACE), "doctor", "--json")
    found = findings(ended)
    assert (ended.code, ended.json["usable"]) == (0, True)
    assert {found[name]["state"] for name in ("ledger", "log", "state", "GPUs", "settings")} == {
        "ok"}  # fmt: skip
    assert "answers, version" in found["local tier"]["what"]
    assert "key from the variable ANTHROPIC_API_KEY" in found["api tier"]["what"]
    assert stand_ins.api.key not in ended.out
    assert stand_ins.local.chats == stand_ins.api.chats == []


def test_the_router_is_looked_at(run, environment, stand_ins, own_home):
    found = findings(run("doctor", "--json"))
    assert found["privacy"]["what"].startswith("what must stay is served by the local tier")
    assert found["router"]["what"] == "policy article, 0 rules of yours, fallback: off"
    assert found["score"]["what"].startswith("the prior ")
    assert found["cascade"]["what"] == "off (router.cascade_model)"
    model = own_home / ".local/share/llmconsole/router.json"
    model.parent.mkdir(parents=True, mode=0o700)
    model.write_text("{}")
    environment |= {
        "LLMCONSOLE_ROUTER_CASCADE_MODEL": "nobody:1b",
        "LLMCONSOLE_TIERS_LOCAL_BASE_URL": "http://models.example",
        "LLMCONSOLE_ROUTER_POLICY": "score",
        "LLMCONSOLE_TIERS_LOCAL_CONNECT_TIMEOUT_S": "1",
    }
    found = findings(run("doctor", "--json"))
    assert "models.example is not declared as yours" in found["privacy"]["what"]
    assert found["router"]["what"].startswith("policy score, 30% of calls to the api")
    assert "the prior holds: " in found["score"]["what"]
    assert {found[name]["state"] for name in ("privacy", "score", "cascade")} == {"warn"}


def test_a_second_model_is_looked_for(run, environment, stand_ins):
    environment["LLMCONSOLE_ROUTER_CASCADE_MODEL"] = "nobody:1b"
    assert "nobody:1b" in findings(run("doctor", "--json"))["cascade"]["what"]
    environment["LLMCONSOLE_ROUTER_CASCADE_MODEL"] = "llama3.1:8b"
    assert "own model" in findings(run("doctor", "--json"))["cascade"]["what"]


def test_a_bare_machine_is_told_what_to_do(run, environment, stand_ins):
    stand_ins.local.close()
    del environment["ANTHROPIC_API_KEY"]
    ended = run("doctor", "--json")
    found = findings(ended)
    assert (ended.code, ended.json["usable"]) == (1, False)
    assert "ollama serve" in found["local tier"]["what"]
    assert "ANTHROPIC_API_KEY" in found["api tier"]["what"]
    assert found["tiers"]["blocks"]
    plain = run("doctor").out.splitlines()
    assert len(plain) == len(ended.json["findings"]) + 1
    assert any(line.startswith("missing  local tier") for line in plain)


def test_one_tier_is_enough(run, environment, stand_ins):
    del environment["ANTHROPIC_API_KEY"]
    assert run("doctor", "--json").json["usable"] is True


def test_files_open_to_others_and_a_folder_that_cannot_be(run, stand_ins, own_home, environment):
    ledger = own_home / ".local/share/llmconsole/ledger.db"
    assert run("ledger").code == 0
    ledger.chmod(0o644)
    found = findings(run("doctor", "--json"))["ledger"]
    assert (found["state"], found["do"]) == ("warn", f"chmod 600 {ledger}")
    environment["XDG_DATA_HOME"] = str(ledger)
    ended = run("doctor", "--json")
    assert ended.code == 1
    assert f"{ledger} cannot be written to" in findings(ended)["ledger"]["what"]


def test_a_key_file_is_checked_and_not_shown(run, environment, stand_ins, own_home):
    key = own_home / "api.key"
    key.write_text(stand_ins.api.key)
    key.chmod(0o644)
    del environment["ANTHROPIC_API_KEY"]
    environment["LLMCONSOLE_TIERS_API_KEY_FILE"] = str(key)
    found = findings(run("doctor", "--json"))["api tier"]
    assert found["state"] == "missing" and f"chmod 600 {key}" in found["what"]
    key.chmod(0o600)
    found = findings(run("doctor", "--json"))["api tier"]
    assert found["state"] == "ok" and f"key from {key}" in found["what"]


def test_settings_that_are_wrong_block(run, environment, stand_ins):
    environment["LLMCONSOLE_MOUSE"] = "maybe"
    ended = run("doctor", "--json")
    assert ended.code == 1
    assert "LLMCONSOLE_MOUSE" in findings(ended)["settings"]["what"]


def test_a_retired_model_is_warned_of(run, environment, stand_ins):
    environment["LLMCONSOLE_TIERS_API_MODEL"] = "claude-3-5-sonnet-20241022"
    found = findings(run("doctor", "--json"))["settings"]
    assert found["state"] == "warn" and "retired on 2025-10-28" in found["what"]


def test_a_terminal_that_is_too_little(run, environment, stand_ins):
    environment["TERM"] = "dumb"
    found = findings(run("doctor", "--json"))["terminal"]
    assert found["state"] == "warn" and "TERM" in found["do"]


def test_every_package_that_is_needed_is_looked_at():
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())
    needed = {line.split(">")[0] for line in project["project"]["dependencies"]}
    assert set(PACKAGES) == needed


def test_where(run, own_home, tmp_path):
    places = run("where", "--json").json
    assert set(places) == {
        *("config", "conversations", "ledger", "log", "model", "prompts", "state", "themes"),
    }
    assert all(path.startswith(str(own_home)) for path in places.values())
    lines = run("--config", str(tmp_path / "c.toml"), "where").out.splitlines()
    assert lines[0].split() == ["config", str(tmp_path / "c.toml")]
    assert not list(own_home.iterdir())
