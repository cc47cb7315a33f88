"""Files attached as context: taken as they are, or refused in one sentence."""

import os

import pytest

from console.sources.files import MOST_BYTES, read_attachment


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


@pytest.mark.parametrize("content", [b"\x89PNG\r\n\x1a\n", b"a\0b", b"caf\xe9", b"\xff\xfea\0"])
def test_binary_is_refused(tmp_path, content):
    (tmp_path / "x.bin").write_bytes(content)
    refused(tmp_path / "x.bin", "x.bin", "not text")


def test_an_empty_file_is_refused(tmp_path):
    (tmp_path / "x").write_bytes(b"")
    refused(tmp_path / "x", "empty")


def test_a_refused_name_cannot_command_the_terminal(tmp_path):
    assert "\x1b" not in refused("/tmp/\x1b]0;x\x07none", "does not exist")
