"""`prompts`: the named system prompts, and every version of one that was used."""

import sys
from typing import TYPE_CHECKING

import click

from console.cli.exits import Exit, Stop
from console.cli.groups import Defaulting
from console.cli.invocation import Invocation, json_option, pass_invocation
from console.cli.output import print_json, print_table

if TYPE_CHECKING:
    from console.sources.prompts import PromptFolder


class _Prompts(Defaulting):
    default = "list"


@click.group(cls=_Prompts)
def prompts() -> None:
    """The system prompts: files in prompts/ beside the configuration."""


@prompts.command("list")
@json_option
@pass_invocation
def list_(invocation: Invocation, as_json: bool) -> int:
    """Every prompt, the hash of its text as the ledger has it, and its length."""
    folder = _folder(invocation)
    found = []
    for name in folder.names():
        try:
            prompt = folder.read(name)
        except ValueError as error:
            click.echo(f"llmconsole: left out: {error}", err=True)
        else:
            found.append({"name": name, "hash": prompt.version, "chars": len(prompt.text)})
    if as_json:
        print_json({"folder": str(folder.folder), "prompts": found})
    elif found:
        rows = [(each["name"], each["hash"], f"{each['chars']:,}") for each in found]
        print_table(("name", "<hash", "characters"), [tuple(map(str, row)) for row in rows])
    else:
        click.echo(f"llmconsole: there is no prompt in {folder.folder} yet.", err=True)
    return Exit.FINE


@prompts.command()
@click.argument("prompt")
@pass_invocation
def show(invocation: Invocation, prompt: str) -> int:
    """Print a prompt by its name, or a version that was used by its hash in the ledger."""
    folder = _folder(invocation)
    text = folder.version(prompt)
    if text is None:
        try:
            text = folder.read(prompt).text
        except ValueError as error:
            raise Stop(str(error), Exit.USAGE) from None
    sys.stdout.write(text + "\n")
    return Exit.FINE


def _folder(invocation: Invocation) -> "PromptFolder":
    from console.sources.prompts import PromptFolder

    places = invocation.places
    return PromptFolder(places.prompts, places.ledger.parent / "prompts")
