"""The chat's slash commands: what there is, what was meant, how to complete it."""

import re
from collections.abc import Sequence
from difflib import get_close_matches
from itertools import takewhile
from typing import NamedTuple

from console.ui.draw.line import Line
from console.ui.draw.message import Block

_COMMAND = re.compile(r"/(\w+)(?:[ \t]+(.*))?[ \t]*")


class Command(NamedTuple):
    """A word after a slash, what follows it, and what it does.

    `takes` in brackets need not be given. `values` are all that can follow, or the first of them;
    `offers` names a list that only the running console knows.
    """

    name: str
    takes: str
    help: str
    values: tuple[str, ...] = ()
    offers: str = ""

    @property
    def usage(self) -> str:
        """As it is typed."""
        return f"/{self.name} {self.takes}".rstrip()

    @property
    def needs(self) -> bool:
        """Whether something must follow."""
        return bool(self.takes) and not self.takes.startswith("[")


COMMANDS = (
    Command("help", "", "what can be typed here"),
    Command("file", "PATH", "attach a file, or a pattern: src/**/*.py",
            offers="paths"),
    Command("image", "PATH", "attach a PNG, JPEG, WebP or GIF", offers="paths"),
    Command("drop", "[NAME]", "remove all that is attached, or one",
            offers="attached"),
    Command("tier", "auto|local|api", "who serves what follows", ("auto", "local", "api")),
    Command("model", "NAME", "another model of the tier, here only; or auto", ("auto",),
            offers="models"),
    Command("system", "[NAME]", "the system prompt here, or off; alone: list them",
            ("off",), offers="prompts"),
    Command("why", "[TEXT]", "every step of where this, or your last message, would go"),
    Command("pin", "", "keep this conversation on the box, for good"),
    Command("unpin", "REASON", "let it leave again; the reason is written to the ledger"),
    Command("compare", "[TEXT]", "put a prompt to both tiers at once, blind"),
    Command("retry", "[local|api]", "ask the last message again, on the other tier",
            ("local", "api")),
    Command("resend", "[N]", "change your last message, or the Nth, and send it again"),
    Command("edit", "", "write the prompt in your editor"),
    Command("new", "", "start a conversation; the old one goes on"),
    Command("list", "[WORDS]", "find, resume, rename, export, delete"),
    Command("back", "", "return to the conversation before"),
    Command("rename", "TITLE", "give this conversation a title"),
    Command("export", "[FILE]", "write this conversation to FILE.md or FILE.json"),
    Command("copy", "", "copy the last reply"),
    Command("clear", "", "forget what was said here; a pin stays"),
    Command("delete", "", "delete this conversation, also where it is kept"),
)  # fmt: skip

BY_NAME = {command.name: command for command in COMMANDS}


class Choice(NamedTuple):
    """One thing that the text in the prompt can become, and what to say of it."""

    text: str
    label: str
    help: str = ""


def parse(text: str) -> tuple[str, str] | None:
    """The name and the argument of a command; None for a message, a path included."""
    match = _COMMAND.fullmatch(text.rstrip())
    return None if match is None else (match[1].lower(), (match[2] or "").strip())


def is_typed(text: str) -> bool:
    """Whether a command is being typed."""
    name = text.partition(" ")[0]
    return text.startswith("/") and "\n" not in text and "/" not in name[1:]


def nearest(name: str) -> str:
    """What to say of a command that does not exist."""
    close = get_close_matches(name, BY_NAME, n=1, cutoff=0.5)
    meant = f"did you mean /{close[0]}?" if close else "/help lists them."
    return f"There is no /{name}; {meant} A space before the slash sends it as text."


def argument_of(text: str) -> tuple[Command, str] | None:
    """The command whose argument is being typed, and the argument so far."""
    name, space, start = text.removeprefix("/").partition(" ")
    command = BY_NAME.get(name.lower())
    return (command, start.lstrip()) if command and space and is_typed(text) else None


def choices(text: str, offered: Sequence[str] = ()) -> list[Choice]:
    """What a command that is being typed can become; `offered` are values for its argument."""
    if not is_typed(text):
        return []
    typed = argument_of(text)
    if typed is None:
        start = text.removeprefix("/").lower()
        found = [command for command in COMMANDS if command.name.startswith(start)]
        return [
            Choice(f"/{each.name} " if each.takes else f"/{each.name}", each.usage, each.help)
            for each in found
        ]
    command, start = typed
    values = [value for value in (*command.values, *offered) if value.startswith(start)]
    return [Choice(f"/{command.name} {value}", value) for value in dict.fromkeys(values)]


def completed(text: str, found: Sequence[Choice], chosen: int) -> str:
    """The text as far as all choices agree; where that adds nothing, the chosen one."""
    if not found:
        return text
    first, *others = (choice.text for choice in found)
    same = len(first)
    for other in others:
        agree = zip(first[:same], other, strict=False)
        same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], agree))
    longer = same > len(text) and first.startswith(text)
    return first[:same] if longer else found[chosen].text


def hint_line(text: str) -> Line:
    """What the command that is being typed takes and does."""
    name = text.removeprefix("/").split(" ")[0].lower()
    if command := BY_NAME.get(name):
        return ((command.usage, "accent"), (f"  {command.help}", "dim"))
    if choices(text):
        return (("Tab completes, ↑ ↓ choose, Enter takes it", "dim"),)
    return ((nearest(name), "warn"),)


def help_blocks() -> list[Block]:
    """All commands and the prompt's own keys."""
    width = max(len(command.usage) for command in COMMANDS) + 2
    keys = (
        ("Enter", "send"),
        ("\\ Enter, alt+j", "new line; shift+Enter where the terminal tells it apart"),
        ("↑ ↓", "earlier messages, from the first and the last line"),
        ("PgUp PgDn", "move through the conversation"),
    )
    rows = [(command.usage, command.help) for command in COMMANDS] + list(keys)
    return [
        Block(((name.ljust(width), "accent"), (text, "")), gap=n in (0, len(COMMANDS)))
        for n, (name, text) in enumerate(rows)
    ]
