"""A second local model's opinion on answers that can be compared; the API where they disagree."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import NamedTuple

from console.core.answers import Answer, Kind, asked_kind, reply_answer
from console.core.chat import Delta
from console.core.context import stopped_short
from console.core.entry import SECOND_OPINION
from console.core.routing import gate
from console.core.routing.cascade import prospect
from console.core.routing.decision import Decision
from console.core.routing.gate import Purpose
from console.core.routing.request import Request
from console.core.settings import Settings
from console.core.text import one_line
from console.core.tier import Tier
from console.services.events import (
    Checked,
    Checking,
    Done,
    Event,
    Failed,
    Routed,
    SetAside,
    Stopped,
)
from console.services.outlook import Outlook
from console.services.sending import About, Attempt, Tell

ESCALATED = "cascade: the local models disagree"
"""The reason of the API's row."""

_MOST_SHOWN = 40
"""Characters of an answer that a sentence shows."""


class Ways(NamedTuple):
    """How the dispatcher serves: a whole request, one attempt of it, and what it knows before.

    `trouble` is why a tier cannot be asked, None when it can; `dear` whether the API may cost more
    than the operator lets it without being asked.
    """

    ask: Callable[[Request, Tell, About], Awaitable[Done | Failed]]
    attempt: Callable[[Request, Attempt, Tell, About], Awaitable[Done | Failed]]
    decide: Callable[[Request, About], Decision]
    trouble: Callable[[Tier], Awaitable[str | None]]
    dear: Callable[[Request, About], Awaitable[bool]]


class Cascade:
    """Serves requests, and has the local replies that a policy chose checked where that is on."""

    def __init__(self, ways: Ways, live: Callable[[], Settings], outlook: Outlook) -> None:
        self._ways = ways
        self._live = live
        self._outlook = outlook

    async def serve(self, request: Request, tell: Tell, about: About) -> Done | Failed:
        """Serve a request; `tell` hears every event in order, but for what is returned.

        A reply that is checked may be set aside for the API's. Whatever goes wrong with the second
        model or the API, the first reply stands.
        """
        heard = _Heard(tell, lambda routed: self._checks(request, routed))
        first = await self._ways.ask(request, heard, about)
        routed, model = heard.routed, self._live().cascade_model
        if routed is None or not routed.provisional or model is None:
            return first
        kind = asked_kind(request.message)
        if not isinstance(first, Done) or first.ledger_trouble or kind is None:
            return first
        answer = _answer(heard.text, kind, first)
        if answer is None:
            return first
        about = about._replace(parent=first.entry.id, model=None)
        try:
            tell(Checking(first.entry, model))
            differ, words = await self._second(request, about, model, kind, answer)
        except asyncio.CancelledError:
            tell(Stopped(first.entry))
            raise
        held_back = await self._held_back(request, about) if differ else ""
        if not differ or held_back is not None:
            tell(Checked(first.entry, "; ".join(filter(None, (words, held_back)))))
            return first
        tell(SetAside(first.entry, f"{words}; the api is asked"))
        attempt = Attempt(Tier.API, Purpose.CASCADE, ESCALATED)
        final = await self._ways.attempt(request, attempt, tell, about)
        if isinstance(final, Done):
            return final
        tell(SetAside(final.entry, f"{one_line(final.what).rstrip('.')}; the local reply stands"))
        tell(routed._replace(entry=first.entry, provisional=False))
        tell(Delta(heard.text))
        return first

    def _checks(self, request: Request, routed: Routed) -> bool:
        """Whether a reply from there may yet be set aside."""
        second, decision, entry = self._live().cascade_model, routed.decision, routed.entry
        return (
            second is not None
            and entry.tier is decision.tier
            and prospect(
                request, second, tier=entry.tier, model=entry.model, allowed=decision.allowed
            ).asked
        )

    async def _second(
        self, request: Request, about: About, model: str, kind: Kind, answer: Answer
    ) -> tuple[bool, str]:
        """Whether a second model's answer differs, and what came of it in words."""
        heard = _Heard(lambda event: None, lambda routed: False)
        attempt = Attempt(Tier.LOCAL, Purpose.CASCADE, SECOND_OPINION, model)
        second = await self._ways.attempt(request, attempt, heard, about._replace(model=model))
        if isinstance(second, Failed):
            return False, f"{model} gave no second opinion: {one_line(second.what).rstrip('.')}"
        other = _answer(heard.text, kind, second)
        if other is None:
            return False, f"{model} gave no answer that can be compared"
        if other == answer:
            return False, f"{model} agrees: {_shown(answer)}"
        return True, f"{model} disagrees: {_shown(other)}, not {_shown(answer)}"

    async def _held_back(self, request: Request, about: About) -> str | None:
        """Why the API is not asked after all; None when it may be."""
        await self._outlook.refresh(self._live())
        if trouble := await self._ways.trouble(Tier.API):
            return f"the api is left alone: {one_line(trouble).rstrip('.')}"
        if await self._ways.dear(request, about):
            return "the api may cost more than chat.confirm_above_usd"
        # Last, so that nothing is waited for between this and what follows from it.
        decision = self._ways.decide(request, about)
        if gate.permits(Purpose.CASCADE, decision.allowed, Tier.API):
            return None
        kept = next((step.words for step in decision.steps if Tier.API not in step.allowed), "")
        return f"the api is not asked ({one_line(kept)})"


class _Heard:
    """What is heard of one reply, passed on."""

    def __init__(self, tell: Tell, provisional: Callable[[Routed], bool]) -> None:
        self._tell = tell
        self._provisional = provisional
        self._pieces: list[str] = []
        self.routed: Routed | None = None

    @property
    def text(self) -> str:
        """What the last attempt said."""
        return "".join(self._pieces)

    def __call__(self, event: Event) -> None:
        if isinstance(event, Routed):
            event = self.routed = event._replace(provisional=self._provisional(event))
            self._pieces.clear()
        elif isinstance(event, Delta):
            self._pieces.append(event.text)
        self._tell(event)


def _answer(text: str, kind: Kind, done: Done) -> Answer | None:
    """The answer of a reply that was not cut short."""
    if stopped_short(done.stop_reason, done.entry.tier):
        return None
    return reply_answer(text, kind)


def _shown(answer: Answer) -> str:
    value = one_line(answer.value)
    return value if len(value) <= _MOST_SHOWN else f"{value[: _MOST_SHOWN - 1]}…"
