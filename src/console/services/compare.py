"""One prompt put to both tiers at once, blind, and what the operator says of the two replies."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from typing import NamedTuple

from console.core.routing import gate
from console.core.routing.gate import Purpose
from console.core.routing.request import Request
from console.core.tier import Tier
from console.core.verdict import COMPARED, Judgement, Verdict, hash_of
from console.services.books import Books
from console.services.dispatcher import Dispatcher, Done, Event, Failed
from console.services.ports import Clock

Outcome = Done | Failed


class Pair(NamedTuple):
    """One prompt for both tiers; a coin has decided which of them is A."""

    id: str
    request: Request
    a_tier: Tier

    @property
    def tiers(self) -> dict[str, Tier]:
        """The tier behind each side, A first."""
        return {"A": self.a_tier, "B": self.a_tier.other}


class Comparer:
    """Puts a prompt to both tiers, and keeps verdicts in the ledger."""

    def __init__(
        self,
        dispatcher: Dispatcher,
        books: Books,
        clock: Clock,
        *,
        new_id: Callable[[], str],
        coin: Callable[[], bool],
        keep_text: bool = False,
    ) -> None:
        self._dispatcher = dispatcher
        self._books = books
        self._clock = clock
        self._new_id = new_id
        self._coin = coin
        self._keep_text = keep_text

    def refusal(self, request: Request) -> str | None:
        """Why a request cannot go to both tiers, in words; None when it can."""
        free = self._dispatcher.decide(replace(request, forced=None))
        for tier in Tier:
            if not gate.permits(Purpose.COMPARE, free.allowed, tier):
                return free.reason
            forced = replace(request, forced=tier)
            asked = self._dispatcher.decide(forced, purpose=Purpose.COMPARE)
            if asked.tier is None:
                return asked.reason
        return None

    def pair(self, request: Request) -> Pair:
        """A comparison of a request, its sides drawn by lot.

        Raises ValueError with a sentence when the request may not go to both tiers.
        """
        if refusal := self.refusal(request):
            raise ValueError(f"Not compared: this must not go to both tiers ({refusal}).")
        a_tier = Tier.LOCAL if self._coin() else Tier.API
        return Pair(id=self._new_id(), request=request, a_tier=a_tier)

    async def ask(
        self,
        pair: Pair,
        tell: Callable[[str, Event], None],
        *,
        conversation: str | None = None,
        system: str | None = None,
        system_name: str | None = None,
        models: Mapping[Tier, str] | None = None,
        pinned: Callable[[], str | None] = lambda: None,
    ) -> dict[str, Outcome]:
        """Both replies, by side, asked for at once; `tell` hears each side's events.

        `models` are other models than the tiers' own; `pinned` is asked before each attempt why
        the conversation must stay by then.
        One side's failure leaves the other alone. Cancelling the caller stops both.
        """

        async def side(name: str, tier: Tier) -> Outcome:
            return await self._dispatcher.ask(
                replace(pair.request, forced=tier),
                lambda event: tell(name, event),
                conversation=conversation,
                system=system,
                system_name=system_name,
                tag=COMPARED,
                model=(models or {}).get(tier),
                parent=pair.id,
                pinned=pinned,
                purpose=Purpose.COMPARE,
            )

        async with asyncio.TaskGroup() as group:
            tasks = {name: group.create_task(side(name, tier)) for name, tier in pair.tiers.items()}
        return {name: task.result() for name, task in tasks.items()}

    async def keep(
        self, pair: Pair, outcomes: Mapping[str, Outcome], judgement: Judgement
    ) -> Verdict:
        """Write down what the operator said.

        Raises ValueError when a side has no whole reply, OSError when the ledger cannot be
        written.
        """
        from console.core.score.features import VERSION, features

        a, b = (outcomes[name] for name in pair.tiers)
        if not isinstance(a, Done) or not isinstance(b, Done):
            raise ValueError("Not judged: a side has no whole reply.")
        prompt = pair.request.message
        verdict = Verdict(
            pair=pair.id,
            a=a.entry.id,
            b=b.entry.id,
            a_tier=pair.a_tier,
            judgement=judgement,
            at_ms=self._clock.now_ms(),
            prompt_hash=hash_of(prompt),
            features=asdict(features(prompt)),
            features_version=VERSION,
            prompt=prompt if self._keep_text else None,
        )
        await self._books.with_store(lambda store: store.keep_verdict(verdict))
        return verdict

    async def verdicts(self) -> list[Verdict]:
        """All that was ever said, oldest first."""
        return await self._books.verdicts()
