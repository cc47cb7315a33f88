"""The chat pane: a conversation, the prompt, and where the text in it would go."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

from textual import work
from textual.app import ComposeResult
from textual.message import Message
from textual.widget import Widget
from textual.worker import Worker, WorkerCancelled, WorkerFailed, WorkerState

from console.core.chat import Attachment, FailureKind
from console.core.entry import Entry
from console.core.text import printable
from console.core.tier import Tier
from console.services.conversation import Conversation
from console.services.dispatcher import Dispatcher, Done, Failed
from console.services.health import Health
from console.services.ports import Clock
from console.ui import commands
from console.ui.draw.line import STYLES
from console.ui.draw.message import SEPARATOR, preview_line, time_of_day
from console.ui.keys import Context, bindings
from console.ui.panes.talk import Chat, Note, Reply, Talks
from console.ui.widgets.aim import Aim
from console.ui.widgets.pane import Pane
from console.ui.widgets.prompt import Prompt
from console.ui.widgets.transcript import Transcript

REPAINT_S = 0.1
"""Time between two paints of a reply that is coming."""

NOT_THE_SERVER = {FailureKind.CONTEXT_TOO_LONG, FailureKind.REFUSED}
"""Failures that say nothing about how a tier is doing."""

NEXT_TIER = {None: Tier.LOCAL, Tier.LOCAL: Tier.API, Tier.API: None}


class ChatPane(Pane):
    """Asks through the dispatcher, and shows which tier answered, why, and what it took."""

    BINDINGS = bindings(Context.CHAT)
    number = 3
    name_ = "Chat"
    help_ = (
        "Each message goes to one tier, local or api; the line above the prompt says which and "
        "why while you type, and each reply carries its tier, model and reason. Under a reply: "
        "tokens in and out, time to the first token, output tokens per second after it, and "
        "dollars: the api's price, or the electricity of a local reply. ~ is estimated, - is "
        "unknown. A conversation that is pinned stays on the box for good."
    )

    ROOM = 16
    """Rows of the pane below which the line above the prompt goes to the conversation."""
    DEFAULT_CSS = "ChatPane.-short > Aim { border-top: none; }"

    class Asked(Message):
        """A request has started."""

        def __init__(self, conversation: str) -> None:
            super().__init__()
            self.conversation = conversation

    class Settled(Message):
        """A request has ended; `entry` is None when it was stopped or nothing was written."""

        def __init__(self, conversation: str, entry: Entry | None) -> None:
            super().__init__()
            self.conversation = conversation
            self.entry = entry

    class Copy(Message):
        """The operator wants this text in the clipboard."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    def __init__(
        self,
        dispatcher: Dispatcher,
        health: Health,
        clock: Clock,
        read_attachment: Callable[[str], Attachment],
        new_id: Callable[[], str],
        *,
        id: str | None = None,
    ) -> None:
        super().__init__(id=id)
        self._dispatcher = dispatcher
        self._health = health
        self._clock = clock
        self._read_attachment = read_attachment
        self._talks = Talks(new_id)
        self._working: dict[Worker[Done | Failed], tuple[Chat, Reply]] = {}
        self._set_aside: str | None = None
        self._warm = False
        self._unsubscribe: Callable[[], None] = lambda: None

    def compose(self) -> ComposeResult:
        """The conversation above, the prompt below."""
        yield Transcript(id="chat-transcript")
        yield Aim(id="chat-aim")
        yield Prompt(id="chat-prompt")

    def on_mount(self) -> None:
        """Follow the tiers' health; paint only while a reply is coming."""
        super().on_mount()
        self._transcript = self.query_one(Transcript)
        self._aim = self.query_one(Aim)
        self._prompt = self.query_one(Prompt)
        self._painting = self.set_interval(REPAINT_S, self._paint, pause=True)
        self._unsubscribe = self._health.subscribe(self._update)
        self._update()

    async def on_unmount(self) -> None:
        """Stop what is coming, and wait until the ledger has been told."""
        self._unsubscribe()
        for worker in tuple(self._working):
            worker.cancel()
            with suppress(WorkerCancelled, WorkerFailed):
                await worker.wait()

    def on_resize(self) -> None:
        """Give a small pane's rows to the conversation."""
        self.set_class(self.size.height < self.ROOM, "-short")

    @property
    def target(self) -> Widget:
        """The prompt."""
        return self._prompt

    @property
    def copied(self) -> str:
        """The last reply."""
        return printable(self._talks.shown.last_text or "")

    def step_back(self) -> bool:
        """Stop the reply; when none is coming, restore the draft, or leave the prompt."""
        if self._talks.shown.running:
            self._stop(self._talks.shown)
        elif not self._restore_draft():
            if not self._prompt.has_focus:
                return False
            self._transcript.focus()
        return True

    @property
    def conversation(self) -> Conversation:
        """The conversation on the screen."""
        return self._talks.shown.conversation

    def action_tier(self) -> None:
        """Choose who serves what follows: the policy, then local, then the api."""
        self._force(NEXT_TIER[self.conversation.forced])

    def action_pin(self) -> None:
        """Keep the conversation on the box; a reply on its way from the api is stopped."""
        shown = self._talks.shown
        self.conversation.pin("by hand")
        if shown.running and shown.running.tier is not Tier.LOCAL:
            self._stop(shown, ": pinned to local")
        self._update()

    def action_new(self) -> None:
        """Start a conversation, unpinned; a reply that is coming goes on in the old one."""
        self._switch(self._talks.new)

    def action_back(self) -> None:
        """Show the conversation before this one."""
        self._switch(self._talks.back)

    def action_attach(self) -> None:
        """Ask for a file to attach; what was in the prompt comes back afterwards."""
        self._prompt.focus()
        if not self._prompt.text.startswith("/"):
            self._set_aside = self._prompt.text
            self._prompt.put("/file ")

    def action_copy(self) -> None:
        """Copy the last reply."""
        text = self._talks.shown.last_text
        if text:
            self.post_message(self.Copy(printable(text)))
        else:
            self._tell("There is no reply to copy yet.")

    def action_prompt(self) -> None:
        """Go back to the prompt."""
        self._prompt.focus()

    def on_text_area_changed(self) -> None:
        """Show where the text would go now."""
        if not self._warm:
            # What draws replies takes 0.2 s to import and warm up; typing takes longer.
            self._warm = True
            self.run_worker(warm_up, thread=True, exit_on_error=False, group="chat-warm")
        self._update()

    def on_prompt_submitted(self, event: Prompt.Submitted) -> None:
        """Run a command, or send a message."""
        event.stop()
        command = commands.parse(event.text)
        task = event.text.strip()
        if command is not None:
            self._command(*command)
        elif self._talks.shown.running:
            self._tell("A reply is still coming: Esc stops it, /new starts another conversation.")
        elif task:
            self._send(task)
        elif self.conversation.attachments:
            self._tell("Say what to do with what is attached.")

    def on_prompt_pasted(self, event: Prompt.Pasted) -> None:
        """Turn a large paste into context."""
        event.stop()
        self.conversation.attachments.append(Attachment("pasted text", event.text))
        self._update()

    def on_prompt_paged(self, event: Prompt.Paged) -> None:
        """Move through the conversation without leaving the prompt."""
        event.stop()
        rows = event.pages * max(1, self._transcript.size.height - 1)
        self._transcript.scroll_relative(y=rows, animate=False)

    def on_prompt_recalled(self, event: Prompt.Recalled) -> None:
        """Attach again what belonged to a message that was never answered."""
        event.stop()
        self.conversation.attachments += self._talks.lost.pop(event.text, ())
        self._update()

    def on_prompt_completed(self, event: Prompt.Completed) -> None:
        """Complete a command."""
        event.stop()
        self._prompt.put(commands.completed(self._prompt.text))

    def on_transcript_moved(self, event: Transcript.Moved) -> None:
        """Say how much is below what is shown."""
        event.stop()
        self._border()

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """A request has ended, one way or another."""
        if event.state in (WorkerState.PENDING, WorkerState.RUNNING):
            return
        chat, reply = self._working.pop(event.worker, (None, None))
        if chat is None or reply is None:
            return
        event.stop()
        if event.state is WorkerState.ERROR and event.worker.error is not None:
            reply.fail(event.worker.error)
        reply.stop()
        self._settle(chat, reply)

    def _command(self, name: str, argument: str) -> None:
        text = self._prompt.text
        shown = self._talks.shown
        self._prompt.put("")
        match name:
            case "file":
                self._prompt.put(text)
                if argument:
                    self._read(argument)
                else:
                    self._tell("/file needs a path.")
                return
            case "help":
                self._say(Note(commands.help_blocks()))
            case "drop":
                self.conversation.attachments.clear()
            case "tier" if argument in commands.BY_NAME["tier"].values:
                self._force(None if argument == "auto" else Tier(argument))
            case "clear" if not shown.running:
                self.conversation.forget()
                shown.messages.clear()
                self._transcript.show(())
            case "pin" | "new" | "back" | "copy":
                getattr(self, f"action_{name}")()
            case _:
                self._prompt.put(text)
                self._tell(_refusal(name))
                return
        self._restore_draft()
        self._update()

    @work(group="chat-file", exclusive=True, exit_on_error=False)
    async def _read(self, path: str) -> None:
        """Attach a file; the conversation on the screen may be another when it has been read."""
        chat, text = self._talks.shown, self._prompt.text
        try:
            attachment = await asyncio.to_thread(self._read_attachment, path)
        except (OSError, ValueError) as error:
            self._aim.tell(str(error), text)
            return
        chat.conversation.attachments.append(attachment)
        if self._prompt.text == text:
            self._prompt.put("")
            self._restore_draft()
        self._update()

    def _send(self, task: str) -> None:
        chat = self._talks.shown
        at = time_of_day(self._clock.now_ms(), self._clock.zone())
        note, reply = chat.ask(task, at, self._clock.monotonic())
        self._prompt.remember(task)
        self._prompt.put("")
        self._transcript.add(note)
        self._transcript.add(reply)
        self._working[self._ask(chat.conversation.id, reply)] = (chat, reply)
        self._painting.resume()
        self.post_message(self.Asked(chat.conversation.id))
        self._update()

    @work(group="chat-ask", exit_on_error=False)
    async def _ask(self, conversation: str, reply: Reply) -> Done | Failed:
        return await self._dispatcher.ask(reply.request, reply.hear, conversation=conversation)

    def _stop(self, chat: Chat, why: str = "") -> None:
        for worker, (_, reply) in tuple(self._working.items()):
            if reply is chat.running:
                reply.stop(why)
                worker.cancel()
                self._settle(chat, reply)

    def _settle(self, chat: Chat, reply: Reply) -> None:
        """Keep what was said, tell who needs to know, give back what was not answered."""
        if not chat.settle(reply):
            return
        outcome, entry = reply.outcome, None
        if outcome is not None and outcome.entry is not None:
            entry = outcome.entry
            if isinstance(outcome, Done):
                self._health.met(entry.tier, None)
            elif outcome.kind not in NOT_THE_SERVER:
                self._health.met(entry.tier, outcome.what)
        if not reply.text and chat is self._talks.shown and not self._prompt.text:
            self._prompt.put(reply.request.task)
            chat.conversation.attachments += reply.attachments
        elif not reply.text:
            self._talks.lost[reply.request.task] = reply.attachments
        self._paint()
        self.post_message(self.Settled(chat.conversation.id, entry))
        self._update()

    def _paint(self) -> None:
        """Show what has come since the last time; nothing when nothing has."""
        shown = self._talks.shown
        if shown.refresh(self._clock.monotonic()) and shown.reply:
            self._transcript.redraw(shown.reply)
        if not any(chat.running for chat in self._talks.chats):
            self._painting.pause()

    def _switch(self, to: Callable[[], Chat]) -> None:
        self._talks.shown.draft = self._prompt.text
        shown = to()
        shown.refresh(self._clock.monotonic())
        self._transcript.show(shown.messages)
        self._prompt.put(shown.draft)
        self._update()

    def _say(self, note: Note) -> None:
        self._talks.shown.messages.append(note)
        self._transcript.add(note)

    def _force(self, tier: Tier | None) -> None:
        try:
            self.conversation.force(tier)
        except ValueError as error:
            self._tell(f"{error} /new starts one that is not.")
        self._update()

    def _restore_draft(self) -> bool:
        """Put back what was in the prompt before a command was asked for by a key."""
        if self._set_aside is None:
            return False
        self._prompt.put(self._set_aside)
        self._set_aside = None
        return True

    def _tell(self, sentence: str) -> None:
        self._aim.tell(sentence, self._prompt.text)

    def _update(self) -> None:
        """The lines between the conversation and the prompt, and the border."""
        text, conversation = self._prompt.text, self.conversation
        if text.startswith("/") and "\n" not in text:
            line = commands.hint_line(text)
        else:
            decision = self._dispatcher.decide(conversation.request(text))
            standing = self._health.standings.get(decision.tier) if decision.tier else None
            trouble = standing.trouble if standing and standing.ok is False else None
            line = preview_line(decision, trouble)
        self._aim.show(text, line, conversation.attachments)
        self._border()

    def _border(self) -> None:
        """How messages are routed, what runs elsewhere, how much is below; no foreign text."""
        conversation, below = self.conversation, self._transcript.below
        mode = f"{conversation.forced} by hand" if conversation.forced else "auto"
        parts = ["pinned to local" if conversation.pinned else mode]
        if elsewhere := sum(chat.running is not None for chat in self._talks.others):
            parts.append(f"{elsewhere} more running")
        if below:
            parts.append(f"{below:,} lines below")
        self.border_subtitle = SEPARATOR.join(parts)


def warm_up() -> None:
    """Import and try what draws replies."""
    from rich.style import Style

    from console.ui.draw.markdown import MarkdownPainter

    MarkdownPainter({style: Style() for style in STYLES}).rows("**a**", 80)


def _refusal(name: str) -> str:
    """Why a command did nothing."""
    if name == "tier":
        return "/tier needs auto, local or api."
    if name == "clear":
        return "A reply is still coming: Esc stops it."
    return commands.nearest(name)
