"""`config init` and `config check`, and settings that cannot be used by any verb."""

import stat

import pytest


def test_init_writes_a_file_that_check_finds_fine(run, own_home):
    ended = run("config", "init")
    path = own_home / ".config/llmconsole/config.toml"
    assert (ended.code, ended.out) == (0, f"{path}\n")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert run("config", "check").out == f"{path}: fine\n"


def test_init_never_replaces_unasked(run, tmp_path):
    path = tmp_path / "my.toml"
    path.write_text("mine")
    assert run("--config", str(path), "config", "init").code == 1
    assert path.read_text() == "mine"
    assert run("--config", str(path), "config", "init", "--force").code == 0
    assert path.read_text().startswith("# Settings")


def test_init_where_nothing_can_be_written(run, tmp_path):
    (tmp_path / "file").write_text("")
    ended = run("--config", str(tmp_path / "file" / "c.toml"), "config", "init")
    assert ended.code == 1 and ended.err.count("\n") == 1 and "cannot be written" in ended.err


def test_check_without_a_file(run):
    assert "defaults hold" in run("config", "check").out
    assert run("config", "check", "--json").json == {
        "exists": False, "path": run("where", "--json").json["config"], "valid": True,
        "trouble": None, "warnings": [], "set": [],
    }  # fmt: skip


def test_check_warns_of_what_will_not_do_what_it_seems_to(run, tmp_path, environment):
    path = tmp_path / "c.toml"
    path.write_text('[tiers.api]\nmodel = "claude-3-5-sonnet-20241022"\n[keys]\nquit = "Q"')
    environment["LLMCONSOLE_CONFIG"] = str(path)
    ended = run("config", "check")
    assert (ended.code, ended.out) == (0, f"{path}: fine\n")
    assert "retired on 2025-10-28" in ended.err
    path.write_text('[tiers.api]\nmodel = "nobody-knows"')
    assert "no price is known for nobody-knows" in run("config", "check").err
    path.write_text('[tiers.api]\nmodel = "nobody-knows"\n'
                    '[[prices]]\nmodel = "nobody-*"\ninput = 1\noutput = 1')  # fmt: skip
    assert run("config", "check", "--json").json["warnings"] == []


def test_check_knows_the_consoles_actions(run, tmp_path):
    path = tmp_path / "c.toml"
    path.write_text('[keys]\n\ngpu.pauze = "p"')
    ended = run("--config", str(path), "config", "check")
    assert ended.code == 2
    assert ended.err.endswith('line 3: unknown setting "keys.gpu.pauze"; '
                              'did you mean "gpu.pause"?\n')  # fmt: skip
    as_json = run("--config", str(path), "config", "check", "--json")
    assert (as_json.code, as_json.json["valid"]) == (2, False)
    assert as_json.json["trouble"] in as_json.err


@pytest.mark.parametrize("verb", [("ask", "x"), ("route", "x"), ("gpu",), ("ledger",)])
def test_no_verb_runs_with_settings_that_are_wrong(run, tmp_path, verb):
    path = tmp_path / "c.toml"
    path.write_text("[router]\npolicy = 'articel'")
    ended = run("--config", str(path), *verb)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err == (
        f'llmconsole: {path} line 2: router.policy must be "article", "table", "score", '
        '"local-only" or "api-only", not "articel"; did you mean "article"?\n'
    )


def test_a_settings_file_that_was_named_must_be_there(run, environment):
    environment["LLMCONSOLE_CONFIG"] = "/none.toml"
    ended = run("route", "x")
    assert ended.code == 2 and "/none.toml does not exist" in ended.err


def test_an_unknown_variable_is_refused(run, environment):
    environment["LLMCONSOLE_THEM"] = "paper"
    ended = run("route", "x")
    assert ended.code == 2 and 'did you mean "LLMCONSOLE_THEME"?' in ended.err
