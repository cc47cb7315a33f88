"""What of a conversation can be marked and copied: whole messages, and the code in them."""

import re
from collections.abc import Callable, Iterable
from typing import NamedTuple

from console.ui.draw.fences import code_in
from console.ui.draw.line import plain
from console.ui.widgets.transcript import Message

_ADVISED = re.compile(r"`([^`\n]{1,200})`")


class Pick(NamedTuple):
    """Blocks [first, end) of a message, and the text that copying them gives."""

    message: Message
    first: int
    end: int
    text: str


def messages(shown: Iterable[Message]) -> list[Pick]:
    """Each message that has a text."""
    return [
        Pick(message, 0, len(message.blocks), message.text) for message in shown if message.text
    ]


def codes(shown: Iterable[Message]) -> list[Pick]:
    """Each piece of code, in order; the commands that a line of the console's own advises too."""
    return [
        Pick(message, at, at + 1, code)
        for message in shown
        for at, block in enumerate(message.blocks)
        for code in (
            code_in(block.markdown) if block.markdown else _ADVISED.findall(plain(block.line))
        )
        if code
    ]


Kind = Callable[[Iterable[Message]], list[Pick]]


def step(picks: list[Pick], marked: Pick | None, by: int) -> Pick | None:
    """The pick before (-1) or after (1) what is marked; without a mark, the last or the first."""
    if not picks:
        return None
    places = [(pick.message, pick.first, pick.text) for pick in picks]
    here = (marked.message, marked.first, marked.text) if marked else None
    if here in places:
        at = places.index(here) + by
        return picks[min(max(at, 0), len(picks) - 1)]
    return picks[-1] if by < 0 else picks[0]
