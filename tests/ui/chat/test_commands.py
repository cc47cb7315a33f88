"""Slash commands: what is one, what was meant, how it is completed."""

import pytest

from console.ui import commands
from console.ui.draw.line import plain


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
    ("text", "after"),
    [
        ("/h", "/help"),
        ("/f", "/file "),
        ("/", "/"),
        ("/c", "/c"),
        ("/cop", "/copy"),
        ("/tier l", "/tier local"),
        ("/tier a", "/tier a"),
        ("/zz", "/zz"),
    ],
)
def test_completion_goes_as_far_as_it_is_certain(text, after):
    assert commands.completed(text) == after


def test_the_hint_says_what_is_being_typed():
    assert plain(commands.hint_line("/tier lo")).startswith("/tier auto|local|api  who serves")
    assert plain(commands.hint_line("/p")) == "/pin  keep this conversation on the box, for good"
    assert plain(commands.hint_line("/c")) == "/compare  /copy  /clear  Tab completes"
    assert "did you mean /help?" in plain(commands.hint_line("/hlep"))
