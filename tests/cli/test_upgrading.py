"""An older ledger is brought up to date before a verb, and its operator told."""

import io
from types import SimpleNamespace

import pytest

from console.cli import upgrading
from console.cli.exits import Exit, Stop
from console.cli.invocation import Invocation
from console.cli.program import program
from console.cli.upgrading import upgrade_ledger
from console.core.settings import Settings
from console.sources.ledger.store import SqliteLedger
from tests.sources.ledger.test_store import NOW
from tests.sources.ledger.test_trouble import at_schema


@pytest.fixture
def path(tmp_path):
    at_schema(tmp_path / "ledger.db", "m009_verdicts")
    return tmp_path / "ledger.db"


def test_a_long_upgrade_is_told_step_by_step_and_made_once(path, capsys, monkeypatch):
    monkeypatch.setattr(upgrading, "PATIENCE_S", 0)
    upgrade_ledger(path)
    said = capsys.readouterr().err.splitlines()
    assert said[0].startswith("The ledger of ") and "Ctrl-C stops; nothing is lost." in said[1]
    upgrade_ledger(path)
    assert not capsys.readouterr().err
    ledger = SqliteLedger(path, now_ms=NOW)
    assert len(ledger.recent(10)) == 3
    ledger.close()


def test_a_short_upgrade_says_nothing(path, capsys, monkeypatch):
    monkeypatch.setattr(upgrading, "PATIENCE_S", 600)
    upgrade_ledger(path)
    assert not capsys.readouterr().err


def test_one_that_is_stopped_ends_with_130_and_goes_on_later(path, capsys, monkeypatch):
    from console.sources.ledger.upgrade import is_due

    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(upgrading, "PATIENCE_S", -1)
    monkeypatch.setattr(upgrading, "_say", interrupted)
    with pytest.raises(Stop, match="nothing is lost") as stopped:
        upgrade_ledger(path)
    assert stopped.value.code == Exit.INTERRUPTED
    monkeypatch.undo()
    upgrade_ledger(path)
    assert not is_due(path)


@pytest.mark.parametrize("content", [None, b"", b"no database", b"x" * 5000])
def test_what_is_no_older_ledger_is_left_to_its_opening(tmp_path, content, capsys):
    path = tmp_path / "other.db"
    if content is not None:
        path.write_bytes(content)
    upgrade_ledger(path)
    assert not capsys.readouterr().err
    assert (path.read_bytes() if path.exists() else None) == content


@pytest.mark.parametrize("verb", [["ask", "hi"], ["compare", "verdicts"]])
def test_verbs_that_write_tell_of_an_old_ledger_before_they_do(verb, path, monkeypatch, capsys):
    monkeypatch.setattr(upgrading, "PATIENCE_S", 0)
    monkeypatch.setattr(Invocation, "places", SimpleNamespace(ledger=path))
    monkeypatch.setattr(Invocation, "settings", Settings())

    def opened(self):
        raise Stop("opened")

    monkeypatch.setattr(Invocation, "services", opened)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO()))
    with pytest.raises(Stop, match="opened"):
        program.main(verb, standalone_mode=False)
    assert capsys.readouterr().err.startswith("The ledger of 3 rows is brought up to date, once.")
