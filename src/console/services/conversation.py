"""One conversation: what was said, what travels with the next message, and whether it must stay."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from console.core.chat import Attachment, SystemPrompt, Turn
from console.core.exchange import Exchange, request_for, title_of, too_much
from console.core.routing.request import Request
from console.core.tier import Tier

__all__ = ["Attachment", "Conversation"]


@dataclass(slots=True, kw_only=True)
class Conversation:
    """The state behind one chat.

    `pinned` says why nothing of it may leave the box; a new conversation starts free. `models`
    are those chosen in the place of a tier's own, `waived` reasons to stay that the operator has
    set aside. `kept` is whether the archive has it.
    """

    id: str
    title: str = ""
    kept: bool = False
    exchanges: list[Exchange] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    pinned: str | None = None
    waived: frozenset[str] = frozenset()
    forced: Tier | None = None
    system: SystemPrompt | None = None
    models: dict[Tier, str] = field(default_factory=dict)

    @property
    def turns(self) -> list[Turn]:
        """What was said, as it travels."""
        return [turn for exchange in self.exchanges for turn in exchange.turns]

    @property
    def called(self) -> str:
        """Its title, or its first message."""
        return self.title or next((title_of(each.task) for each in self.exchanges), "")

    def request(self, task: str) -> Request:
        """The request that sending `task` now would make; nothing is changed."""
        return self._request(task, self.attachments, self.turns)

    def again(self, exchange: Exchange) -> Request:
        """The request that would ask an exchange's message again, as it was asked then."""
        before = self.exchanges[: self.exchanges.index(exchange)]
        turns = [turn for each in before for turn in each.turns]
        return self._request(exchange.task, exchange.attachments, turns)

    def attach(self, attachments: Iterable[Attachment]) -> None:
        """Let these travel with the next message; ValueError with a sentence when it is too much.

        A file that is attached already is taken again, as it is now.
        """
        new = list(attachments)
        again = {each.path for each in new if each.path}
        wanted = [*(each for each in self.attachments if each.path not in again), *new]
        if trouble := too_much(wanted):
            raise ValueError(trouble)
        self.attachments = wanted

    def sent(self) -> tuple[Attachment, ...]:
        """The attachments that leave with a message; the next one starts without."""
        left = tuple(self.attachments)
        self.attachments.clear()
        return left

    def keep(self, exchange: Exchange, *, instead: Exchange | None = None) -> None:
        """Keep a message and its reply, whole or partial; without any reply neither is kept.

        `instead` is an earlier exchange that it was asked again for; that one travels no more.
        """
        if not exchange.reply:
            return
        if instead in self.exchanges:
            self.exchanges[self.exchanges.index(instead)] = instead._replace(replaced=True)
        self.exchanges.append(exchange)

    def pin(self, why: str) -> None:
        """From now on nothing of this conversation leaves the box."""
        self.pinned = self.pinned or why
        self.forced = None

    def unpin(self, pin: str | None = None) -> None:
        """Let it go again, for what has pinned it or would; another finding pins it anew.

        Who calls this has kept the operator's reason (`Dispatcher.unpin`).
        """
        for why in (self.pinned, pin):
            self.waived |= frozenset(why.split(", ") if why is not None else ())
        self.pinned = None

    def force(self, tier: Tier | None) -> None:
        """Send what follows to one tier by hand, or let the policy choose again (None).

        Raises ValueError with a sentence when the conversation must stay on the box.
        """
        if tier is Tier.API and self.pinned:
            raise ValueError(f"The api is refused: this conversation is pinned ({self.pinned}).")
        self.forced = tier

    def forget(self) -> None:
        """Drop what was said and what is attached; a pin stays."""
        self.exchanges.clear()
        self.attachments.clear()

    def _request(
        self, task: str, attachments: Iterable[Attachment], history: Iterable[Turn]
    ) -> Request:
        new, turns = request_for(task, attachments), tuple(history)
        before = (path for turn in turns for path in turn.paths)
        return replace(
            new,
            history=turns,
            paths=tuple(dict.fromkeys([*before, *new.paths])),
            system_paths=self.system.paths if self.system else (),
            pinned=self.pinned,
            forced=self.forced,
            waived=self.waived,
        )
