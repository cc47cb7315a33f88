"""What is done with whole conversations: shown again, renamed, written to a file, deleted."""

import asyncio
import json
from typing import TYPE_CHECKING

from console.core.entry import Entry
from console.services import export
from console.services.chat import ChatServices
from console.services.conversation import Conversation
from console.ui.resumed import resumed
from console.ui.talk import Chat

if TYPE_CHECKING:
    from console.ui.panes.chat import ChatPane

RUNNING = "A reply is still coming: Esc stops it."


class KeptChats:
    """The conversations behind a pane, those of this run and those that are only kept."""

    def __init__(self, pane: "ChatPane", services: ChatServices) -> None:
        self._pane = pane
        self._services = services

    @property
    def running(self) -> set[str]:
        """The ids of the conversations that have a reply coming."""
        return self._pane.dialogue.running

    async def branch(self, place: int) -> None:
        """Go on from before a message; what followed it stays in a conversation of its own."""
        old = self._pane.conversation
        branch = await self._services.archive.branch(old, place)
        branch.attachments = [*old.exchanges[place].attachments, *old.attachments]
        old.attachments.clear()
        chat = await self._resumed(branch)
        self._pane.dialogue.shown.draft = ""
        self._pane.dialogue.open(chat)

    async def resume(self, id: str) -> None:
        """Show a conversation by its id, from this run or from where it is kept."""
        chat = self._pane.dialogue.find(id)
        if chat is None:
            conversation = await self._services.archive.load(id)
            if conversation is None:
                self._pane.composer.tell(
                    "That conversation is gone; another console may have deleted it."
                )
                return
            chat = await self._resumed(conversation)
        found = chat
        self._pane.switch(lambda: self._pane.dialogue.open(found))

    async def rename(self, id: str, title: str) -> None:
        """Give a conversation another title."""
        await self._services.archive.rename(id, title)
        if chat := self._pane.dialogue.find(id):
            chat.conversation.title = title

    async def delete(self, id: str) -> str | None:
        """Delete a conversation; a sentence when a reply is coming in it."""
        if id in self.running:
            return RUNNING
        await self._services.archive.delete(id)
        self._pane.dialogue.drop(id)
        self._pane.composer.put(self._pane.dialogue.shown.draft)
        self._pane.update()
        return None

    async def export(self, id: str, path: str = "") -> str:
        """Write a conversation to a file, JSON where its name ends so; where it is now.

        Raises OSError or ValueError with a sentence.
        """
        chat = self._pane.dialogue.find(id)
        conversation = chat.conversation if chat else await self._services.archive.load(id)
        if conversation is None or not conversation.exchanges:
            raise ValueError("There is nothing to export yet.")
        path = path or export.file_name(conversation, "md")
        if path.endswith(".json"):
            made = export.as_json(conversation, await self._entries(conversation))
            text = json.dumps(made, indent=1, ensure_ascii=False) + "\n"
        else:
            text = export.as_markdown(conversation, self._services.clock.zone())
        return await asyncio.to_thread(self._services.files.write, path, text)

    async def _resumed(self, conversation: Conversation) -> Chat:
        entries = await self._entries(conversation)
        return resumed(conversation, entries, self._services.clock.zone())

    async def _entries(self, conversation: Conversation) -> dict[str, Entry]:
        """The rows of the ledger that are still there."""
        ids = {each.entry for each in conversation.exchanges if each.entry}
        try:
            rows = [await self._services.books.get(id) for id in sorted(ids)]
        except OSError:
            return {}
        return {row.id: row for row in rows if row}
