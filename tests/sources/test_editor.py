"""The operator's editor: what it leaves is taken, and what goes wrong is one sentence."""

import pytest

from console.core.settings import Settings
from console.sources.editor import ExternalEditor
from console.sources.places import find_places
from console.wire.world import World, open_world


@pytest.fixture
def script(tmp_path):
    """A program that stands for an editor."""

    def script(body):
        file = tmp_path / "my editor"
        file.write_text(f"#!/bin/sh\n{body}\n")
        file.chmod(0o700)
        return f"'{file}'"

    return script


def test_what_the_editor_leaves_is_taken_and_its_file_is_gone(script, tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    seen = tmp_path / "seen"
    command = script(f'ls -l "$2" > {seen}; echo "$1" >> {seen}; printf "more\\n" >> "$2"')
    editor = ExternalEditor({"EDITOR": "none", "VISUAL": f"{command} --wait"})
    assert editor.edit("line one") == "line one\nmore"
    told = seen.read_text()
    assert told.startswith("-rw-------") and told.endswith("--wait\n")
    assert "llmconsole-" in told


def test_a_text_that_is_left_alone_comes_back_as_it_was(script):
    editor = ExternalEditor({"EDITOR": script("true")})
    for text in ("", "one", "two\nlines", "ends\n", "ünï ✓"):
        assert editor.edit(text) == text


@pytest.mark.parametrize(
    ("command", "words"),
    [("/no/such/editor", "cannot be run"), ("'unclosed", "a quote is not closed"),
     ("false", "ended with 1; nothing is taken")],
)  # fmt: skip
def test_trouble_is_one_sentence(command, words):
    with pytest.raises(ValueError, match=words):
        ExternalEditor({"VISUAL": command}).edit("x")


def test_a_demo_uses_the_operators_editor_and_nothing_else_of_theirs(own_home):
    own = World(
        settings=Settings(),
        places=find_places(),
        environment={"EDITOR": "nano", "ANTHROPIC_API_KEY": "sk-own", "HOME": "/home/own"},
        demo=True,
    )
    with open_world(own) as demo:
        assert demo.environment["EDITOR"] == "nano"
        assert "sk-own" not in demo.environment.values() and "HOME" not in demo.environment
