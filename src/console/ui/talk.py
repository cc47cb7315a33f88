"""What one conversation shows, and how a reply's events become what is shown of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from console.core.chat import SystemPrompt
from console.core.exchange import Exchange
from console.core.tier import Tier
from console.services.conversation import Conversation
from console.ui.draw.message import (
    Block,
    again_blocks,
    task_blocks,
)
from console.ui.reply import Note, Reply


@dataclass(slots=True, kw_only=True, eq=False)
class Chat:
    """A conversation on the screen: its messages, the reply that is coming, the unsent text."""

    conversation: Conversation
    messages: list[Note | Reply] = field(default_factory=list)
    reply: Reply | None = None
    asked_at: float = 0.0
    draft: str = ""

    @property
    def blank(self) -> bool:
        """Whether nothing was said, attached or settled in it yet."""
        chat = self.conversation
        return not (self.messages or chat.attachments or chat.pinned or self.draft or chat.kept)

    @property
    def running(self) -> Reply | None:
        """The reply that is coming."""
        return self.reply if self.reply and not self.reply.ended else None

    @property
    def last_text(self) -> str | None:
        """The text of the newest reply that has any."""
        if self.reply and self.reply.text:
            return self.reply.text
        return next((each.reply for each in reversed(self.conversation.exchanges)), None)

    def ask(self, task: str, at: str, now_s: float, now_ms: int) -> tuple[Note, Reply]:
        """Add a message and the reply to come; what was attached leaves with it."""
        request = self.conversation.request(task)
        attachments = self.conversation.sent()
        note = Note(task_blocks(task, attachments, at), task)
        return self._begin(note, Reply(request, attachments, now_ms), now_s)

    def again(self, tier: Tier | None, now_ms: int) -> Reply | None:
        """The last message asked again, of `tier` or of the other one; None when there is none."""
        failed, kept = self.reply, self.conversation.exchanges
        instead: Exchange | None
        if failed is not None and not failed.text:
            request, attachments, instead = failed.request, failed.attachments, failed.instead
            served, parent = failed.tier, failed.entry.id if failed.entry else None
        elif kept:
            instead = kept[-1]
            request, attachments = self.conversation.again(instead), instead.attachments
            served, parent = instead.tier, instead.entry
        else:
            return None
        tier = tier or (served.other if served else None)
        request = replace(request, forced=tier, pinned=self.conversation.pinned)
        return Reply(request, attachments, now_ms, instead=instead, parent=parent)

    def begin_again(self, reply: Reply, at: str, now_s: float) -> tuple[Note, Reply]:
        """Add the reply to come to a message that is asked again."""
        return self._begin(Note(again_blocks(at, reply.request.forced)), reply, now_s)

    def _begin(self, note: Note, reply: Reply, now_s: float) -> tuple[Note, Reply]:
        self.reply, self.asked_at = reply, now_s
        self.messages += [note, reply]
        return note, reply

    def take(self, task: str, reply: Reply, about: Sequence[Block], at: str) -> list[Note | Reply]:
        """Add a message whose reply is there already, and a word about it; what was added."""
        note = Note([*task_blocks(task, reply.attachments, at), *about], task)
        self.messages += [note, reply]
        return [note, reply]

    def refresh(self, now_s: float) -> bool:
        """Bring the reply's blocks up to date; false when nothing about it can have changed."""
        reply = self.reply
        if reply is None or not (reply.changed or reply.silent or reply.counting):
            return False
        reply.refresh(now_s - self.asked_at)
        return True

    def settle(self, reply: Reply) -> bool:
        """Keep an ended reply in the conversation; false when that was done before."""
        if reply.settled:
            return False
        reply.settled = True
        self.conversation.keep(reply.exchange, instead=reply.instead)
        return True


class Talks:
    """All conversations of this run, and the one on the screen."""

    def __init__(self, new_id: Callable[[], str]) -> None:
        self._new_id = new_id
        self.system: SystemPrompt | None = None
        """What new conversations begin with."""
        self.chats: list[Chat] = []
        self.shown = self.new()

    @property
    def others(self) -> list[Chat]:
        """The conversations that are not on the screen."""
        return [chat for chat in self.chats if chat is not self.shown]

    def new(self) -> Chat:
        """Start a conversation, unpinned, and show it."""
        self.shown = Chat(conversation=Conversation(id=self._new_id(), system=self.system))
        self.chats.append(self.shown)
        return self.shown

    def open(self, chat: Chat) -> Chat:
        """Show a conversation; one that is empty and free gives its place to it."""
        if chat not in self.chats:
            if self.shown.blank:
                self.chats.remove(self.shown)
            self.chats.append(chat)
        self.shown = chat
        return chat

    def find(self, id: str) -> Chat | None:
        """The conversation with this id, if it is of this run."""
        return next((chat for chat in self.chats if chat.conversation.id == id), None)

    def drop(self, id: str) -> None:
        """Take a conversation away; another one is shown when it was on the screen."""
        chat = self.find(id)
        if chat is None:
            return
        if chat is self.shown and len(self.chats) > 1:
            self.back()
        elif chat is self.shown:
            self.new()
        self.chats.remove(chat)

    def back(self) -> Chat:
        """Show the conversation before; after the first comes the last."""
        self.shown = self.chats[self.chats.index(self.shown) - 1]
        return self.shown
