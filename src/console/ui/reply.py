"""What stands in a conversation: notes, and replies from being asked for to their end."""

from collections.abc import Sequence

from console.core.chat import Attachment, Delta, FailureKind, Thinking
from console.core.entry import Entry
from console.core.exchange import Exchange
from console.core.routing.request import Request
from console.core.tier import Tier
from console.services.asking import AskEvent, Asking, Opened, Unkept, answered
from console.services.events import (
    Checked,
    Checking,
    Done,
    Failed,
    FellBack,
    Retrying,
    Routed,
    SetAside,
    Stopped,
)
from console.ui.countdown import Countdown
from console.ui.draw.ending import (
    again_line,
    aside_blocks,
    checked_block,
    checking_line,
    cost_line,
    cut_blocks,
    fallback_blocks,
    retry_line,
    short_blocks,
)
from console.ui.draw.line import Line, text_of
from console.ui.draw.message import (
    Block,
    failure_blocks,
    footer_line,
    header_line,
)
from console.ui.thought import Thought
from console.ui.written import Written

_NOT_THE_SERVER = {FailureKind.CONTEXT_TOO_LONG, FailureKind.REFUSED}
"""Failures of a request that say nothing about how its tier is doing."""


class Note:
    """Blocks that stay as they are: what the operator sent, or an answer of the console's own."""

    unfolded = False
    thoughts = ""

    def __init__(self, blocks: Sequence[Block], said: str | None = None) -> None:
        self.blocks = blocks
        self._said = said

    @property
    def text(self) -> str:
        """What copying it gives: what was typed, else the lines."""
        return text_of(block.line for block in self.blocks) if self._said is None else self._said


class Reply:
    """One reply, from being asked for to its end; it alone holds what is known of it.

    `hear` only notes what happened, so it may be called as often as pieces come; `blocks` is
    what to show now, made of the same blocks as before where nothing changed.
    """

    def __init__(
        self,
        request: Request,
        attachments: tuple[Attachment, ...],
        asked_ms: int = 0,
        *,
        instead: Exchange | None = None,
        parent: str | None = None,
    ) -> None:
        self.request = request
        self.attachments = attachments
        self.instead = instead
        """The exchange that is asked again."""
        self._parent = parent
        self._begun = Exchange(task=request.task, attachments=attachments, asked_ms=asked_ms)
        self.entry: Entry | None = None
        self.outcome: Done | Failed | None = None
        self.ended = False
        self.settled = False
        self.changed = True
        """Whether `blocks` is behind what was heard."""
        self._pieces: list[str] = []
        self._thought = Thought()
        self._written = Written()
        self._aside: list[Block] = []
        """Replies before this one, which it stands in for."""
        self._head: list[Block] = [Block((("asking …", "dim"),), gap=True)]
        self._state: Block | None = None
        self._tried: list[Block] = []
        """What became of the attempts before this one."""
        self._last_try: tuple[str, Line] | None = None
        self._tries = 0
        self._retry: Retrying | None = None
        self._countdown: Countdown | None = None
        self._checking: Checking | None = None
        self._checked: list[Block] = []
        self._foot: list[Block] = []
        self._unkept: list[Block] = []

    @property
    def tier(self) -> Tier | None:
        """The tier that serves it, once that is known."""
        return self.entry.tier if self.entry else None

    @property
    def exchange(self) -> Exchange:
        """The message and this reply, as the conversation keeps them."""
        whole = isinstance(self.outcome, Done)
        return answered(self._begun, self.text, self.entry, whole=whole)

    @property
    def asking(self) -> Asking:
        """What is to be asked for."""
        return Asking(
            request=self.request, exchange=self._begun, instead=self.instead, parent=self._parent
        )

    @property
    def silent(self) -> bool:
        """Whether it is still to say its first word, so that the wait is shown."""
        return not self.ended and not self._pieces

    @property
    def text(self) -> str:
        """The reply so far, as the model sent it."""
        return "".join(self._pieces)

    @property
    def blocks(self) -> Sequence[Block]:
        """What to show now."""
        state = [self._state] if self._state else []
        thought = self._thought.blocks if self._pieces or self.ended else ()
        text = self._written.blocks
        tail = [*self._foot, *state] if self.ended else [*state, *self._foot]
        head = [*self._aside, *self._head, *self._tried]
        return [*head, *thought, *text, *tail, *self._unkept]

    @property
    def counting(self) -> bool:
        """Whether a wait is counted down after the end."""
        return self.ended and self._countdown is not None and not self._countdown.over

    @property
    def thoughts(self) -> str:
        """What the model thought, apart from the reply."""
        return self._thought.text

    @property
    def unfolded(self) -> bool:
        """Whether the thoughts are shown."""
        return self._thought.unfolded

    @unfolded.setter
    def unfolded(self, unfolded: bool) -> None:
        self._thought.unfolded = unfolded

    def hear(self, event: AskEvent) -> None:
        """Note what happened; after the end only what a stopped reply took, or was not kept."""
        if isinstance(event, Stopped):
            self._foot += [Block(footer_line(event.entry)), *_ledger(event.ledger_trouble)]
            self.changed = True
            return
        if isinstance(event, Unkept):
            self._unkept = failure_blocks(event.what)
            self.changed = True
            return
        if self.ended:
            return
        self.changed = True
        match event:
            case Opened(exchange=exchange):
                self._begun = exchange
            case Routed(entry=entry):
                self._retry = self._countdown = None
                self.entry = entry
                self._head = [Block(header_line(entry), gap=True)]
            case Delta(text=text):
                self._pieces.append(text)
                self._written.feed(text)
            case Thinking(text=text):
                self._thought.feed(text)
            case Retrying(entry=entry, what=what, retry_in_s=wait_s):
                cost = cost_line(entry)
                self._tried += [*failure_blocks(self._counted(what, cost)), Block(cost)]
                self._retry, self._countdown = event, Countdown(wait_s)
            case FellBack(entry=entry, what=what, hint=hint, to=to):
                self._tried += [*failure_blocks(what, hint), Block(cost_line(entry))]
                self._tried += fallback_blocks(to)
            case Checking():
                self._checking = event
                self._written.close()
            case Checked(words=words):
                self._checking, self._checked = None, [checked_block(words)]
            case SetAside(entry=entry, words=words):
                self._set_aside(entry, words)
            case Done(entry=entry, ledger_trouble=trouble):
                short = short_blocks(entry, event.stop_reason)
                cut = cut_blocks(entry, self.request.prompt().text)
                foot = [*self._checked, Block(footer_line(entry))]
                self._close(event, [*short, *foot, *cut, *_ledger(trouble)])
            case Failed(entry=failed, what=what, hint=hint, ledger_trouble=trouble):
                if failed is None and self.entry is None:
                    self._head = [Block((("not sent", "dim"),), gap=True)]
                wish_s = event.retry_after_s
                self._countdown = Countdown(wish_s) if wish_s else None
                advice = "" if wish_s else hint
                cost = cost_line(failed)
                what = self._counted(what, cost)
                said = failure_blocks(what, advice, partial=bool(self._pieces))
                self._close(event, [*said, Block(cost), *_ledger(trouble)])

    def stop(self, why: str = "") -> None:
        """The operator stopped it; the server's work ends elsewhere."""
        if not self.ended:
            kept = "stopped, what came is kept" if self._pieces else "stopped"
            self._close(None, [Block(((f"{kept}{why}", "warn"),))])

    def fail(self, error: BaseException) -> None:
        """The console itself failed."""
        what = f"The console failed: {type(error).__name__}: {error}"
        self._close(None, failure_blocks(what, partial=bool(self._pieces)))

    def refresh(self, waited_s: float) -> None:
        """Bring `blocks` up to what was heard; what says the same stays the same block."""
        self._written.refresh()
        line = self._waiting(waited_s)
        if line is None or self._state is None or self._state.line != line:
            self._state = None if line is None else Block(line)
        self.changed = False

    def _waiting(self, waited_s: float) -> Line | None:
        if self._countdown is not None:
            left = self._countdown.left(waited_s)
            if self._retry is not None and not self.ended:
                return retry_line(left, self._retry.attempt, self._retry.of)
            return again_line(left) if self.ended else None
        if self._checking is not None and not self.ended:
            return checking_line(self._checking.model)
        if not self.silent:
            return None
        thought = self._thought.chars
        doing = f"thinking, {thought:,} characters" if thought else "waiting"
        return ((f"{doing} · {int(waited_s)} s · Esc stops", "dim"),)

    def _counted(self, what: str, cost: Line) -> str:
        """How an attempt failed; one that failed as the one before it takes its place."""
        same = self._last_try == (what, cost)
        self._last_try, self._tries = (what, cost), self._tries + 1 if same else 1
        if not same:
            return what
        del self._tried[-2:]
        return f"{self._tries}× {what}"

    def _set_aside(self, entry: Entry | None, words: str) -> None:
        """Keep what was said readable; what comes next is the reply."""
        self._written.close()
        self._written.refresh()
        head = [*self._head, *self._tried]
        said = [*head, *self._written.blocks, *aside_blocks(entry, words)]
        self._aside += said
        self._head, self._tried = [], []
        self._pieces, self._written, self._thought = [], Written(), Thought()
        self._checking = None

    def _close(self, outcome: Done | Failed | None, foot: list[Block]) -> None:
        self.outcome = outcome
        if outcome is None:
            self._countdown = None
        self.ended = self.changed = True
        self._written.close()
        self._foot = foot


def met_with(reply: Reply) -> tuple[Tier, str | None] | None:
    """What a reply says about its tier: well (None) or a trouble; None when it says nothing."""
    match reply.outcome:
        case Done(entry=entry):
            return entry.tier, None
        case Failed(entry=Entry(tier=tier), kind=kind, what=what) if kind not in _NOT_THE_SERVER:
            return tier, what
    return None


def _ledger(trouble: str | None) -> list[Block]:
    return failure_blocks(f"The ledger has no end for this request: {trouble}") if trouble else []
