"""The README is true: its commands parse, its tables are what the program says."""

import re
import shlex
from pathlib import Path

import click
import pytest

from console.cli.exits import markdown_table as exit_codes
from console.cli.program import program
from console.sources.settings_text import markdown_table as settings
from console.ui.keys import markdown_table as keys

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
BLOCKS = re.findall(r"```sh\n(.*?)```", README, re.DOTALL)
COMMANDS = [
    line.partition("#")[0].strip()
    for block in BLOCKS
    for line in block.splitlines()
    if line.startswith("llmconsole")
]


@pytest.mark.parametrize(
    ("name", "table"), [("keys", keys), ("settings", settings), ("exit codes", exit_codes)]
)
def test_tables_are_what_the_program_says(name, table):
    shown = README.partition(f"<!-- {name} -->")[2].partition(f"<!-- /{name} -->")[0]
    assert shown.strip() == table().strip()


@pytest.mark.parametrize("line", COMMANDS)
def test_documented_commands_parse(line):
    words = shlex.split(line)[1:]
    context = click.Context(program, info_name="llmconsole")
    command = program
    while words and isinstance(command, click.Group):
        child = command.get_command(context, words[0])
        if child is None:
            break
        context, command, words = click.Context(child, parent=context), child, words[1:]
    if isinstance(command, click.Group) and words:
        # A group's default verb takes what is no verb's name.
        command = command.commands[command.default]
    if words and not isinstance(command, click.Group):
        command.make_context(line, words)


def test_every_verb_is_documented():
    said = " ".join(COMMANDS)
    for verb in program.list_commands(click.Context(program)):
        assert verb == "run" or f"llmconsole {verb}" in said, verb


def test_the_two_commands_are_marked():
    for name in ("run", "test"):
        block = README.partition(f"<!-- command: {name} -->\n```sh\n")[2].partition("```")[0]
        assert block.startswith("python3 -m venv .venv && ") and block.count("\n") == 1


def test_the_picture_is_there():
    (path,) = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", README)
    picture = (ROOT / path).read_text()
    for words in ("1&#160;GPU", "2&#160;Ledger", "3&#160;Chat", "4&#160;What-if", "DEMO"):
        assert words in picture
