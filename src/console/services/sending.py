"""Sending: a row is opened, the prompt leaves, the row is closed however the reply ends."""

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import NamedTuple

from console.core.chat import Delta, FailureKind, ModelFailure, Prompt, Thinking
from console.core.entry import Ending, Entry
from console.core.routing import gate
from console.core.routing.capability import CHARS_PER_TOKEN
from console.core.routing.decision import Decision
from console.core.routing.gate import Purpose
from console.core.routing.report import as_json
from console.core.tier import Tier
from console.services.books import Books
from console.services.cashier import Cashier
from console.services.events import Done, Event, Failed, Stopped
from console.services.outlook import Outlook
from console.services.ports import Clock, ModelSource, RequestMeter
from console.services.reply import Reply
from console.services.retry import is_ill
from console.services.tiers import Tiers

Tell = Callable[[Event], None]


class About(NamedTuple):
    """What a row says of a request beside the request itself, and what is asked of it again.

    `taken` is whether its score sent it to the API, once it has been counted; `agreed` that it may
    cost whatever it costs.
    """

    conversation: str | None = None
    system: str | None = None
    system_name: str | None = None
    tag: str | None = None
    model: str | None = None
    parent: str | None = None
    pinned: Callable[[], str | None] = lambda: None
    purpose: Purpose = Purpose.OVERRIDE
    taken: bool | None = None
    agreed: bool = False


@dataclass(slots=True)
class Attempt:
    """One try at one tier: what for, and why there; then whether it spoke, and how it failed."""

    tier: Tier
    purpose: Purpose
    reason: str
    model: str | None = None
    spoke: bool = False
    failure: ModelFailure | None = None


class Sender:
    """Sends prompts to sources, one ledger row each."""

    def __init__(
        self,
        tiers: Callable[[], Tiers],
        books: Books,
        clock: Clock,
        cashier: Cashier,
        outlook: Outlook,
        *,
        new_id: Callable[[], str],
        meter: RequestMeter | None,
    ) -> None:
        self._tiers = tiers
        self._books = books
        self._clock = clock
        self._cashier = cashier
        self._outlook = outlook
        self._new_id = new_id
        self._meter = meter

    async def opened(
        self,
        source: ModelSource,
        prompt: Prompt,
        attempt: Attempt,
        decision: Decision,
        about: About,
    ) -> Reply:
        """A row for what is about to be sent.

        Raises OSError with a sentence when it cannot be written: then nothing may be sent.
        """
        system = about.system
        entry = Entry(
            id=self._new_id(),
            started_ms=self._clock.now_ms(),
            zone=self._clock.zone(),
            tier=attempt.tier,
            provider=source.provider,
            model=source.model,
            policy=decision.policy,
            reason=attempt.reason,
            decision=as_json(decision),
            conversation=about.conversation,
            parent=about.parent,
            tag=about.tag,
            system_name=about.system_name,
            system_hash=_hash(system) if system else None,
            prompt_chars=len(prompt.text),
            prompt_bytes=len(prompt.text.encode(errors="replace")),
        )
        reply = Reply(entry, source.shape, self._clock)
        await self._books.opened(entry, lambda: self._cashier.so_far(reply))
        return reply

    async def refused(self, reply: Reply, decision: Decision, why: str) -> Failed:
        """Close the row of what was not sent after all."""
        closed = await self._cashier.closed(reply, Ending.CANCELLED, None)
        closed = replace(closed, error=f"not sent: {why}")
        trouble = await self._write(closed)
        return Failed(closed, decision, f"Not sent: {why}.", ledger_trouble=trouble)

    async def stopped(self, reply: Reply, tell: Tell) -> None:
        """Close the row of what the caller no longer wants, and tell so."""
        closed = await self._cashier.closed(reply, Ending.CANCELLED, None)
        tell(Stopped(closed, await self._write(closed)))

    async def stream(
        self,
        reply: Reply,
        source: ModelSource,
        prompt: Prompt,
        attempt: Attempt,
        tell: Tell,
        decide: Callable[[], Decision],
    ) -> Done | Failed:
        """Send, and close the row however it ends; `decide` tells what may serve it by then."""
        id, tier = reply.entry.id, attempt.tier
        breaker = self._outlook.breakers[tier]
        meter = self._meter if tier is Tier.LOCAL else None
        self._outlook.queue += tier is Tier.LOCAL
        try:
            if meter is not None:
                meter.begin(id)
            async with self._tiers().use(source), aclosing(source.stream(prompt)) as chunks:
                async for chunk in chunks:
                    reply.take(chunk)
                    if isinstance(chunk, Delta | Thinking):
                        attempt.spoke = True
                        if meter is not None:
                            meter.wrote(len(chunk.text) / CHARS_PER_TOKEN)
                        tell(chunk)
            breaker.served()
            closed = await self._cashier.closed(reply, Ending.DONE, None)
            return Done(closed, await self._write(closed), reply.stop_reason)
        except ModelFailure as failure:
            attempt.failure = failure
            closed = await self._cashier.closed(reply, _ending(failure), failure)
            decision, kept = decide(), failure.what
            if not gate.permits(Purpose.LOG, decision.allowed, Tier.API):
                # A server's complaint can repeat what it was sent. What is kept can be exported, or
                # be told to those who ask next.
                kept = f"{tier}: {failure.kind}"
            if is_ill(failure):
                breaker.failed(kept, self._clock.monotonic(), failure.retry_after_s)
            closed = replace(closed, error=kept)
            trouble = await self._write(closed)
            return Failed(
                closed,
                decision,
                failure.what,
                failure.hint,
                failure.kind,
                trouble,
                failure.retry_after_s,
            )
        except BaseException as error:
            if isinstance(error, asyncio.CancelledError):
                await self.stopped(reply, tell)
            else:
                await self._write(await self._cashier.closed(reply, Ending.ERROR, None))
            raise
        finally:
            self._outlook.queue -= tier is Tier.LOCAL
            if meter is not None:
                meter.drop(id)

    async def _write(self, entry: Entry) -> str | None:
        try:
            await self._books.closed(entry)
        except OSError as error:
            return str(error)
        return None


def _ending(failure: ModelFailure) -> Ending:
    return Ending.TIMEOUT if failure.kind is FailureKind.TIMEOUT else Ending.ERROR


def _hash(system: str) -> str:
    from hashlib import sha256

    return sha256(system.encode(errors="replace")).hexdigest()[:16]
