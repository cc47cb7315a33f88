"""The conversations of this run, one of them on the screen, and the requests that are under way."""

from contextlib import suppress

from textual import work
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.worker import Worker, WorkerCancelled, WorkerFailed, WorkerState

from console.core.chat import SystemPrompt
from console.core.entry import Entry
from console.core.exchange import Exchange
from console.core.tier import Tier
from console.services.asking import Asker
from console.services.chat import ChatServices
from console.services.conversation import Conversation
from console.services.dispatcher import Done, Failed
from console.ui.blind import Blind
from console.ui.draw.compare import compared_line
from console.ui.draw.message import Block, time_of_day
from console.ui.reply import Note, Reply, met_with
from console.ui.talk import Chat, Talks
from console.ui.widgets.reader import Reader

REPAINT_S = 0.1
"""Time between two paints of a reply that is coming."""


class Dialogue(Vertical):
    """Asks through the dispatcher and shows what comes; every reply stays in its conversation."""

    DEFAULT_CSS = "Dialogue { height: 1fr; }"

    class Asked(Message):
        """A request has started, on its way to `tier`."""

        def __init__(self, conversation: str, tier: Tier | None) -> None:
            super().__init__()
            self.conversation = conversation
            self.tier = tier

    class Settled(Message):
        """A request has ended; `entry` is None when it was stopped or nothing was written."""

        def __init__(self, conversation: str, entry: Entry | None) -> None:
            super().__init__()
            self.conversation = conversation
            self.entry = entry

    class Unanswered(Message):
        """A request ended without a word of reply; its task should not be lost."""

        def __init__(self, chat: Chat, reply: Reply) -> None:
            super().__init__()
            self.chat = chat
            self.reply = reply

    def __init__(self, services: ChatServices, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.transcript = Reader()
        self._services = services
        self._asker = Asker(services.dispatcher, services.archive, services.prompts)
        self._clock = services.clock
        self._talks = Talks(services.new_id)
        self._working: dict[Worker[Done | Failed], tuple[Chat, Reply]] = {}

    def compose(self) -> ComposeResult:
        """The transcript of the conversation that is shown."""
        yield self.transcript

    def on_mount(self) -> None:
        """Paint only while a reply is coming."""
        self._painting = self.set_interval(REPAINT_S, self.paint, pause=True)

    async def on_unmount(self) -> None:
        """Stop what is coming, and wait until the ledger has been told."""
        for worker in tuple(self._working):
            worker.cancel()
            with suppress(WorkerCancelled, WorkerFailed):
                await worker.wait()

    @property
    def shown(self) -> Chat:
        """The conversation on the screen, with its messages."""
        return self._talks.shown

    @property
    def conversation(self) -> Conversation:
        """The conversation on the screen, as it is sent."""
        return self._talks.shown.conversation

    @property
    def running_elsewhere(self) -> int:
        """Conversations that are not on the screen and have a reply coming."""
        return sum(chat.running is not None for chat in self._talks.others)

    @property
    def running(self) -> set[str]:
        """The ids of the conversations that have a reply coming."""
        return {chat.conversation.id for chat in self._talks.chats if chat.running}

    def begin_with(self, system: SystemPrompt) -> None:
        """Let new conversations, and the first if nothing was said in it, begin with a prompt."""
        self._talks.system = system
        if self.shown.blank:
            self.conversation.system = system

    def ask(self, task: str) -> None:
        """Send a message in the conversation on the screen."""
        clock = self._clock
        self._go(*self.shown.ask(task, self._time(), clock.monotonic(), clock.now_ms()))

    def ask_again(self, reply: Reply) -> None:
        """Ask a message again in the conversation on the screen."""
        self._go(*self.shown.begin_again(reply, self._time(), self._clock.monotonic()))

    def _go(self, note: Note, reply: Reply) -> None:
        chat = self.shown
        self.transcript.add(note)
        self.transcript.add(reply)
        self._working[self._ask(chat.conversation, reply)] = (chat, reply)
        self._painting.resume()
        tier = self._services.dispatcher.decide(reply.request).tier
        self._send(self.Asked(chat.conversation.id, tier))

    def adopt(self, chat: Chat, blind: Blind, name: str) -> None:
        """Go on with one of two compared replies, as if it had been asked for alone."""
        at = self._time()
        reply = blind.reply(name)
        line = compared_line(blind.entry_beside(name), blind.judgement)
        messages = chat.take(blind.pair.request.task, reply, [Block(line)], at)
        reply.refresh(0)
        if chat is self.shown:
            for message in messages:
                self.transcript.add(message)
        self._settle(chat, reply)
        self._keep(chat.conversation, reply.exchange)

    def stop(self, why: str = "") -> None:
        """Stop the reply that is coming in the conversation on the screen."""
        for worker, (chat, reply) in tuple(self._working.items()):
            if reply is self.shown.running:
                reply.stop(why)
                worker.cancel()
                self._settle(chat, reply)

    def pin(self, why: str) -> None:
        """Keep the conversation on the box; a reply on its way from the api is stopped."""
        running = self.shown.running
        self.conversation.pin(why)
        self._keep_pin(self.conversation)
        if running and self._services.dispatcher.decide(running.request).tier is Tier.API:
            self.stop(": pinned to local")

    def say(self, blocks: list[Block]) -> None:
        """Show something of the console's own."""
        note = Note(blocks)
        self.shown.messages.append(note)
        self.transcript.add(note)

    def new(self) -> None:
        """Start a conversation, unpinned; a reply that is coming goes on in the old one."""
        self._show(self._talks.new())

    def back(self) -> None:
        """Show the conversation before this one."""
        self._show(self._talks.back())

    def open(self, chat: Chat) -> None:
        """Show a conversation that was found."""
        self._show(self._talks.open(chat))

    def find(self, id: str) -> Chat | None:
        """The conversation with this id, if it is of this run."""
        return self._talks.find(id)

    def drop(self, id: str) -> None:
        """Take away a conversation that was deleted."""
        self._talks.drop(id)
        self._show(self._talks.shown)

    def clear(self) -> None:
        """Forget what was said in this conversation."""
        self.conversation.forget()
        self.shown.messages.clear()
        self.shown.reply = None
        self._show(self.shown)

    def paint(self) -> None:
        """Show what has come since the last time; nothing when nothing has."""
        if self.shown.refresh(self._clock.monotonic()) and self.shown.reply:
            self.transcript.redraw(self.shown.reply)
        counting = self.shown.reply and self.shown.reply.counting
        if not counting and not any(chat.running for chat in self._talks.chats):
            self._painting.pause()

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """End the reply of a request that has ended, one way or another."""
        if event.state in (WorkerState.PENDING, WorkerState.RUNNING):
            return
        if event.worker in self._working:
            chat, reply = self._working.pop(event.worker)
            if event.state is WorkerState.ERROR and event.worker.error is not None:
                reply.fail(event.worker.error)
            reply.stop()
            self._settle(chat, reply)
            if reply.changed and chat is self.shown:
                # What a stopped reply took is known once its row is closed.
                reply.refresh(self._clock.monotonic())
                self.transcript.redraw(reply)

    @work(group="chat-ask", exit_on_error=False)
    async def _ask(self, conversation: Conversation, reply: Reply) -> Done | Failed:
        return await self._asker.ask(conversation, reply.asking, reply.hear)

    @work(group="chat-keep", exit_on_error=False)
    async def _keep(self, conversation: Conversation, exchange: Exchange) -> None:
        """Keep an exchange that is whole already."""
        with suppress(OSError):
            await self._services.archive.took(conversation, exchange)

    @work(group="chat-keep", exit_on_error=False)
    async def _keep_pin(self, conversation: Conversation) -> None:
        with suppress(OSError):
            await self._services.archive.pinned(conversation)

    def _time(self) -> str:
        return time_of_day(self._clock.now_ms(), self._clock.zone())

    def _settle(self, chat: Chat, reply: Reply) -> None:
        """Keep what was said, and tell who needs to know, once."""
        if not chat.settle(reply):
            return
        if met := met_with(reply):
            self._services.health.met(*met)
        self.paint()
        if not reply.text:
            self._send(self.Unanswered(chat, reply))
        entry = reply.outcome.entry if reply.outcome else None
        self._send(self.Settled(chat.conversation.id, entry))

    def _send(self, message: Message) -> None:
        # A message that was made while the parent called would not rise above the parent.
        self.post_message(message.set_sender(self))

    def _show(self, chat: Chat) -> None:
        chat.refresh(self._clock.monotonic())
        self.transcript.show(chat.messages)
        self._painting.resume()
