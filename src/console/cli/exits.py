"""How a command ends: the exit codes and what they mean, in one place."""

import sys
from enum import IntEnum

from console.core.text import one_line


class Exit(IntEnum):
    """The exit codes of every verb."""

    FINE = 0
    FAILED = 1
    USAGE = 2
    REFUSED = 3
    UNPRICED = 4
    INTERRUPTED = 130


MEANINGS = {
    Exit.FINE: "fine",
    Exit.FAILED: "failed: the sentence on stderr says what and why",
    Exit.USAGE: "wrong usage or configuration; nothing was done",
    Exit.REFUSED: "infeasible, or refused because it must not leave the box",
    Exit.UNPRICED: "done, but what it cost could not be told",
    Exit.INTERRUPTED: "interrupted with ctrl+c",
}


class Stop(Exception):
    """The end of a command in trouble: one sentence on stderr, and an exit code."""

    def __init__(self, sentence: str, code: Exit = Exit.FAILED) -> None:
        super().__init__(one_line(sentence))
        self.code = code

    def show(self) -> None:
        """Print the sentence."""
        sys.stderr.write(f"llmconsole: {self}\n")


def epilog() -> str:
    """The table of exit codes for `--help`."""
    rows = "\n".join(f"  {code.value:>3}  {meaning}" for code, meaning in MEANINGS.items())
    return (
        f"\b\nExit codes:\n{rows}\n\n"
        "With --json, money is *_nano, a whole number of nano-dollars, and *_usd, the same in "
        "dollars; times are UTC milliseconds; what is unknown is null."
    )


def markdown_table() -> str:
    """The table of exit codes for the README."""
    rows = [f"| {code.value} | {meaning} |" for code, meaning in MEANINGS.items()]
    return "\n".join(["| exit code | meaning |", "|---|---|", *rows])
