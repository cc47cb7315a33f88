"""The way in: help, versions, terminals that will not do, completion, and errors of our own."""

import os
import stat
import subprocess

import pytest

from console import __version__
from console.cli import guard
from console.cli.exits import MEANINGS, Exit, markdown_table
from console.cli.program import program
from console.sources.places import find_places
from tests.cli.conftest import COMMAND
from tests.patience import PATIENCE_S
from tests.terminal.pty_program import PtyProgram


@pytest.mark.parametrize("option", ["-h", "--help"])
def test_help_lists_the_verbs_and_the_exit_codes(run, option):
    ended = run(option)
    assert ended.code == 0
    for verb in ("run", "demo", "ask", "route", "gpu", "ledger", "whatif", "config", "doctor",
                 "where", "completion"):  # fmt: skip
        assert f"\n  {verb} " in ended.out
    for code, meaning in MEANINGS.items():
        assert f"{code.value:>3}  {meaning}\n" in ended.out


def test_the_readmes_table_has_every_exit_code():
    assert len(markdown_table().splitlines()) == 2 + len(Exit) == 2 + len(MEANINGS)


def test_the_version(run):
    assert run("--version").out == f"llmconsole {__version__}\n"


@pytest.mark.parametrize(
    "arguments", [("nothing",), ("ask", "--no"), ("ask", "a", "b"), ("config",), ("gpu", "x")]
)
def test_wrong_usage_is_code_2(run, arguments):
    ended = run(*arguments)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err


@pytest.mark.parametrize("arguments", [(), ("run",), ("demo",)])
def test_the_console_wants_a_terminal(run, arguments):
    ended = run(*arguments)
    assert (ended.code, ended.out) == (2, "")
    assert "needs a terminal" in ended.err and "--json" in ended.err
    assert ended.err.count("\n") == 1


@pytest.mark.parametrize("term", ["dumb", "", None])
def test_the_console_wants_more_than_a_line_printer(environment, tmp_path, term):
    environment["TERM"] = term or ""
    if term is None:
        del environment["TERM"]
    with PtyProgram(COMMAND, env=environment, cwd=str(tmp_path)) as program:
        assert program.wait() == 2
        assert "TERM" in program.text and "set TERM to what it is" in program.text


def test_a_trace_that_is_none_leaves_the_screen_alone(environment, tmp_path):
    (tmp_path / "trace.jsonl").write_text("{}")
    command = [*COMMAND, "--gpu-trace", "trace.jsonl", "demo"]
    with PtyProgram(command, env=environment, cwd=str(tmp_path)) as program:
        assert program.wait() == 2
        assert "trace.jsonl" in program.text
    assert b"\x1b" not in program.raw


def test_the_console_starts_and_leaves_the_terminal_as_it_was(environment, tmp_path):
    with PtyProgram([*COMMAND[:1], "-m", "console", "demo"], env=environment) as program:
        program.until("DEMO")
        program.send(b"\x11")
        assert program.wait() == 0
        assert program.left_on() == set()


def test_asking_nothing_at_a_terminal_is_wrong_usage(environment, tmp_path):
    with PtyProgram([*COMMAND, "ask"], env=environment, cwd=str(tmp_path)) as program:
        assert program.wait() == 2
        assert "Give TEXT" in program.text


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts(run, shell):
    ended = run("completion", shell)
    assert ended.code == 0 and "_LLMCONSOLE_COMPLETE" in ended.out


def test_completion_completes(environment):
    environment |= {"_LLMCONSOLE_COMPLETE": "bash_complete", "COMP_WORDS": "llmconsole do",
                    "COMP_CWORD": "1"}  # fmt: skip
    done = subprocess.run(COMMAND, env=environment, capture_output=True, timeout=PATIENCE_S)
    assert done.stdout == b"plain,doctor\n"


def test_an_error_of_our_own_is_a_sentence_and_a_log(monkeypatch, capsys):
    def broken(*arguments, **options):
        raise KeyError("secret detail")

    monkeypatch.setattr(program, "main", broken)
    with pytest.raises(SystemExit) as left:
        guard.main(["where"])
    said = capsys.readouterr()
    log = find_places().log
    assert (left.value.code, said.out) == (1, "")
    assert said.err == (
        "llmconsole: this is an error of the program itself (KeyError); its details are in "
        f"{log}.\n"
    )
    assert "secret detail" in log.read_text() and "Traceback" in log.read_text()
    assert stat.S_IMODE(log.stat().st_mode) == 0o600
    assert stat.S_IMODE(log.parent.stat().st_mode) == 0o700


def test_an_error_that_cannot_even_be_logged(monkeypatch, capsys, own_home):
    monkeypatch.setattr(program, "main", lambda *_, **__: 1 / 0)
    (own_home / ".local").write_text("")
    assert guard._run(["where"]) == 1
    assert "could not be written" in capsys.readouterr().err


def test_ctrl_c_before_anything_is_code_130(monkeypatch):
    def interrupted(*arguments, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr(program, "main", interrupted)
    assert guard._run(["where"]) == 130


def test_a_reader_that_leaves_early_is_no_error(environment, tmp_path):
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run([*COMMAND, "whatif"], env=environment, stdout=write,
                          stderr=subprocess.PIPE, timeout=PATIENCE_S)  # fmt: skip
    os.close(write)
    assert (done.returncode, done.stderr) == (1, b"")
