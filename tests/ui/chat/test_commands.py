"""Slash commands: what is one, what was meant, how it is completed."""

import pytest

from console.ui import commands
from console.ui.draw.line import plain
from console.ui.panes.chat_commands import ChatCommands


@pytest.mark.parametrize(
    ("text", "parsed"),
    [
        ("/help", ("help", "")),
        ("/File a b.txt ", ("file", "a b.txt")),
        ("/nonsense", ("nonsense", "")),
        ("/etc/passwd what is it", None),
        (" /help", None),
        ("/help\nmore", None),
        ("/", None),
        ("hello", None),
    ],
)
def test_what_is_a_command(text, parsed):
    assert commands.parse(text) == parsed


def test_an_unknown_command_names_the_nearest():
    assert "did you mean /clear?" in commands.nearest("claer")
    assert "/help lists them" in commands.nearest("zzzzzz")


@pytest.mark.parametrize(
    ("text", "offered", "chosen", "after"),
    [
        ("/h", (), 0, "/help"),
        ("/f", (), 0, "/file "),
        ("/c", (), 1, "/copy"),
        ("/cop", (), 0, "/copy"),
        ("/tier l", (), 0, "/tier local"),
        ("/tier a", (), 1, "/tier api"),
        ("/zz", (), 0, "/zz"),
        ("/file s", ("src/a.py", "src/b.py"), 0, "/file src/"),
        ("/file src/", ("src/a.py", "src/b.py"), 1, "/file src/b.py"),
        ("/model qw", ("llama3.1:8b", "qwen3:8b"), 0, "/model qwen3:8b"),
    ],
)
def test_completion_goes_as_far_as_it_is_certain_then_takes_what_is_chosen(
    text, offered, chosen, after
):
    assert commands.completed(text, commands.choices(text, offered), chosen) == after


def test_the_choices_follow_what_is_typed():
    def labels(text, *offered):
        return [choice.label for choice in commands.choices(text, offered)]

    assert labels("/pi") == ["/pin"] and labels("/P")[0] == "/pin"
    assert len(labels("/")) == len(commands.COMMANDS)
    assert labels("/tier ") == ["auto", "local", "api"]
    assert labels("/system t", "terse", "off") == ["terse"]
    assert labels("/nonsense x") == labels("hello") == labels("/etc/pas") == []
    assert labels("/file a\nb") == []


def test_the_hint_says_what_is_being_typed():
    assert plain(commands.hint_line("/tier lo")).startswith("/tier auto|local|api  who serves")
    assert plain(commands.hint_line("/pin")) == "/pin  keep this conversation on the box, for good"
    assert plain(commands.hint_line("/c")).startswith("Tab completes")
    assert "did you mean /help?" in plain(commands.hint_line("/hlep"))


def test_every_command_there_is_can_be_run():
    for command in commands.COMMANDS:
        assert callable(getattr(ChatCommands, f"_{command.name}", None)), command.name
