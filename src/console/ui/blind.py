"""Two replies to one prompt as they may be shown before a verdict: nothing tells who wrote them."""

from collections import deque
from collections.abc import Mapping, Sequence

from console.core.chat import Attachment, Delta
from console.core.entry import Entry
from console.core.tier import Tier
from console.core.verdict import Judgement
from console.services.compare import Outcome, Pair
from console.services.dispatcher import Done, Event, Failed, Stopped
from console.ui.draw.message import Block, failure_blocks
from console.ui.reply import Reply
from console.ui.written import Written


class Side:
    """One of the two replies; it shows no more of its text than it is told to."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.unfolded = False
        self.ended = False
        self.outcome: Outcome | None = None
        self.events: list[Event] = []
        """What was heard, to be told to whoever shows the reply with its name."""
        self._pieces: deque[str] = deque()
        self._written = Written()
        self._heard = self._shown = 0
        self._said = ""
        self._state: Block | None = None
        self._foot: list[Block] = []

    @property
    def text(self) -> str:
        """The reply as far as it has come."""
        return "".join(event.text for event in self.events if isinstance(event, Delta))

    @property
    def thoughts(self) -> str:
        """None are shown: how long a model thinks would tell who it is."""
        return ""

    @property
    def entry(self) -> Entry | None:
        """Its row in the ledger, once it has ended."""
        last = self.events[-1] if self.events else None
        return last.entry if isinstance(last, Done | Failed | Stopped) else None

    @property
    def chars(self) -> int:
        """Characters that have come."""
        return self._heard

    @property
    def whole(self) -> bool:
        """Whether the reply is complete and says something."""
        return isinstance(self.outcome, Done) and self._heard > 0

    @property
    def blocks(self) -> Sequence[Block]:
        """What to show now."""
        state = [self._state] if self._state else []
        return [*self._written.blocks, *state, *self._foot]

    def hear(self, event: Event) -> None:
        """Note what happened."""
        self.events.append(event)
        match event:
            case Delta(text=text):
                self._pieces.append(text)
                self._heard += len(text)
            case Done() | Failed():
                self.outcome = event
                self.ended = True
            case Stopped():
                self.ended = True

    def refresh(self, most: int | None, state: str) -> None:
        """Show up to `most` characters (None: all), and in what state the reply is."""
        self._feed(self._heard if most is None else min(most, self._heard))
        if self.ended and self._shown == self._heard:
            self._written.close()
            self._foot = self._foot or self._end()
            state = ""
        self._written.refresh()
        if state != self._said:
            self._said = state
            self._state = Block(((state, "dim"),)) if state else None

    def _feed(self, most: int) -> None:
        while self._shown < most and self._pieces:
            piece = self._pieces.popleft()
            room = most - self._shown
            if len(piece) > room:
                piece, rest = piece[:room], piece[room:]
                self._pieces.appendleft(rest)
            self._written.feed(piece)
            self._shown += len(piece)

    def _end(self) -> list[Block]:
        match self.outcome:
            case Failed(what=what, hint=hint):
                return failure_blocks(what, hint, partial=self._heard > 0)
            case None:
                return [Block((("stopped", "warn"),))]
        return [] if self._heard else [Block((("The reply is empty.", "warn"),))]


class Blind:
    """Both sides, shown at one pace: the speed of a reply would tell who writes it."""

    def __init__(
        self, pair: Pair, attachments: tuple[Attachment, ...] = (), asked_ms: int = 0
    ) -> None:
        self.pair = pair
        self.asked_ms = asked_ms
        self.attachments = attachments
        self.sides = {name: Side(name) for name in pair.tiers}
        self.judgement: Judgement | None = None

    @property
    def ended(self) -> bool:
        """Whether nothing more will come."""
        return all(side.ended for side in self.sides.values())

    @property
    def open(self) -> bool:
        """Whether names may be told: there is a verdict, or there can be none."""
        return self.judgement is not None or self.spoilt

    @property
    def spoilt(self) -> bool:
        """Whether a side has ended without a whole reply, so that there is nothing to judge."""
        return any(side.ended and not side.whole for side in self.sides.values())

    @property
    def outcomes(self) -> Mapping[str, Outcome]:
        """How each side that has ended by itself has ended."""
        return {name: side.outcome for name, side in self.sides.items() if side.outcome}

    @property
    def best(self) -> str | None:
        """The side that the conversation goes on with; None when neither is any good."""
        match self.judgement:
            case Judgement.A:
                return "A"
            case Judgement.B:
                return "B"
            case Judgement.TIE:
                # Even replies: the one that stays on the box.
                return next(n for n, tier in self.pair.tiers.items() if tier is Tier.LOCAL)
        whole = [name for name, side in self.sides.items() if side.whole]
        return whole[0] if self.spoilt and len(whole) == 1 else None

    @property
    def entries(self) -> dict[str, Entry | None]:
        """The ledger's row of each side, where it has ended."""
        return {name: side.entry for name, side in self.sides.items()}

    def entry_beside(self, name: str) -> Entry | None:
        """The row of the side that is not this one."""
        return next(entry for each, entry in self.entries.items() if each != name)

    def refresh(self, waited_s: float) -> None:
        """Bring both sides' blocks up to what may be shown."""
        running = [side.chars for side in self.sides.values() if not side.ended]
        most = min(running) if running and not self.spoilt else None
        for side in self.sides.values():
            silent = most == 0 or not side.chars
            state = f"waiting · {int(waited_s)} s · Esc stops both" if silent else "…"
            side.refresh(most, state)

    def reply(self, name: str) -> Reply:
        """A side as a reply of the conversation, with its name and what it took."""
        request = self.pair.request
        reply = Reply(request, self.attachments, self.asked_ms)
        for event in self.sides[name].events:
            reply.hear(event)
        return reply
