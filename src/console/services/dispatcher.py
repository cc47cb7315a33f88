"""The way of a request: decide, open its ledger row, stream the reply, close the row."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from typing import NamedTuple

from console.core.money import to_nano
from console.core.privacy import elsewhere
from console.core.routing import gate
from console.core.routing.capability import tokens as estimated
from console.core.routing.decide import decide
from console.core.routing.decision import Decision
from console.core.routing.gate import Purpose
from console.core.routing.request import Request
from console.core.routing.situation import Situation
from console.core.settings import Settings
from console.core.text import one_line
from console.core.tier import Tier
from console.services.books import Books
from console.services.cascade import Cascade, Ways
from console.services.cashier import Cashier
from console.services.estimate import Estimator
from console.services.events import Done, Event, Failed, FellBack, Retrying, Routed, Stopped
from console.services.live import LiveSettings
from console.services.lookout import Lookout
from console.services.looks import Looks
from console.services.outlook import Outlook
from console.services.ports import Clock, PriceList, RequestMeter
from console.services.retry import Retries, falls_back
from console.services.sending import About, Attempt, Sender, Tell
from console.services.tiers import Tiers

__all__ = ["Dispatcher", "Done", "Event", "Failed", "FellBack", "Retrying", "Routed", "Stopped"]


class Counted(NamedTuple):
    """A number of tokens; `exact` when the API counted it, for its own model."""

    tokens: int
    exact: bool


_UNASKED = "The api is not asked instead: it may cost more than chat.confirm_above_usd."


class Dispatcher:
    """Sends requests to tiers and keeps the books; nobody else writes requests to the ledger.

    `live` follows the settings' file; without it `settings` hold. `sleep` waits before a retry.
    """

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
        live: LiveSettings | None = None,
        outlook: Outlook | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.tiers = tiers
        self.live = live or LiveSettings(settings)
        self.outlook = outlook or Outlook(tiers, books, clock)
        self._books = books
        self._clock = clock
        self._sleep = sleep
        self._look = Lookout(clock.monotonic)
        self._sender = Sender(
            lambda: self.tiers,
            books,
            clock,
            Cashier(lambda: self.tiers, prices, self.live, meter),
            self.outlook,
            new_id=new_id,
            meter=meter,
        )
        self._looks = Looks(self._sender, self.outlook, clock)
        ways = Ways(
            ask=self._ask,
            attempt=self._attempt,
            decide=self._decide,
            trouble=lambda tier: self._looks.trouble(tier, self.tiers),
            dear=self._dear,
        )
        self._cascade = Cascade(ways, self.live, self.outlook)
        self._estimator = Estimator(tiers, prices, clock)
        self._pins: dict[str, str] = {}
        self.live.subscribe(self._switch)

    def decide(
        self,
        request: Request,
        *,
        system: str | None = None,
        tag: str | None = None,
        model: str | None = None,
        conversation: str | None = None,
        purpose: Purpose = Purpose.OVERRIDE,
    ) -> Decision:
        """Where the request would go, and why; nothing is sent, written or counted."""
        about = About(conversation, system, None, tag, model, purpose=purpose)
        return self._decision(request, about, self.outlook.now(self.live(), tag))

    async def ask(
        self,
        request: Request,
        tell: Tell,
        *,
        conversation: str | None = None,
        system: str | None = None,
        system_name: str | None = None,
        tag: str | None = None,
        model: str | None = None,
        parent: str | None = None,
        pinned: Callable[[], str | None] = lambda: None,
        purpose: Purpose = Purpose.OVERRIDE,
        agreed: bool = False,
    ) -> Done | Failed:
        """Serve one request; `tell` hears every event in order, the returned one last.

        `model` asks another model of the same tier for this one request, `parent` is the row it
        belongs to, `pinned` is asked before each attempt why the conversation must stay by then.
        `purpose` is what a tier asked for by hand is asked for, `agreed` that it may cost whatever
        it costs, also as a fallback. The row keeps the system prompt's
        name and the hash of its content, not the prompt. Cancelling the caller stops the server's
        work, closes the row as cancelled, tells Stopped, and raises CancelledError.
        """
        about = About(
            conversation, system, system_name, tag, model, parent, pinned, purpose, agreed=agreed
        )
        outcome = await self._cascade.serve(request, tell, about)
        tell(outcome)
        return outcome

    async def count(
        self,
        request: Request,
        *,
        system: str | None = None,
        tag: str | None = None,
        conversation: str | None = None,
    ) -> Counted:
        """The tokens of a request, by the API's own count where all of it may go there.

        What must stay is estimated on the box. Raises ModelFailure.
        """
        decide = partial(self.decide, request, system=system, tag=tag, conversation=conversation)
        source = self.tiers.source(Tier.API)
        if Tier.API in decide().allowed:
            await source.ready()
        if gate.permits(Purpose.COUNT, decide().allowed, Tier.API):
            async with self.tiers.use(source):
                counted = await source.count(request.prompt(system))
            if counted is not None:
                return Counted(counted, exact=True)
        return Counted(estimated(request, system), exact=False)

    async def unpin(self, conversation: str, pin: str, reason: str) -> None:
        """Let a conversation go again; what had pinned it, and the reason, are kept in the ledger.

        Raises ValueError without a reason, OSError when the ledger cannot be written: then the pin
        stays.
        """
        why = one_line(reason)
        if not why:
            raise ValueError("Not unpinned: say why it may leave.")
        at_ms = self._clock.now_ms()
        await self._books.with_store(
            lambda store: store.keep_unpinning(at_ms, conversation, pin, why)
        )
        self._pins.pop(conversation, None)

    async def aclose(self) -> None:
        """Stop looking at tiers that were left alone."""
        await self._looks.aclose()

    async def _ask(self, request: Request, tell: Tell, about: About) -> Done | Failed:
        settings = self.live()
        await self.outlook.refresh(settings)
        decision = self._decide(request, about, counted=True)
        if decision.tier is None:
            return Failed(None, decision, f"Not sent: {decision.reason.rstrip('.')}.")
        if decision.score is not None:
            about = about._replace(taken=decision.tier is Tier.API)
        self._looks.begin(self.tiers)
        attempt = Attempt(decision.tier, about.purpose, decision.reason, about.model)
        retries = Retries(settings.retries, settings.retry_within_s)
        while True:
            if trouble := await self._looks.trouble(attempt.tier, self.tiers):
                what = f"Not sent: {attempt.tier} is left alone: {trouble}"
                return Failed(None, decision, what, "Sending it again looks at that tier anew.")
            outcome = await self._attempt(request, attempt, tell, about)
            failed, entry = attempt.failure, outcome.entry
            if isinstance(outcome, Done) or failed is None or entry is None or attempt.spoke:
                return outcome
            about = about._replace(parent=about.parent or entry.id)
            wait_s = retries.wait_s(failed, attempt.tier)
            other = decision.fallback
            facts = (entry, failed.what, failed.hint, failed.kind)
            if wait_s is not None:
                tell(Retrying(*facts, wait_s, retries.made, retries.most))
                await self._sleep(wait_s)
                words = f"retry {retries.made} of {retries.most}: {attempt.tier} {failed.kind}"
                attempt = Attempt(attempt.tier, Purpose.RETRY, words, attempt.model)
            elif other is not None and attempt.tier is not other and falls_back(failed):
                if other is Tier.API and await self._dear(request, about):
                    return outcome._replace(hint=f"{outcome.hint} {_UNASKED}".strip())
                tell(FellBack(*facts, other))
                words = f"fallback: {attempt.tier} {failed.kind}"
                attempt = Attempt(other, Purpose.FALLBACK, words)
                retries = Retries(settings.retries, settings.retry_within_s)
            else:
                return outcome

    def _decide(self, request: Request, about: About, *, counted: bool = False) -> Decision:
        """The decision as things are now; what is found in a conversation pins it for good."""
        request = replace(request, pinned=request.pinned or about.pinned())
        now = self.outlook.now(self.live(), about.tag, counted=counted, taken=about.taken)
        decision = self._decision(request, about, now)
        if decision.pin is not None and about.conversation is not None:
            self._pins.setdefault(about.conversation, decision.pin)
        return decision

    def _decision(self, request: Request, about: About, now: Situation) -> Decision:
        settings = self.live()
        if about.model is not None:
            local = replace(self.tiers.settings(Tier.LOCAL), model=about.model)
            now = now._replace(local_elsewhere=elsewhere(local, settings.own_hosts))
        if request.pinned is None and about.conversation in self._pins:
            request = replace(request, pinned=self._pins[about.conversation])
        return decide(
            request,
            settings.router,
            now,
            system=about.system,
            look=self._look,
            purpose=about.purpose,
        )

    async def _attempt(
        self, request: Request, attempt: Attempt, tell: Tell, about: About
    ) -> Done | Failed:
        decision = self._decide(request, about)
        tier = attempt.tier
        chosen = self.tiers.settings(tier)
        source = self.tiers.source(tier, attempt.model or decision.model)
        prompt = request.prompt(about.system)
        await source.ready()
        try:
            reply = await self._sender.opened(source, prompt, attempt, decision, about)
        except OSError as error:
            return Failed(None, decision, f"Not sent: {error}")
        # Much can have happened since the request was made, so what may serve it is decided again,
        # and nothing but where the model runs is waited for between this and the first byte.
        again = partial(self._decide, request, about)
        decision = again()
        if not gate.permits(attempt.purpose, decision.allowed, tier):
            why = f"{tier} may no longer serve it ({decision.reason})"
            return await self._sender.refused(reply, decision, why)
        if tier is Tier.LOCAL and decision.pin is not None:
            # Of this very server and model: a rule may have named another, or the settings changed.
            asked = replace(chosen, model=source.model)
            try:
                away = elsewhere(asked, self.live().own_hosts) or await source.residence()
            except asyncio.CancelledError:
                await self._sender.stopped(reply, tell)
                raise
            if away is not None:
                return await self._sender.refused(reply, decision, away)
        tell(Routed(reply.entry, decision))
        return await self._sender.stream(reply, source, prompt, attempt, tell, again)

    async def _dear(self, request: Request, about: About) -> bool:
        """Whether the API may cost more than it may without the operator's word."""
        limit = self.live().chat_confirm_above_usd
        if limit is None or about.agreed:
            return False
        estimate = await self._estimator.estimate(request.prompt(about.system), Tier.API)
        return estimate.high_nano is None or estimate.high_nano > to_nano(limit)

    def _switch(self, settings: Settings) -> None:
        """Serve both tiers by what the settings say now; new servers begin with a clean record."""
        self._estimator.forget()
        for tier, chosen in ((Tier.LOCAL, settings.local), (Tier.API, settings.api)):
            if chosen != self.tiers.settings(tier):
                self.tiers.switch(tier, chosen)
                self.outlook.breakers[tier].served()
