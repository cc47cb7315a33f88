"""Where files go, and who can read them."""

import os
import stat

import pytest

from console.sources.places import append, find_places, make_folder, write_whole


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture(params=[0o000, 0o077], ids=["umask 000", "umask 077"])
def umask(request):
    old = os.umask(request.param)
    yield
    os.umask(old)


def test_usual_places(own_home):
    places = find_places()
    assert places.config == own_home / ".config/llmconsole/config.toml"
    assert places.themes == own_home / ".config/llmconsole/themes"
    assert places.ledger == own_home / ".local/share/llmconsole/ledger.db"
    assert places.log.parent == places.state.parent == own_home / ".local/state/llmconsole"
    assert not list(own_home.iterdir())


def test_xdg_variables_and_another_settings_file(tmp_path, monkeypatch):
    for name in ("CONFIG", "DATA", "STATE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name.lower()))
    places = find_places()
    assert places.config.is_relative_to(tmp_path / "config")
    assert places.ledger.is_relative_to(tmp_path / "data")
    assert places.state.is_relative_to(tmp_path / "state")
    other = find_places(tmp_path / "elsewhere" / "my.toml")
    assert other.config == tmp_path / "elsewhere" / "my.toml"
    assert other.themes == tmp_path / "elsewhere" / "themes"
    assert other.ledger == places.ledger


def test_files_and_folders_are_their_owners_alone(tmp_path, umask):
    write_whole(tmp_path / "whole" / "file", "text\n")
    append(tmp_path / "log" / "file", "one\n")
    append(tmp_path / "log" / "file", "two\n")
    make_folder(tmp_path / "log")
    for folder in ("whole", "log"):
        assert mode(tmp_path / folder) == 0o700
        assert mode(tmp_path / folder / "file") == 0o600
    assert (tmp_path / "log" / "file").read_text() == "one\ntwo\n"


def test_a_failed_write_leaves_the_old_file_and_no_other(tmp_path):
    file = tmp_path / "file"
    write_whole(file, "old")
    with pytest.raises(UnicodeEncodeError):
        write_whole(file, "\ud800")
    assert file.read_text() == "old"
    assert list(tmp_path.glob("*file*")) == [file]
