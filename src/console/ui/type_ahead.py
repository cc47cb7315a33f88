"""Keys in the order in which they were typed, however many come at once.

Textual handles a key whose binding has priority at once, and puts others into the queue of the
widget that has the focus then. Over a line that stalls, keys come in bursts: a command would
overtake the letters before it, and letters meant for what it opens would go where they were.
"""

import asyncio
from collections import deque
from contextlib import suppress

from textual.app import App
from textual.dom import DOMNode
from textual.events import Key, Paste
from textual.message_pump import MessagePump
from textual.worker import Worker

KEYS_WAIT = "keys wait for it"
"""The description of workers that change what the next key means."""

PATIENCE_S = 1.0
"""How long a key waits for the one before it; what takes longer is left to end by itself."""

_GONE_S = 0.1
"""When a widget that does not answer is taken to be closed."""

_POLL_S = 0.005

_ROUNDS = 20
"""How often a widget that always has something to do is looked at before the next one is."""


class TypeAhead:
    """Lets a key through when the one before it has been handled, and keeps it until then.

    Characters for a text field wait only for what is none: the field itself keeps their order.
    """

    def __init__(self, app: App[None]) -> None:
        self._app = app
        self._kept: deque[Key | Paste] = deque()
        self._next: Key | Paste | None = None
        self._settling: asyncio.Task[None] | None = None
        self._strict = self._again = False
        self._begun = False

    def begin(self) -> None:
        """There is something now that keys can mean: those that came before it come again."""
        self._begun = True
        self._next_kept()

    def admits(self, event: Key | Paste) -> bool:
        """Whether to handle this now; if not, it is kept, and posted again when it is time."""
        if event is self._next:
            self._next = None
            return True
        busy = self._settling is not None and (self._strict or not self.is_text(event))
        if busy or self._kept or self._next or not self._begun:
            self._kept.append(event)
            return False
        return True

    def is_text(self, event: Key | Paste) -> bool:
        """Whether this is a character for the text field that has the focus."""
        focused = self._app.focused
        return (
            isinstance(event, Key)
            and event.is_printable
            and focused is not None
            and focused.check_consume_key(event.key, event.character)
        )

    def sent(self, *, as_text: bool) -> None:
        """A key is on its way: what comes next waits for what it does."""
        self._strict = self._strict or not as_text
        self._again = True
        if self._settling is None:
            self._settling = asyncio.create_task(self._settle())

    async def _settle(self) -> None:
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(PATIENCE_S):
                    while self._again:
                        self._again = False
                        await self._settled()
        finally:
            self._settling, self._strict = None, False
            self._next_kept()

    def _next_kept(self) -> None:
        if self._kept:
            self._next = self._kept.popleft()
            self._app.post_message(self._next)

    async def _settled(self) -> None:
        """Wait until the focused widget, all around it and what they began have come to rest."""
        app = self._app
        before: DOMNode | None = None
        while before is not (now := app.focused or app.screen):
            before = now
            for pump in now.ancestors_with_self:
                await _emptied(pump)
            while any(_is_waited_for(worker) for worker in app.workers):
                before = None
                await asyncio.sleep(_POLL_S)


async def _emptied(pump: MessagePump) -> None:
    """Wait until there is nothing in a widget's queue."""
    for _ in range(_ROUNDS):
        reached = asyncio.Event()
        if not pump.call_later(reached.set):
            return
        try:
            async with asyncio.timeout(_GONE_S):
                await reached.wait()
        except TimeoutError:
            return
        if not pump.message_queue_size:
            return


def _is_waited_for(worker: Worker[object]) -> bool:
    return worker.description == KEYS_WAIT and not worker.is_finished
