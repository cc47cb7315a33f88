"""The chat pane: a conversation, the prompt, and where the text in it would go."""

import asyncio
from collections.abc import Callable

from textual import work
from textual.app import ComposeResult
from textual.message import Message
from textual.widget import Widget

from console.core.chat import Attachment
from console.core.text import printable
from console.core.tier import Tier
from console.services.compare import Comparer
from console.services.conversation import Conversation
from console.services.dispatcher import Dispatcher
from console.services.health import Health
from console.services.ports import Clock, Files
from console.ui import commands
from console.ui.blind import Blind
from console.ui.draw.message import SEPARATOR
from console.ui.keys import Context, bindings
from console.ui.talk import Chat
from console.ui.widgets.aim import Aim
from console.ui.widgets.dialogue import Dialogue
from console.ui.widgets.pane import Pane
from console.ui.widgets.prompt import Prompt
from console.ui.widgets.transcript import Transcript

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

    class Copy(Message):
        """The operator wants this text in the clipboard."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Compare(Message):
        """The operator wants to see both tiers' replies before knowing whose they are."""

        def __init__(self, chat: Chat, blind: Blind) -> None:
            super().__init__()
            self.chat = chat
            self.blind = blind

    def __init__(
        self,
        dispatcher: Dispatcher,
        health: Health,
        clock: Clock,
        files: Files,
        new_id: Callable[[], str],
        comparer: Comparer,
        *,
        id: str | None = None,
    ) -> None:
        super().__init__(id=id)
        self._files = files
        self._comparer = comparer
        self._dialogue = Dialogue(dispatcher, health, clock, new_id)
        self._aim = Aim(dispatcher, health)
        self._prompt = Prompt()
        self._set_aside: str | None = None
        self._lost: dict[str, tuple[Attachment, ...]] = {}

    def compose(self) -> ComposeResult:
        """The conversation above, the prompt below."""
        yield self._dialogue
        yield self._aim
        yield self._prompt

    def on_mount(self) -> None:
        """Show where an empty prompt goes."""
        super().on_mount()
        self._update()

    def on_resize(self) -> None:
        """Give a small pane's rows to the conversation."""
        self.set_class(self.size.height < self.ROOM, "-short")

    @property
    def target(self) -> Widget:
        """The prompt."""
        return self._prompt

    @property
    def conversation(self) -> Conversation:
        """The conversation on the screen."""
        return self._dialogue.conversation

    @property
    def copied(self) -> str:
        """The last reply."""
        return printable(self._dialogue.shown.last_text or "")

    def step_back(self) -> bool:
        """Stop the reply; when none is coming, restore the draft, or leave the prompt."""
        if self._dialogue.shown.running:
            self._dialogue.stop()
        elif not self._restore_draft():
            if not self._prompt.has_focus:
                return False
            self._dialogue.transcript.focus()
        return True

    def action_tier(self) -> None:
        """Choose who serves what follows: the policy, then local, then the api."""
        self._force(NEXT_TIER[self.conversation.forced])

    def action_pin(self) -> None:
        """Keep the conversation on the box; a reply on its way from the api is stopped."""
        self._dialogue.pin("by hand")
        self._update()

    def action_new(self) -> None:
        """Start a conversation, unpinned; a reply that is coming goes on in the old one."""
        self._switch(self._dialogue.new)

    def action_back(self) -> None:
        """Show the conversation before this one."""
        self._switch(self._dialogue.back)

    def action_compare(self) -> None:
        """Put what is in the prompt to both tiers."""
        task = self._prompt.text.strip()
        if task and commands.parse(task) is None:
            self._compare(task)
        else:
            self._tell("Write in the prompt what both tiers shall answer.")

    def compared(self, chat: Chat, blind: Blind, name: str | None) -> None:
        """Go on with one of two replies; without one the prompt is as it was before."""
        if name is not None:
            self._dialogue.adopt(chat, blind, name)
        else:
            self._give_back(chat, blind.pair.request.task, blind.attachments)
        self._update()

    def action_attach(self) -> None:
        """Ask for a file to attach; what was in the prompt comes back afterwards."""
        self._prompt.focus()
        if not self._prompt.text.startswith("/"):
            self._set_aside = self._prompt.text
            self._prompt.put("/file ")

    def action_copy(self) -> None:
        """Copy the last reply."""
        text = self._dialogue.shown.last_text
        if text:
            self.post_message(self.Copy(printable(text)))
        else:
            self._tell("There is no reply to copy yet.")

    def action_prompt(self) -> None:
        """Go back to the prompt."""
        self._prompt.focus()

    def on_text_area_changed(self) -> None:
        """Show where the text would go now."""
        self._dialogue.transcript.warm_up()
        self._update()

    def on_prompt_submitted(self, event: Prompt.Submitted) -> None:
        """Run a command, or send a message."""
        event.stop()
        command = commands.parse(event.text)
        task = event.text.strip()
        if command is not None:
            self._command(*command)
        elif self._dialogue.shown.running:
            self._tell("A reply is still coming: Esc stops it, /new starts another conversation.")
        elif task:
            self._prompt.remember(task)
            self._prompt.put("")
            self._dialogue.ask(task)
            self._update()
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
        self._dialogue.transcript.page(event.pages)

    def on_prompt_recalled(self, event: Prompt.Recalled) -> None:
        """Attach again what belonged to a message that was never answered."""
        event.stop()
        self.conversation.attachments += self._lost.pop(event.text, ())
        self._update()

    def on_prompt_completed(self, event: Prompt.Completed) -> None:
        """Complete a command."""
        event.stop()
        self._prompt.put(commands.completed(self._prompt.text))

    def on_transcript_moved(self, event: Transcript.Moved) -> None:
        """Say how much is below what is shown."""
        event.stop()
        self._border()

    def on_dialogue_unanswered(self, event: Dialogue.Unanswered) -> None:
        """Put a task that got no answer back, or keep what was attached for when it is recalled."""
        event.stop()
        self._give_back(event.chat, event.reply.request.task, event.reply.attachments)

    def on_dialogue_settled(self) -> None:
        """Show what has changed with the end of a request."""
        self._update()

    def _give_back(self, chat: Chat, task: str, attachments: tuple[Attachment, ...]) -> None:
        here = chat is self._dialogue.shown
        if self._prompt.text if here else chat.draft:
            self._lost[task] = attachments
            return
        chat.conversation.attachments += attachments
        if here:
            self._prompt.put(task)
        else:
            chat.draft = task

    def _compare(self, task: str) -> None:
        request = self.conversation.request(task)
        if self._dialogue.shown.running:
            self._tell("A reply is still coming: Esc stops it.")
        elif refusal := self._comparer.refusal(request):
            self._tell(f"Compare is off here: {refusal}.")
        else:
            self._prompt.remember(task)
            self._prompt.put("")
            blind = Blind(self._comparer.pair(request), self.conversation.sent())
            self.post_message(self.Compare(self._dialogue.shown, blind))

    def _command(self, name: str, argument: str) -> None:
        text = self._prompt.text
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
                self._dialogue.say(commands.help_blocks())
            case "drop":
                self.conversation.attachments.clear()
            case "tier" if argument in commands.BY_NAME["tier"].values:
                self._force(None if argument == "auto" else Tier(argument))
            case "clear" if not self._dialogue.shown.running:
                self._dialogue.clear()
            case "compare":
                if argument:
                    self._compare(argument)
                else:
                    self._tell("/compare needs the text that both tiers shall answer.")
                self._update()
                return
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
        conversation, text = self.conversation, self._prompt.text
        try:
            attached = await asyncio.to_thread(self._files.attach, path)
            conversation.attach(attached.files)
        except (OSError, ValueError) as error:
            self._aim.tell(str(error), text)
            return
        if self._prompt.text == text:
            self._prompt.put("")
            self._restore_draft()
        self._update()
        if attached.left_out:
            self._tell(f"{len(attached.left_out)} left out: {attached.left_out[0]}")

    def _switch(self, to: Callable[[], None]) -> None:
        self._dialogue.shown.draft = self._prompt.text
        to()
        self._prompt.put(self._dialogue.shown.draft)
        self._update()

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
        self._aim.show(self._prompt.text, self.conversation)
        self._border()

    def _border(self) -> None:
        """How messages are routed, what runs elsewhere, how much is below; no foreign text."""
        conversation, below = self.conversation, self._dialogue.transcript.below
        mode = f"{conversation.forced} by hand" if conversation.forced else "auto"
        parts = ["pinned to local" if conversation.pinned else mode]
        if elsewhere := self._dialogue.running_elsewhere:
            parts.append(f"{elsewhere} more running")
        if below:
            parts.append(f"{below:,} lines below")
        self.border_subtitle = SEPARATOR.join(parts)


def _refusal(name: str) -> str:
    if name == "tier":
        return "/tier needs auto, local or api."
    if name == "clear":
        return "A reply is still coming: Esc stops it."
    return commands.nearest(name)
