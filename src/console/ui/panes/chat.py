"""The chat pane: a conversation, the prompt, and where the text in it would go."""

from collections.abc import Callable

from textual import work
from textual.app import ComposeResult
from textual.message import Message
from textual.widget import Widget

from console.core.chat import Attachment
from console.core.text import printable
from console.core.tier import Tier
from console.services.chat import ChatServices
from console.services.conversation import Conversation
from console.ui import commands
from console.ui.blind import Blind
from console.ui.draw.chat import ROOM_FOR_RULE, ROUTED
from console.ui.draw.message import SEPARATOR
from console.ui.keys import Context, bindings
from console.ui.messages import EditText, ListChats, Say
from console.ui.panes.chat_commands import ChatCommands
from console.ui.panes.kept_chats import KeptChats
from console.ui.panes.sending import Sending
from console.ui.places import CHAT
from console.ui.talk import Chat
from console.ui.type_ahead import KEYS_WAIT
from console.ui.widgets.composer import Composer
from console.ui.widgets.dialogue import Dialogue
from console.ui.widgets.pane import Pane
from console.ui.widgets.prompt import HISTORY, Prompt
from console.ui.widgets.transcript import Transcript

NEXT_TIER = {None: Tier.LOCAL, Tier.LOCAL: Tier.API, Tier.API: None}


class ChatPane(Pane):
    """Asks through the dispatcher, and shows which tier answered, why, and what it took."""

    BINDINGS = bindings(Context.CHAT)
    place = CHAT
    help_ = (
        "Each message goes to one tier, local or api; the line above the prompt says which and "
        "why while you type, about how many tokens go in, and from what to what the api may "
        "charge: the input alone, and with the longest reply. Each reply carries its tier, model "
        "and reason. Under a reply: tokens in and out, time to the first token, output tokens per "
        "second after it, and dollars: the api's price, or the electricity of a local reply. "
        "~ is estimated, - is unknown. A conversation that is pinned stays on the box: by hand, by "
        "your marks, or by what the guard finds in it (addresses, numbers and keys that have a "
        "form; names and postal addresses it cannot know, so pin those). /why tells every step. A "
        "slash begins a command; conversations are kept only if chat.store says so."
    )

    DEFAULT_CSS = "ChatPane.-short Aim { border-top: none; }"

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

    def __init__(self, services: ChatServices, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._services = services
        self.dialogue = Dialogue(services)
        self.kept = KeptChats(self, services)
        self._commands = ChatCommands(self, services, self.kept)
        self.composer = Composer(services, self._commands.offer)
        self.sending = Sending(self, services)

    def compose(self) -> ComposeResult:
        """The conversation above, the prompt below."""
        yield self.dialogue
        yield self.composer

    def on_mount(self) -> None:
        """Show where an empty prompt goes, and recall what was sent in earlier runs."""
        super().on_mount()
        self.update()
        self._begin()

    def on_resize(self) -> None:
        """Give a small pane's rows to the conversation."""
        self.set_class(self.size.height < ROOM_FOR_RULE, "-short")
        self.composer.prompt.styles.max_height = max(3, self.size.height * 2 // 5)

    @property
    def target(self) -> Widget:
        """The prompt."""
        return self.composer.prompt

    @property
    def conversation(self) -> Conversation:
        """The conversation on the screen."""
        return self.dialogue.conversation

    @property
    def copied(self) -> str:
        """What is marked, else the last reply."""
        reader = self.dialogue.transcript
        return reader.picked if reader.marked else printable(self.dialogue.shown.last_text or "")

    def step_back(self) -> bool:
        """Take back what is asked for, stop the reply, restore the draft, or leave the prompt."""
        if self.sending.take_back() or self.composer.step_back():
            return True
        if self.dialogue.shown.running:
            self.dialogue.stop()
        elif self.dialogue.transcript.unmark() or self.sending.change_nothing():
            return True
        elif self.composer.prompt.has_focus:
            self.dialogue.transcript.focus()
        else:
            return False
        return True

    def action_tier(self) -> None:
        """Choose who serves what follows: the policy, then local, then the api."""
        self._commands.force(NEXT_TIER[self.conversation.forced])

    def action_pin(self) -> None:
        """Keep the conversation on the box; a reply on its way from the api is stopped."""
        self.dialogue.pin("by hand")
        self.update()

    def action_retry(self) -> None:
        """Ask the last message again, on the other tier."""
        self._commands.run("retry", "")

    def action_resend(self) -> None:
        """Change an earlier message and send it again; once more for the one before."""
        self._commands.run("resend", "")

    def action_new(self) -> None:
        """Start a conversation, unpinned; a reply that is coming goes on in the old one."""
        self.switch(self.dialogue.new)

    def action_back(self) -> None:
        """Show the conversation before this one."""
        self.switch(self.dialogue.back)

    def action_list(self) -> None:
        """Find a conversation."""
        self.list_chats("")

    def action_editor(self) -> None:
        """Write what is in the prompt in the operator's editor."""
        self.post_message(EditText(self.composer.text, self.edited))

    def action_compare(self) -> None:
        """Put what is in the prompt to both tiers."""
        task = self.composer.text.strip()
        if task and commands.parse(task) is None:
            self.sending.compare(task)
        else:
            self.composer.tell("Write in the prompt what both tiers shall answer.")

    def action_attach(self) -> None:
        """Ask for a file to attach; what was in the prompt comes back afterwards."""
        self.composer.borrow("/file ")

    def action_copy(self) -> None:
        """Copy the last reply."""
        if text := self.copied:
            self.post_message(self.Copy(text))
        else:
            self.composer.tell("There is no reply to copy yet.")

    def action_prompt(self) -> None:
        """Go back to the prompt."""
        self.composer.prompt.focus()

    def on_composer_changed(self, event: Composer.Changed) -> None:
        """Show where the text would go now."""
        event.stop()
        self.dialogue.transcript.warm_up()
        self.sending.text_is(self.composer.text)
        self.update()

    def on_composer_commanded(self, event: Composer.Commanded) -> None:
        """Run a command."""
        event.stop()
        self._commands.run(event.name, event.argument)

    def on_composer_sent(self, event: Composer.Sent) -> None:
        """Send a message, once the operator has agreed to what it may cost."""
        event.stop()
        self.sending.send(event.text)

    def on_prompt_pasted(self, event: Prompt.Pasted) -> None:
        """Turn a large paste into context."""
        event.stop()
        self._commands.attach([Attachment("pasted text", event.text)])

    def on_prompt_paged(self, event: Prompt.Paged) -> None:
        """Move through the conversation without leaving the prompt."""
        event.stop()
        self.dialogue.transcript.page(event.pages)

    def on_prompt_recalled(self, event: Prompt.Recalled) -> None:
        """Attach again what belonged to a message that was never answered."""
        event.stop()
        self._commands.attach(self.sending.lost.pop(event.text, ()))

    def on_transcript_moved(self, event: Transcript.Moved) -> None:
        """Say how much is below what is shown."""
        event.stop()
        self._border()

    def on_dialogue_unanswered(self, event: Dialogue.Unanswered) -> None:
        """Put a task that got no answer back, or keep what was attached for when it is recalled."""
        event.stop()
        reply = event.reply
        self.sending.give_back(event.chat, reply.request.task, reply.attachments)

    def on_dialogue_settled(self) -> None:
        """Show what has changed with the end of a request."""
        self.update()

    def list_chats(self, words: str) -> None:
        """Open the list of conversations that hold these words."""
        self.post_message(ListChats(words))

    def compared(self, chat: Chat, blind: Blind, name: str | None) -> None:
        """Go on with one of two replies; without one the prompt is as it was before."""
        self.sending.compared(chat, blind, name)

    def edited(self, text: str | None, trouble: str | None = None) -> None:
        """Take what the operator's editor gave back."""
        if text is not None:
            self.composer.put(text)
        if trouble:
            self.composer.tell(trouble)

    def chosen(self, id: str | None) -> None:
        """Show the conversation that was chosen from the list, if one was."""
        if id is not None:
            self._resume(id)
        self.composer.prompt.focus()

    def switch(self, to: Callable[[], None]) -> None:
        """Show another conversation; each has a draft of its own."""
        self.dialogue.shown.draft = self.composer.text
        to()
        self.sending.changing = None
        self.composer.put(self.dialogue.shown.draft)
        self.update()

    def update(self) -> None:
        """The lines between the conversation and the prompt, and the border."""
        self.composer.show(self.conversation)
        self._border()

    @work(group="chat-begin", exit_on_error=False)
    async def _begin(self) -> None:
        await self._commands.begin()
        archive = self._services.archive
        if archive.lasting:
            try:
                self.composer.prompt.recall_from(await archive.tasks(HISTORY))
            except OSError as error:
                self.post_message(Say(str(error), trouble=True))
            if archive.notice:
                self.post_message(Say(archive.notice, trouble=True))

    @work(group="chat-resume", description=KEYS_WAIT, exclusive=True, exit_on_error=False)
    async def _resume(self, id: str) -> None:
        try:
            await self.kept.resume(id)
        except OSError as error:
            self.composer.tell(str(error))

    def _border(self) -> None:
        """How messages are routed, what runs elsewhere, how much is below; no foreign text."""
        conversation, below = self.conversation, self.dialogue.transcript.below
        mode = f"{conversation.forced} by hand" if conversation.forced else ROUTED
        parts = ["pinned to local" if conversation.pinned else mode]
        if elsewhere := self.dialogue.running_elsewhere:
            parts.append(f"{elsewhere} more running")
        if below:
            parts.append(f"{below:,} lines below")
        self.border_subtitle = SEPARATOR.join(parts)
