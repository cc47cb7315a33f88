"""A conversation that was kept, as it is shown again."""

from collections.abc import Mapping, Sequence

from console.core.entry import Entry
from console.core.exchange import Exchange
from console.services.conversation import Conversation
from console.ui.draw.message import (
    Block,
    footer_line,
    header_line,
    kept_header_line,
    task_blocks,
    time_of_day,
)
from console.ui.reply import Note
from console.ui.talk import Chat
from console.ui.written import Written


def resumed(conversation: Conversation, entries: Mapping[str, Entry], zone: str) -> Chat:
    """The conversation with its messages; `entries` are rows of the ledger, by id."""
    chat = Chat(conversation=conversation)
    for exchange in conversation.exchanges:
        at = time_of_day(exchange.asked_ms, zone)
        asked = task_blocks(exchange.task, exchange.attachments, at)
        reply = _reply(exchange, entries.get(exchange.entry or ""))
        chat.messages += [Note(asked, exchange.task), Note(reply, exchange.reply)]
    return chat


def _reply(exchange: Exchange, entry: Entry | None) -> Sequence[Block]:
    if not exchange.reply:
        return [Block((("no reply was kept", "warn"),))]
    written = Written()
    written.feed(exchange.reply)
    written.close()
    written.refresh()
    head = header_line(entry) if entry else kept_header_line(exchange)
    foot = [Block(footer_line(entry))] if entry else []
    if exchange.replaced:
        foot.insert(0, Block((("asked again below", "dim"),)))
    elif not exchange.whole:
        foot.insert(0, Block((("stopped or cut here", "warn"),)))
    return [Block(head, gap=True), *written.blocks, *foot]
