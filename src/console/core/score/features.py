"""What is counted in a prompt: the input of its score, blind to letter case and spacing."""

import re
from dataclasses import dataclass

VERSION = 1
"""A fitted model holds for one version of these features only."""

_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


@dataclass(frozen=True, slots=True)
class Features:
    """The counts of one prompt."""

    length: int
    numbers: int


def canonical(text: str) -> str:
    """The text that is counted: lower case, each run of white space one space."""
    return " ".join(text.lower().split())


def features(text: str) -> Features:
    """The features of a prompt."""
    seen = canonical(text)
    return Features(length=len(seen), numbers=len(_NUMBER.findall(seen)))
