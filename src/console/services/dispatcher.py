"""The way of a request: decide, open its ledger row, stream the reply, close the row."""

import asyncio
import json
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass, replace
from hashlib import sha256

from console.core import usage as usages
from console.core.chat import Delta, FailureKind, ModelFailure, Reported, Thinking
from console.core.energy import Spent
from console.core.entry import Ending, Entry
from console.core.pricing import PriceCard, charged
from console.core.privacy import elsewhere
from console.core.routing import Decision, Request, decide
from console.core.settings import Settings
from console.core.tier import Tier
from console.core.usage import Usage, UsageSource, WireShape
from console.services.books import Books
from console.services.ports import Clock, PriceList, RequestMeter
from console.services.tiers import Tiers

CHARS_PER_TOKEN = 4
"""The rule behind estimated token counts: a token is about four characters of English."""


@dataclass(frozen=True, slots=True)
class Routed:
    """The request has a tier, and a row in the ledger; nothing has left yet."""

    entry: Entry
    decision: Decision


@dataclass(frozen=True, slots=True)
class Done:
    """The reply is complete; `ledger_trouble` is a sentence when its row could not be closed."""

    entry: Entry
    ledger_trouble: str | None = None


@dataclass(frozen=True, slots=True)
class Failed:
    """The request was refused, failed or stopped; `what` happened and what to do (`hint`).

    `entry` is None when nothing was written, because nothing was sent.
    """

    entry: Entry | None
    decision: Decision
    what: str
    hint: str = ""
    kind: FailureKind | None = None
    ledger_trouble: str | None = None


@dataclass(frozen=True, slots=True)
class Stopped:
    """The caller was cancelled; what the reply took until then."""

    entry: Entry
    ledger_trouble: str | None = None


Event = Routed | Delta | Thinking | Done | Failed | Stopped


class Dispatcher:
    """Sends requests to tiers and keeps the books; nobody else writes requests to the ledger."""

    def __init__(
        self,
        tiers: Tiers,
        books: Books,
        prices: PriceList,
        clock: Clock,
        settings: Settings,
        *,
        new_id: Callable[[], str],
        meter: RequestMeter | None = None,
    ) -> None:
        self.tiers = tiers
        self._books = books
        self._prices = prices
        self._clock = clock
        self._settings = settings
        self._new_id = new_id
        self._meter = meter
        self._cards: dict[tuple[str, str], PriceCard | None] = {}

    def decide(self, request: Request) -> Decision:
        """Where the request would go, and why; nothing is sent or written."""
        settings = self._settings
        return decide(
            request,
            settings.policy,
            local_elsewhere=elsewhere(settings.local, settings.own_hosts),
        )

    async def ask(
        self,
        request: Request,
        tell: Callable[[Event], None],
        *,
        conversation: str | None = None,
        system: str | None = None,
        system_name: str | None = None,
        tag: str | None = None,
        model: str | None = None,
        parent: str | None = None,
    ) -> Done | Failed:
        """Serve one request; `tell` hears every event in order, the returned one last.

        `model` asks another model of the same tier for this one request, `parent` is the row it
        belongs to. The row keeps the system prompt's name and the hash of its content, not the
        prompt. Cancelling the caller stops the server's work, closes the row as cancelled, tells
        Stopped, and raises CancelledError.
        """
        about = _About(conversation, system, system_name, tag, model, parent)
        outcome = await self._ask(request, tell, about)
        tell(outcome)
        return outcome

    async def _ask(
        self, request: Request, tell: Callable[[Event], None], about: "_About"
    ) -> Done | Failed:
        decision = self.decide(request)
        if decision.tier is None:
            return Failed(None, decision, f"Not sent: {decision.reason}.")
        source = self.tiers.source(decision.tier, about.model or decision.model)
        prompt = request.prompt(about.system)
        entry = Entry(
            id=self._new_id(),
            started_ms=self._clock.now_ms(),
            zone=self._clock.zone(),
            tier=decision.tier,
            provider=source.provider,
            model=source.model,
            policy=decision.policy,
            reason=decision.reason,
            conversation=about.conversation,
            parent=about.parent,
            tag=about.tag,
            system_name=about.system_name,
            system_hash=sha256(about.system.encode()).hexdigest()[:16] if about.system else None,
            prompt_chars=len(prompt.text),
            prompt_bytes=len(prompt.text.encode(errors="replace")),
        )
        reply = _Reply(entry, source.shape, self._clock)
        meter = self._meter if entry.tier is Tier.LOCAL else None
        try:
            await self._books.opened(entry, lambda: self._so_far(reply))
            tell(Routed(entry, decision))
            if meter is not None:
                meter.begin(entry.id)
            async with self.tiers.use(source), aclosing(source.stream(prompt)) as chunks:
                async for chunk in chunks:
                    reply.take(chunk)
                    if isinstance(chunk, Delta | Thinking):
                        if meter is not None:
                            meter.wrote(len(chunk.text) / CHARS_PER_TOKEN)
                        tell(chunk)
            closed = await self._close(reply, Ending.DONE, None)
            return Done(closed, await self._write(closed))
        except OSError as error:
            return Failed(None, decision, f"Not sent: {error}")
        except ModelFailure as failure:
            ending = Ending.TIMEOUT if failure.kind is FailureKind.TIMEOUT else Ending.ERROR
            closed = await self._close(reply, ending, failure)
            trouble = await self._write(closed)
            return Failed(closed, decision, failure.what, failure.hint, failure.kind, trouble)
        except BaseException as error:
            stopped = isinstance(error, asyncio.CancelledError)
            closed = await self._close(reply, Ending.CANCELLED if stopped else Ending.ERROR, None)
            trouble = await self._write(closed)
            if stopped:
                tell(Stopped(closed, trouble))
            raise
        finally:
            if meter is not None:
                meter.drop(entry.id)

    async def _write(self, entry: Entry) -> str | None:
        try:
            await self._books.closed(entry)
        except OSError as error:
            return str(error)
        return None

    async def _close(self, reply: "_Reply", ending: Ending, failure: ModelFailure | None) -> Entry:
        entry = reply.closed(ending, failure)
        # What the cards took is asked for at once: its end is now.
        spent = asyncio.ensure_future(self._spent(entry))
        api = self.tiers.source(Tier.API)
        priced = entry if entry.tier is Tier.API else api
        # The list is imported when it is first asked, which takes a quarter of a second.
        card = await asyncio.to_thread(
            self._prices.card, priced.provider, priced.model, entry.started_ms
        )
        if entry.tier is Tier.API:
            self._cards[entry.provider, entry.model] = card
            cost_nano, price = charged(entry.usage, card, reply.circumstances)
            return replace(entry, cost_nano=cost_nano, price=price)
        shadow_nano, price = charged(entry.usage, card)
        entry = replace(entry, shadow_nano=shadow_nano, shadow_price=price)
        return self._with_energy(entry, await spent)

    def _so_far(self, reply: "_Reply") -> Entry:
        """The row of a request under way, with what its tokens would cost by now."""
        entry = reply.so_far()
        key = (entry.provider, entry.model)
        if entry.tier is Tier.LOCAL:
            return entry
        if key not in self._cards:
            # The price comes with a later look: the list's import must not hold the screen up.
            self._cards[key] = None
            asyncio.get_running_loop().run_in_executor(None, self._learn, *key, entry.started_ms)
        return replace(
            entry, cost_nano=charged(entry.usage, self._cards[key], reply.circumstances)[0]
        )

    def _learn(self, provider: str, model: str, at_ms: int) -> None:
        self._cards[provider, model] = self._prices.card(provider, model, at_ms)

    async def _spent(self, entry: Entry) -> Spent | None:
        if entry.tier is not Tier.LOCAL or self._meter is None:
            return None
        return await self._meter.end(entry.id, entry.usage.output)

    def _with_energy(self, entry: Entry, spent: Spent | None) -> Entry:
        if spent is None:
            return entry
        tariff, hardware = self._settings.tariff, self._settings.hardware
        return replace(
            entry,
            energy_j=spent.joules,
            energy_source=spent.how,
            energy_error_j=spent.error_j,
            energy_nano=tariff.nano(spent.joules, entry.started_ms, entry.zone),
            tariff_usd_per_kwh=str(tariff.rate(entry.started_ms, entry.zone)),
            hardware_nano=hardware.share_nano(entry.duration_ms or 0) if hardware else None,
            hardware_rule=hardware.rule if hardware else None,
        )


@dataclass(frozen=True, slots=True)
class _About:
    """What a row says of a request beside the request itself."""

    conversation: str | None = None
    system: str | None = None
    system_name: str | None = None
    tag: str | None = None
    model: str | None = None
    parent: str | None = None


class _Reply:
    """What is known of a reply so far."""

    def __init__(self, entry: Entry, shape: WireShape, clock: Clock) -> None:
        self._entry = entry
        self._shape = shape
        self._clock = clock
        self._began = clock.monotonic()
        self._ttft_ms: int | None = None
        self._chars = 0
        self._bytes = 0
        self._raw: dict[str, object] = {}
        self._final = False

    def take(self, chunk: Delta | Thinking | Reported) -> None:
        """Count a piece of the reply in."""
        if isinstance(chunk, Reported):
            if chunk.usage is not None:
                self._raw = usages.merge(self._raw, chunk.usage)
                self._final = self._final or chunk.final
            self._entry = replace(
                self._entry,
                model_reported=chunk.model or self._entry.model_reported,
                model_digest=chunk.digest or self._entry.model_digest,
                response_id=chunk.response_id or self._entry.response_id,
            )
            return
        if self._ttft_ms is None:
            self._ttft_ms = round((self._clock.monotonic() - self._began) * 1000)
        self._chars += len(chunk.text)
        self._bytes += len(chunk.text.encode(errors="replace"))

    @property
    def circumstances(self) -> frozenset[str]:
        """What the server said that changes the price."""
        return usages.circumstances(self._raw)

    def so_far(self) -> Entry:
        """The row as it stands, still in flight."""
        usage, source = self._usage(None)
        return replace(
            self._entry,
            ttft_ms=self._ttft_ms,
            usage=usage,
            usage_source=source,
            reply_chars=self._chars,
        )

    def closed(self, ending: Ending, failure: ModelFailure | None) -> Entry:
        """The row as it ends now."""
        # The start is wall time and the length monotonic, so a clock set back cannot make it
        # negative.
        length_ms = round((self._clock.monotonic() - self._began) * 1000)
        usage, source = self._usage(failure)
        return replace(
            self._entry,
            ended_ms=self._entry.started_ms + length_ms,
            ending=ending,
            error=failure.what if failure else None,
            ttft_ms=self._ttft_ms,
            usage=usage,
            usage_source=source,
            usage_raw=json.dumps(self._raw, default=str) if self._raw else None,
            reply_chars=self._chars,
            reply_bytes=self._bytes,
        )

    def _usage(self, failure: ModelFailure | None) -> tuple[Usage, UsageSource]:
        reported = usages.normalise(self._shape, self._raw) if self._raw else Usage()
        if self._final and reported.total is not None:
            return reported, UsageSource.REPORTED
        if failure and not self._chars and failure.kind not in _MAYBE_SERVED:
            # Refused before anything was served: no tokens, and that is known.
            return Usage(uncached=0, output=0), UsageSource.NONE
        written = -(-self._chars // CHARS_PER_TOKEN)
        sent = -(-self._entry.prompt_chars // CHARS_PER_TOKEN)
        estimated = replace(
            reported,
            uncached=sent if reported.uncached is None else reported.uncached,
            output=max(written, reported.output or 0),
        )
        return estimated, UsageSource.ESTIMATED


_MAYBE_SERVED = {FailureKind.TIMEOUT, FailureKind.CUT, FailureKind.MALFORMED}
