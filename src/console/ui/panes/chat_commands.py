"""What the chat's slash commands do, and what their arguments can be."""

import asyncio
from collections.abc import Coroutine, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from console.core.chat import Attachment
from console.core.text import one_line
from console.core.tier import Tier
from console.services.chat import ChatServices
from console.services.conversation import Conversation
from console.ui import commands
from console.ui.draw.decision import decision_blocks
from console.ui.panes.kept_chats import RUNNING, KeptChats

if TYPE_CHECKING:
    from console.ui.panes.chat import ChatPane


class ChatCommands:
    """Runs commands on the conversation that a pane shows."""

    def __init__(self, pane: "ChatPane", services: ChatServices, kept: KeptChats) -> None:
        self._pane = pane
        self._services = services
        self._kept = kept

    def run(self, name: str, argument: str) -> None:
        """Run a command; when it cannot be, the prompt has it again and says why."""
        composer, text = self._pane.composer, self._pane.composer.text
        typed = text if commands.parse(text) else ""
        if typed:
            composer.put("")
        act = getattr(self, f"_{name}", None) if name in commands.BY_NAME else None
        try:
            if act is None:
                raise ValueError(commands.nearest(name))
            begun = act(argument)
        except (OSError, ValueError) as error:
            self._refuse(typed, str(error))
            return
        if begun is None:
            self._done()
        else:
            self._work(self._finish(begun, typed))

    async def offer(self, command: commands.Command, start: str) -> Sequence[str]:
        """What a command's argument can be, given its beginning."""
        services = self._services
        match command.offers:
            case "paths":
                return await asyncio.to_thread(services.files.complete, start)
            case "prompts":
                return await asyncio.to_thread(services.prompts.names)
            case "models":
                return await services.health.models(self._aimed_at())
            case "attached":
                return [one_line(each.name) for each in self._conversation.attachments]
        return ()

    async def begin(self) -> None:
        """Let conversations begin with the system prompt that the settings name."""
        if name := self._services.system:
            try:
                prompt = await asyncio.to_thread(self._services.prompts.read, name)
            except ValueError as error:
                self._tell(f"chat.system: {error}")
            else:
                self._pane.dialogue.begin_with(prompt)
                self._pane.update()

    def force(self, tier: Tier | None) -> None:
        """Choose who serves what follows."""
        try:
            self._conversation.force(tier)
        except ValueError as error:
            self._tell(f"{error} /new starts one that is not.")
        self._pane.update()

    def attach(self, attachments: Iterable[Attachment]) -> None:
        """Let these travel with the next message, or say why they cannot."""
        try:
            self._conversation.attach(attachments)
        except ValueError as error:
            self._tell(str(error))
        self._pane.composer.show_attached(self._conversation)
        # A long text takes longer to search for what must stay than to show.
        self._pane.call_after_refresh(self._pane.update)

    # Each `_name` below is the command /name. It returns None when it is done, and a coroutine
    # where there is something to wait for; that may return what is to be said.

    def _help(self, argument: str) -> None:
        self._pane.dialogue.say(commands.help_blocks())

    def _file(self, argument: str) -> Coroutine[Any, Any, str]:
        return self._read(argument, image=False)

    def _image(self, argument: str) -> Coroutine[Any, Any, str]:
        return self._read(argument, image=True)

    async def _read(self, path: str, *, image: bool) -> str:
        """Attach files; the conversation on the screen may be another when they have been read."""
        conversation = self._conversation
        attached = await asyncio.to_thread(self._services.files.attach, path)
        files = [each for each in attached.files if each.image or not image]
        if not files:
            raise ValueError(f"{one_line(path)} is no image; /file attaches text.")
        conversation.attach(files)
        left_out = attached.left_out
        return f"{len(left_out)} left out: {left_out[0]}" if left_out else ""

    def _drop(self, argument: str) -> None:
        attachments = self._conversation.attachments
        kept = [each for each in attachments if argument and one_line(each.name) != argument]
        if argument and len(kept) == len(attachments):
            raise ValueError(f"{argument} is not attached.")
        attachments[:] = kept

    def _tier(self, argument: str) -> None:
        if argument not in commands.BY_NAME["tier"].values:
            raise ValueError("/tier needs auto, local or api.")
        self.force(None if argument == "auto" else Tier(argument))

    def _model(self, argument: str) -> Coroutine[Any, Any, str]:
        async def choose() -> str:
            tier, conversation = self._aimed_at(), self._conversation
            if argument == "auto":
                conversation.models.pop(tier, None)
            else:
                conversation.models[tier] = argument
            await self._services.archive.chosen(conversation)
            listed = await self._services.health.models(tier)
            if argument != "auto" and listed and argument not in listed:
                return f"The {tier} server does not list {argument}; it is asked for all the same."
            return (
                f"The {tier} tier uses {'its own model' if argument == 'auto' else argument} here."
            )

        return choose()

    def _system(self, argument: str) -> Coroutine[Any, Any, str]:
        async def choose() -> str:
            prompts, conversation = self._services.prompts, self._conversation
            if not argument:
                names = ", ".join(await asyncio.to_thread(prompts.names)) or "none yet"
                now = conversation.system
                used = f"{now.name} ({now.version})" if now else "none"
                return f"System prompt here: {used}. There are: {names}."
            if argument == "off":
                conversation.system = None
            else:
                conversation.system = await asyncio.to_thread(prompts.read, argument)
            await self._services.archive.chosen(conversation)
            now = conversation.system
            return f"System prompt here: {f'{now.name} ({now.version})' if now else 'none'}."

        return choose()

    def _why(self, argument: str) -> None:
        conversation = self._conversation
        last = conversation.exchanges[-1:]
        if argument or not last:
            request = conversation.request(argument)
        else:
            request = conversation.again(last[0])
        system = conversation.system
        decision = self._services.dispatcher.decide(
            request, system=system.text if system else None, conversation=conversation.id
        )
        self._pane.dialogue.say(decision_blocks(decision))

    def _pin(self, argument: str) -> None:
        self._pane.action_pin()

    def _unpin(self, argument: str) -> Coroutine[Any, Any, str]:
        conversation, pin = self._conversation, self._conversation.pinned
        if pin is None:
            raise ValueError("This conversation is not pinned.")

        async def let_go() -> str:
            services = self._services
            await services.dispatcher.unpin(conversation.id, pin, argument)
            conversation.unpin()
            await services.archive.pinned(conversation)
            return "Unpinned; the reason is in the ledger. Another kind of finding pins it anew."

        return let_go()

    def _compare(self, argument: str) -> None:
        if not argument:
            raise ValueError("/compare needs the text that both tiers shall answer.")
        self._pane.sending.compare(argument)

    def _retry(self, argument: str) -> None:
        pane, dialogue = self._pane, self._pane.dialogue
        if dialogue.shown.running:
            raise ValueError(RUNNING)
        if argument and argument not in tuple(Tier):
            raise ValueError("/retry takes local or api, or nothing for the other tier.")
        tier = Tier(argument) if argument else None
        asked = dialogue.shown.again(tier, self._services.clock.now_ms())
        if asked is None:
            raise ValueError("There is no message to ask again yet.")
        if asked.request.forced is Tier.API and self._conversation.pinned:
            raise ValueError(f"The api is refused: pinned ({self._conversation.pinned}).")
        if pane.composer.text.strip() == asked.request.task:
            # It came back because nobody had answered it.
            self._conversation.attachments.clear()
            pane.composer.put("")
        pane.sending.once_agreed(
            asked.request, lambda: dialogue.ask_again(asked), pane.composer.text
        )

    def _resend(self, argument: str) -> None:
        pane, exchanges = self._pane, self._conversation.exchanges
        if pane.dialogue.shown.running:
            raise ValueError(RUNNING)
        if argument and not (argument.isdecimal() and 1 <= int(argument) <= len(exchanges)):
            raise ValueError(f"/resend takes a number from 1 to {len(exchanges)}.")
        if not exchanges:
            raise ValueError("There is no message to change yet.")
        before = len(exchanges) if pane.sending.changing in (None, 0) else pane.sending.changing
        assert before is not None
        place = int(argument) - 1 if argument else before - 1
        pane.sending.changing = place
        pane.composer.put(exchanges[place].task)
        pane.action_prompt()
        pane.composer.tell(
            f"Message {place + 1} of {len(exchanges)}: Enter sends it anew; what followed stays in "
            "a conversation of its own. Esc leaves it."
        )

    def _edit(self, argument: str) -> None:
        self._pane.action_editor()

    def _new(self, argument: str) -> None:
        self._pane.action_new()

    def _back(self, argument: str) -> None:
        self._pane.action_back()

    def _list(self, argument: str) -> None:
        self._pane.list_chats(argument)

    def _rename(self, argument: str) -> Coroutine[Any, Any, None]:
        self._conversation.title = argument
        return self._kept.rename(self._conversation.id, argument)

    def _export(self, argument: str) -> Coroutine[Any, Any, str]:
        async def write() -> str:
            return f"Written to {await self._kept.export(self._conversation.id, argument)}."

        return write()

    def _copy(self, argument: str) -> None:
        self._pane.action_copy()

    def _clear(self, argument: str) -> Coroutine[Any, Any, None]:
        if self._pane.dialogue.shown.running:
            raise ValueError(RUNNING)
        self._pane.dialogue.clear()
        return self._services.archive.forget(self._conversation.id)

    def _delete(self, argument: str) -> Coroutine[Any, Any, str | None]:
        if self._pane.dialogue.shown.running:
            raise ValueError(RUNNING)
        return self._kept.delete(self._conversation.id)

    @property
    def _conversation(self) -> Conversation:
        return self._pane.conversation

    def _aimed_at(self) -> Tier:
        """The tier that the next message would take."""
        decision = self._services.dispatcher.decide(self._conversation.request(""))
        return decision.tier or Tier.LOCAL

    async def _finish(self, begun: Coroutine[Any, Any, str | None], typed: str) -> None:
        try:
            said = await begun
        except (OSError, ValueError) as error:
            self._refuse(typed, str(error))
            return
        self._done()
        if said:
            self._pane.composer.tell(said, "dim")

    def _refuse(self, typed: str, sentence: str) -> None:
        """Give a command back that could not be run, unless something else is written by now."""
        if typed and not self._pane.composer.text:
            self._pane.composer.put(typed)
        self._tell(sentence)

    def _done(self) -> None:
        """Give the draft back that a command was typed in the place of."""
        self._pane.composer.give_back()
        self._pane.update()

    def _tell(self, sentence: str) -> None:
        self._pane.composer.tell(sentence)

    def _work(self, coroutine: Coroutine[Any, Any, None]) -> None:
        self._pane.run_worker(coroutine, group="chat-command", exit_on_error=False)
