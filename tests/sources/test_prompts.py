"""System prompts by name, and every version that was used, found again by its hash."""

import pytest

from console.sources.prompts import PromptFolder


@pytest.fixture
def prompts(tmp_path):
    folder = tmp_path / "prompts"
    folder.mkdir()
    (folder / "terse.md").write_text("Be brief.\n")
    (folder / "plain.txt").write_text("Write plainly.")
    (folder / ".hidden").write_text("x")
    (folder / "sub").mkdir()
    return PromptFolder(folder, tmp_path / "versions")


def test_a_prompt_is_its_file_and_its_version_the_hash_of_its_text(prompts):
    assert prompts.names() == ["plain", "terse"]
    terse = prompts.read("terse")
    assert (terse.name, terse.text) == ("terse", "Be brief.")
    assert len(terse.version) == 16
    (prompts.folder / "terse.md").write_text("Be very brief.")
    assert prompts.read("terse").version != terse.version


def test_a_used_version_can_be_read_after_its_file_has_changed(prompts):
    terse = prompts.read("terse")
    prompts.used(terse)
    (prompts.folder / "terse.md").write_text("Other.")
    assert prompts.version(terse.version) == "Be brief."
    assert prompts.version("0" * 16) is None and prompts.version("../../etc/passwd") is None


def test_any_file_by_its_path(prompts, tmp_path):
    (tmp_path / "other.md").write_text("Sing.")
    prompt = prompts.read(f"@{tmp_path}/other.md")
    assert (prompt.name, prompt.text) == ("@other.md", "Sing.")


@pytest.mark.parametrize("name", ["none", "../terse", "", "a/b", "terse.md/x"])
def test_what_is_not_there_names_what_is(prompts, name):
    with pytest.raises(ValueError, match="there are plain, terse"):
        prompts.read(name)


def test_without_a_folder_there_are_none(tmp_path):
    empty = PromptFolder(tmp_path / "none", tmp_path / "versions")
    assert empty.names() == []
    with pytest.raises(ValueError, match="none yet"):
        empty.read("terse")


def test_what_is_no_text_is_refused(prompts):
    (prompts.folder / "picture.md").write_bytes(b"\x89PNG\r\n\x1a\n")
    with pytest.raises(ValueError, match="is an image"):
        prompts.read("picture")
