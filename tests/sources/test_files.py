"""Files attached as context: taken as they are, or refused in one sentence."""

import os

import pytest

from console.sources import files
from console.sources.files import MOST_BYTES, LocalFiles, read_attachment


def refused(path, *words):
    with pytest.raises(ValueError) as caught:
        read_attachment(str(path))
    sentence = str(caught.value)
    assert "\n" not in sentence and sentence.endswith(".")
    for word in words:
        assert word in sentence
    return sentence


def test_the_text_is_kept_as_it_is(tmp_path):
    text = "\ufefffirst\r\nsecond \x1b[31m\tthird\u202e ünï"
    (tmp_path / "notes.txt").write_bytes(text.encode())
    attachment = read_attachment(str(tmp_path / "notes.txt"))
    assert (attachment.name, attachment.text) == ("notes.txt", text)


def test_a_file_says_where_it_lies_and_where_its_links_lead(tmp_path):
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "a.txt").write_text("x")
    (tmp_path / "link").symlink_to(tmp_path / "secret")
    attachment = read_attachment(str(tmp_path / "link" / "a.txt"))
    assert attachment.path == str(tmp_path / "link" / "a.txt")
    assert attachment.real_path == str(tmp_path.resolve() / "secret" / "a.txt")


def test_home_is_expanded_and_names_are_made_safe(own_home):
    (own_home / "a\x1b[2Jb.txt").write_text("x")
    assert read_attachment("~/a\x1b[2Jb.txt").name == "a␛[2Jb.txt"


def test_up_to_a_megabyte(tmp_path):
    file = tmp_path / "big"
    file.write_bytes(b"x" * MOST_BYTES)
    assert len(read_attachment(str(file)).text) == MOST_BYTES
    file.write_bytes(b"x" * (MOST_BYTES + 1))
    refused(file, "big", "1 MB")


def test_what_is_no_file_is_refused_without_waiting(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    refused(tmp_path / "pipe", "pipe")
    refused("/dev/zero", "device")
    refused("/dev/tty", "device")
    refused(tmp_path, "folder")
    refused("", "folder")


def test_a_pipe_that_takes_a_files_place_is_refused_without_waiting(tmp_path, monkeypatch):
    file, looked = tmp_path / "a.txt", files._require_file
    file.write_text("x")

    def replaced_after_the_look(mode, shown):
        looked(mode, shown)
        file.unlink()
        os.mkfifo(file)

    monkeypatch.setattr(files, "_require_file", replaced_after_the_look)
    monkeypatch.setattr(os, "fstat", lambda handle: monkeypatch.undo() or os.fstat(handle))
    refused(file, "a.txt is a pipe or a device")


def test_missing_unreadable_and_impossible_names(tmp_path):
    refused(tmp_path / "none", "none", "does not exist")
    refused(tmp_path / "none" / "x", "does not exist")
    refused("~nobody-has-this-name/x", "home folder")
    refused("a\0b", "no name")
    refused(tmp_path / ("x" * 300), "cannot be read")
    (tmp_path / "file").write_text("x")
    refused(tmp_path / "file" / "x", "cannot be read")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_of_anothers(tmp_path):
    (tmp_path / "secret").write_text("x")
    (tmp_path / "secret").chmod(0)
    refused(tmp_path / "secret", "permissions")


@pytest.mark.parametrize("content", [b"\x89PN", b"a\0b", b"caf\xe9", b"\xff\xfea\0"])
def test_binary_is_refused(tmp_path, content):
    (tmp_path / "x.bin").write_bytes(content)
    refused(tmp_path / "x.bin", "x.bin", "text")


def test_an_empty_file_is_refused(tmp_path):
    (tmp_path / "x").write_bytes(b"")
    refused(tmp_path / "x", "empty")


def test_a_refused_name_cannot_command_the_terminal(tmp_path):
    assert "\x1b" not in refused("/tmp/\x1b]0;x\x07none", "does not exist")


PNG = b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR" + (640).to_bytes(4) + (480).to_bytes(4)


@pytest.mark.parametrize(
    ("content", "kind"),
    [(PNG, "image/png"), (b"\xff\xd8\xff\xe0x", "image/jpeg"), (b"GIF89a..", "image/gif"),
     (b"RIFF....WEBPVP8 ", "image/webp")],
)  # fmt: skip
def test_an_image_is_known_by_its_first_bytes_and_not_by_its_name(tmp_path, content, kind):
    (tmp_path / "plan.txt").write_bytes(content)
    attachment = read_attachment(str(tmp_path / "plan.txt"))
    assert attachment.text == "" and attachment.image.media_type == kind
    assert (attachment.image.name, attachment.image.data) == ("plan.txt", content)


def test_an_image_may_be_larger_than_text_but_not_by_much(tmp_path):
    file = tmp_path / "a.png"
    file.write_bytes(PNG.ljust(2_000_000, b"x"))
    assert read_attachment(str(file)).image
    file.write_bytes(PNG.ljust(files.MOST_IMAGE_BYTES + 1, b"x"))
    refused(file, "a.png", "5 MB")


def test_a_pattern_takes_text_and_images_and_says_what_it_left_out(tmp_path):
    (tmp_path / "src" / "deep").mkdir(parents=True)
    for name in ("src/a.py", "src/b.py", "src/deep/c.py", "src/.hidden.py"):
        (tmp_path / name).write_text(name)
    (tmp_path / "src" / "plan.png").write_bytes(PNG)
    (tmp_path / "src" / "x.bin").write_bytes(b"\0\xff")
    found = LocalFiles().attach(f"{tmp_path}/src/**/*")
    assert [each.name for each in found.files] == ["a.py", "b.py", "deep/c.py", "plan.png"]
    assert [each.text for each in found.files] == ["src/a.py", "src/b.py", "src/deep/c.py", ""]
    (left_out,) = found.left_out
    assert left_out.startswith("x.bin is neither text")


def test_a_pattern_that_names_nothing_or_too_much(tmp_path, monkeypatch):
    def told(pattern):
        with pytest.raises(ValueError) as caught:
            LocalFiles().attach(f"{tmp_path}/{pattern}")
        return str(caught.value)

    assert told("*.py").endswith("matches no file.")
    (tmp_path / "x.bin").write_bytes(b"\0")
    assert "matches nothing that can be attached: x.bin" in told("*.bin")
    monkeypatch.setattr(files, "MOST_FILES", 2)
    for name in "abc":
        (tmp_path / f"{name}.txt").write_text("x")
    assert told("*.txt").endswith("matches over 2 files; name fewer.")


def test_a_name_with_a_bracket_is_taken_as_it_is_when_it_exists(tmp_path):
    (tmp_path / "[draft].txt").write_text("x")
    (found,) = LocalFiles().attach(f"{tmp_path}/[draft].txt").files
    assert found.name == "[draft].txt"


def test_paths_are_completed(own_home):
    (own_home / "docs").mkdir()
    (own_home / "docs" / "plan.md").write_text("x")
    (own_home / "docs" / ".secret").write_text("x")
    complete = LocalFiles().complete
    assert complete("~/do") == ["~/docs/"]
    assert complete("~/docs/") == ["~/docs/plan.md"]
    assert complete("~/docs/.") == ["~/docs/.secret"]
    assert complete("~/none/x") == [] and complete("~nobody-has-this-name/") == []


def test_writing_never_replaces_a_file(tmp_path):
    where = LocalFiles().write(str(tmp_path / "chat.md"), "text")
    assert (tmp_path / "chat.md").read_text() == "text" and where.endswith("chat.md")
    assert (tmp_path / "chat.md").stat().st_mode & 0o777 == 0o600
    for path, word in ((tmp_path / "chat.md", "exists"), (tmp_path / "no" / "x", "no folder")):
        with pytest.raises(ValueError, match=word):
            LocalFiles().write(str(path), "other")
