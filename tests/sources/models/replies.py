"""A reply read to its end, for tests of model sources."""

import asyncio
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any

from console.core.chat import Delta, Image, Prompt, Reported, Thinking, Turn
from console.core.usage import merge
from tests.patience import PATIENCE_S

HELLO = Prompt(turns=(Turn("user", "how is the fleet?"),))

PICTURED = Turn("user", "look", (Image("plan.png", "image/png", b"\x89PNG"),))


@dataclass
class Reply:
    """All that a stream gave, told apart."""

    deltas: list[str] = field(default_factory=list)
    thoughts: list[str] = field(default_factory=list)
    reports: list[Reported] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(self.deltas)

    @property
    def final(self) -> bool:
        return any(report.final and report.usage for report in self.reports)

    @property
    def usage(self) -> dict[str, Any]:
        merged: dict[str, Any] = {}
        for report in self.reports:
            merged = merge(merged, report.usage or {})
        return merged

    def __getattr__(self, name: str) -> Any:
        said = [getattr(report, name) for report in self.reports]
        return next((value for value in reversed(said) if value is not None), None)


async def collect(source: Any, prompt: Prompt = HELLO) -> Reply:
    """The whole reply; a guard ends a test that hangs."""
    reply = Reply()
    async with asyncio.timeout(PATIENCE_S), aclosing(source.stream(prompt)) as chunks:
        async for chunk in chunks:
            match chunk:
                case Delta(text):
                    reply.deltas.append(text)
                case Thinking(text):
                    reply.thoughts.append(text)
                case Reported():
                    reply.reports.append(chunk)
    return reply


def asked(prompt: Prompt) -> list[dict[str, str]]:
    """The turns as a server is sent them."""
    return [{"role": turn.role, "content": turn.text} for turn in prompt.turns]
