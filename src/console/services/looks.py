"""Looking whether a tier that was left alone serves again, without any text of a user."""

import asyncio

from console.core.chat import Prompt, Turn
from console.core.routing.allowed import Allowed
from console.core.routing.decision import Decision
from console.core.routing.gate import Purpose
from console.core.text import one_line
from console.core.tier import Tier
from console.services.outlook import Outlook
from console.services.ports import Clock
from console.services.sending import About, Attempt, Sender
from console.services.tiers import Tiers

LOOK = Prompt(turns=(Turn("user", "Say ok."),))
"""What such a tier is asked."""

LOOK_TAG = "look"
"""The ledger's label of its row."""


class Looks:
    """Asks a tier's server how it is, and if it answers sends it a prompt of no meaning."""

    def __init__(self, sender: Sender, outlook: Outlook, clock: Clock) -> None:
        self._sender = sender
        self._outlook = outlook
        self._clock = clock
        self._under_way: dict[Tier, asyncio.Task[bool]] = {}

    def begin(self, tiers: Tiers) -> None:
        """Look, beside what goes on, at the tiers whose rest is over."""
        for tier in Tier:
            if self._outlook.breakers[tier].due(self._clock.monotonic()):
                self._looking(tier, tiers)

    async def trouble(self, tier: Tier, tiers: Tiers) -> str | None:
        """Why a tier cannot be asked, and for how long; looked at first if it is left alone."""
        breaker = self._outlook.breakers[tier]
        if not breaker.is_open or await asyncio.shield(self._looking(tier, tiers)):
            return None
        words = breaker.words(self._clock.monotonic())
        return f"{one_line(breaker.trouble).rstrip('.')} ({words})."

    async def aclose(self) -> None:
        """Stop looking."""
        looking = tuple(self._under_way.values())
        for task in looking:
            task.cancel()
        await asyncio.gather(*looking, return_exceptions=True)

    def _looking(self, tier: Tier, tiers: Tiers) -> "asyncio.Task[bool]":
        task = self._under_way.get(tier)
        if task is None or task.done():
            task = self._under_way[tier] = asyncio.create_task(self._serves(tier, tiers))
        return task

    async def _serves(self, tier: Tier, tiers: Tiers) -> bool:
        source, breaker = tiers.source(tier), self._outlook.breakers[tier]
        probe = await source.probe()
        if not probe.ok:
            breaker.failed(probe.trouble or "it does not answer", self._clock.monotonic())
            return False
        decision = Decision(
            tier=tier,
            allowed=Allowed(on_the_box=False),
            policy="health",
            reason="does it serve again?",
        )
        attempt = Attempt(tier, Purpose.ASK, decision.reason)
        try:
            reply = await self._sender.opened(source, LOOK, attempt, decision, About(tag=LOOK_TAG))
        except OSError:
            # Without its ledger nothing is sent, and the request itself will say so.
            return True
        await self._sender.stream(
            reply, source, LOOK, attempt, lambda event: None, lambda: decision
        )
        return not breaker.is_open
