"""The chat's slash commands: what there is, what was meant, how to complete it."""

import re
from dataclasses import dataclass
from difflib import get_close_matches

from console.ui.draw.line import Line
from console.ui.draw.message import Block

_COMMAND = re.compile(r"/(\w+)(?:[ \t]+(.*))?[ \t]*")


@dataclass(frozen=True, slots=True)
class Command:
    """A word after a slash, what follows it, and what it does."""

    name: str
    takes: str
    help: str
    values: tuple[str, ...] = ()

    @property
    def usage(self) -> str:
        """As it is typed."""
        return f"/{self.name} {self.takes}".rstrip()


COMMANDS = (
    Command("help", "", "what can be typed here"),
    Command("file", "PATH", "attach a file to the next message"),
    Command("drop", "", "remove what is attached"),
    Command("tier", "auto|local|api", "who serves what follows", ("auto", "local", "api")),
    Command("pin", "", "keep this conversation on the box, for good"),
    Command("compare", "[TEXT]", "put a prompt to both tiers at once, blind"),
    Command("new", "", "start a conversation; the old one goes on"),
    Command("back", "", "return to the conversation before"),
    Command("copy", "", "copy the last reply"),
    Command("clear", "", "forget what was said here; a pin stays"),
)

BY_NAME = {command.name: command for command in COMMANDS}


def parse(text: str) -> tuple[str, str] | None:
    """The name and the argument of a command; None for a message, a path included."""
    match = _COMMAND.fullmatch(text.rstrip())
    return None if match is None else (match[1].lower(), (match[2] or "").strip())


def nearest(name: str) -> str:
    """What to say of a command that does not exist."""
    close = get_close_matches(name, BY_NAME, n=1, cutoff=0.5)
    meant = f"did you mean /{close[0]}?" if close else "/help lists them."
    return f"There is no /{name}; {meant} A space before the slash sends it as text."


def matching(text: str) -> list[Command]:
    """The commands that a text starts or names."""
    name, space, _ = text.removeprefix("/").partition(" ")
    if space:
        return [command for command in COMMANDS if command.name == name]
    return [command for command in COMMANDS if command.name.startswith(name)]


def completed(text: str) -> str:
    """The text with the one thing it can mean, or as far as all it can mean agree."""
    found = matching(text)
    if len(found) == 1:
        command = found[0]
        head, space, value = text.partition(" ")
        if not space:
            return f"/{command.name} " if command.takes else f"/{command.name}"
        values = [known for known in command.values if known.startswith(value)]
        return f"{head} {values[0]}" if len(values) == 1 else text
    names = [command.name for command in found]
    same = 0
    while names and len({name[: same + 1] for name in names}) == 1:
        same += 1
    return f"/{names[0][:same]}" if same else text


def hint_line(text: str) -> Line:
    """What the command that is being typed can be."""
    found = matching(text)
    if not found:
        return ((nearest(text.removeprefix("/").split(" ")[0]), "warn"),)
    if len(found) == 1:
        return ((found[0].usage, "accent"), (f"  {found[0].help}", "dim"))
    names = "  ".join(f"/{command.name}" for command in found)
    return ((names, "accent"), ("  Tab completes", "dim"))


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
