"""What is remembered between runs, and that losing it is harmless."""

import stat

import pytest

from console.sources.state import StateFile


def test_values_come_back_in_another_run(tmp_path):
    path = tmp_path / "state" / "state.json"
    StateFile(path).put("theme", "paper")
    StateFile(path).put("panes", {"zoom": [1, None]})
    assert StateFile(path).get("theme") == "paper"
    assert StateFile(path).get("panes") == {"zoom": [1, None]}
    assert StateFile(path).get("nothing") is None
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_two_consoles_keep_each_others_values(tmp_path):
    one, two = StateFile(tmp_path / "s.json"), StateFile(tmp_path / "s.json")
    one.put("a", 1)
    two.put("b", 2)
    one.put("c", 3)
    assert [two.get(name) for name in "abc"] == [1, 2, 3]


@pytest.mark.parametrize("content", [b"", b"{", b"[1]", b"\xff\xfe", b"[" * 100_000, b"null"])
def test_a_corrupt_file_is_ignored_and_replaced(tmp_path, content):
    path = tmp_path / "state.json"
    path.write_bytes(content)
    state = StateFile(path)
    assert state.get("theme") is None
    state.put("theme", "mono")
    assert state.get("theme") == "mono"


def test_what_cannot_be_kept_is_forgotten(tmp_path):
    (tmp_path / "file").write_text("")
    unwritable = StateFile(tmp_path / "file" / "state.json")
    unwritable.put("a", 1)
    assert unwritable.get("a") is None
    folder = StateFile(tmp_path)
    folder.put("a", 1)
    assert folder.get("a") is None
    state = StateFile(tmp_path / "state.json")
    state.put("a", object())
    endless = []
    endless.append(endless)
    state.put("a", endless)
    assert state.get("a") is None
    assert not list(tmp_path.glob(".state*"))
