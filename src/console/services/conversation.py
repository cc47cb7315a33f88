"""One conversation: what was said, what travels with the next message, and whether it must stay."""

from dataclasses import dataclass, field

from console.core.chat import Attachment, Turn
from console.core.routing import Request
from console.core.tier import Tier

__all__ = ["Attachment", "Conversation"]


@dataclass(slots=True, kw_only=True)
class Conversation:
    """The state behind one chat; it lives in memory only.

    `pinned` says why nothing of it may leave the box. Nothing here unsets it: a new conversation
    starts free.
    """

    id: str
    turns: list[Turn] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    pinned: str | None = None
    forced: Tier | None = None

    def request(self, task: str) -> Request:
        """The request that sending `task` now would make; nothing is changed."""
        before = [path for turn in self.turns for path in turn.paths]
        files = [path for each in self.attachments for path in (each.path, each.real_path) if path]
        return Request(
            task=task,
            attachments="\n\n".join(each.text for each in self.attachments if not each.image),
            images=tuple(each.image for each in self.attachments if each.image),
            paths=tuple(dict.fromkeys([*before, *files])),
            history=tuple(self.turns),
            pinned=self.pinned,
            forced=self.forced,
        )

    def sent(self) -> tuple[Attachment, ...]:
        """The attachments that leave with a message; the next one starts without."""
        left = tuple(self.attachments)
        self.attachments.clear()
        return left

    def answered(self, request: Request, reply: str) -> None:
        """Keep a message and its reply, whole or partial; without any reply neither is kept."""
        if reply:
            self.turns += [request.turn, Turn("assistant", reply)]

    def pin(self, why: str) -> None:
        """From now on nothing of this conversation leaves the box."""
        self.pinned = self.pinned or why
        self.forced = None

    def force(self, tier: Tier | None) -> None:
        """Send what follows to one tier by hand, or let the policy choose again (None).

        Raises ValueError with a sentence when the conversation must stay on the box.
        """
        if tier is Tier.API and self.pinned:
            raise ValueError(f"The api is refused: this conversation is pinned ({self.pinned}).")
        self.forced = tier

    def forget(self) -> None:
        """Drop what was said and what is attached; a pin stays."""
        self.turns.clear()
        self.attachments.clear()
