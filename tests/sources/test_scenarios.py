"""Scenario files: saved for their owner's eyes, loaded again, refused in a sentence."""

import stat

import pytest

from console.core.whatif.parse import Range
from console.core.whatif.scenario import Scenario
from console.sources.scenarios import Shelf


def test_saved_and_loaded_again(tmp_path):
    shelf = Shelf(tmp_path / "whatif")
    assert shelf.names() == []
    scenario = Scenario("team", {"self_host.replica_rps": Range(1.3, 4.3), "needs.vision": "yes"})
    path = tmp_path / "whatif" / "next year.toml"
    assert shelf.save("next year", scenario) == str(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert shelf.names() == ["next year"] and shelf.load("next year") == scenario
    assert shelf.load(str(path)) == scenario


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("format = 9\nbase = 'team'", "newer llmconsole"),
        ("base = ", "not TOML"),
        ("base = 'team'\n[workload]\nrequests_per_day = nan", "finite"),
        ("\x00", "not TOML"),
    ],
)
def test_bad_files_name_themselves(tmp_path, text, words):
    (tmp_path / "bad.toml").write_text(text)
    with pytest.raises(ValueError, match=words) as refused:
        Shelf(tmp_path).load("bad")
    assert "bad.toml" in str(refused.value) and "\n" not in str(refused.value)


def test_names_and_places_that_cannot_be(tmp_path):
    shelf = Shelf(tmp_path)
    for name in ("", "..", "\x1b[2J"):
        with pytest.raises(ValueError, match="no name for a file"):
            shelf.save(name, Scenario("team"))
    with pytest.raises(OSError, match="no file"):
        shelf.load("nothing")
    with pytest.raises(OSError, match="cannot be read"):
        shelf.load(str(tmp_path) + "/")
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match="cannot be written"):
        Shelf(tmp_path / "file").export("whatif.csv", "x")
    (tmp_path / "large.toml").write_text("#" * 300_000)
    with pytest.raises(ValueError, match="larger"):
        shelf.load("large")
