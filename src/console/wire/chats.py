"""The stored conversations."""

from dataclasses import replace
from typing import TYPE_CHECKING

from console.core.settings import Settings
from console.services.archive import Archive
from console.sources.host import SystemClock
from console.sources.places import Places
from console.wire.ids import new_id

if TYPE_CHECKING:
    from console.services.ports import ConversationStore


def open_archive(settings: Settings, places: Places, clock: SystemClock) -> Archive:
    """The conversations of a console: in their file, or in memory alone."""
    return Archive(
        lambda: _conversations(settings, places, clock),
        clock,
        new_id,
        lasting=settings.chat_store,
    )


def open_stored(settings: Settings, places: Places) -> Archive:
    """The stored conversations alone, for verbs that ask no model; no file is made for them."""
    there = replace(settings, chat_store=places.conversations.exists())
    clock = SystemClock()
    return Archive(lambda: _conversations(there, places, clock), clock, new_id, lasting=True)


def _conversations(settings: Settings, places: Places, clock: SystemClock) -> "ConversationStore":
    from console.sources.conversations.store import SqliteConversations

    path = places.conversations if settings.chat_store else None
    return SqliteConversations(path, now_ms=clock.now_ms())
