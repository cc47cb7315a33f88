"""The way of a text out of the prompt: agreed to, sent or compared, and back if nobody answers."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from console.core.chat import Attachment
from console.core.routing.request import Request
from console.core.tier import Tier
from console.services.chat import ChatServices
from console.services.estimate import Estimate
from console.ui.blind import Blind
from console.ui.talk import Chat

if TYPE_CHECKING:
    from console.ui.panes.chat import ChatPane


class Sending:
    """Sends what a pane's prompt says.

    `changing` is the place of the message that is being changed, to be sent again; `lost` has what
    was attached to messages that nobody answered, by their text.
    """

    def __init__(self, pane: "ChatPane", services: ChatServices) -> None:
        self._pane = pane
        self._services = services
        self._pending: tuple[str, Callable[[], None]] | None = None
        """What Enter does once the operator has seen what it may cost, and the text it is for."""
        self.changing: int | None = None
        self.lost: dict[str, tuple[Attachment, ...]] = {}

    def send(self, text: str) -> None:
        """Send a message, once the operator has agreed to what it may cost."""
        pane, task = self._pane, text.strip()
        pending, self._pending = self._pending, None
        if pending and pending[0] == text:
            pending[1]()
            pane.update()
        elif pane.dialogue.shown.running:
            pane.composer.tell(
                "A reply is still coming: Esc stops it, /new starts another conversation."
            )
        elif task:
            request = pane.conversation.request(task)
            self.once_agreed(request, lambda: self._go(task, text), text)
        elif pane.conversation.attachments:
            pane.composer.tell("Say what to do with what is attached.")

    def compare(self, task: str) -> None:
        """Put a task to both tiers, if it may go to both."""
        pane = self._pane
        request = pane.conversation.request(task)
        if pane.dialogue.shown.running:
            pane.composer.tell("A reply is still coming: Esc stops it.")
        elif refusal := self._services.comparer.refusal(request):
            pane.composer.tell(f"Compare is off here: {refusal}.")
        else:
            on_api = replace(request, forced=Tier.API)
            self.once_agreed(on_api, lambda: self._compare(task), pane.composer.text)

    def compared(self, chat: Chat, blind: Blind, name: str | None) -> None:
        """Go on with one of two replies; without one the prompt is as it was before."""
        if name is not None:
            self._pane.dialogue.adopt(chat, blind, name)
        else:
            self.give_back(chat, blind.pair.request.task, blind.attachments)
        self._pane.update()

    def once_agreed(self, request: Request, act: Callable[[], None], text: str) -> None:
        """Do it, once the operator has agreed to what the request may cost where it is much.

        `text` is what the prompt says meanwhile; Enter agrees while it is that.
        """
        if self._services.confirm_above_nano is None:
            act()
            self._pane.update()
            return
        self._pane.run_worker(
            self._ask_first(request, act, text),
            group="chat-ask-first",
            exclusive=True,
            exit_on_error=False,
        )

    def take_back(self) -> bool:
        """Do not send what waits for a word; false when nothing does."""
        if self._pending is None:
            return False
        self._pending = None
        self._pane.composer.tell("Not sent.", "dim")
        return True

    def text_is(self, text: str) -> None:
        """What was agreed to for another text is agreed to no more."""
        if self._pending and self._pending[0] != text:
            self._pending = None

    def change_nothing(self) -> bool:
        """Leave an earlier message as it was; false when none is being changed."""
        if self.changing is None:
            return False
        self.changing = None
        self._pane.composer.put("")
        self._pane.update()
        return True

    def give_back(self, chat: Chat, task: str, attachments: tuple[Attachment, ...]) -> None:
        """Put a task back into its prompt, or keep its attachments for when it is recalled."""
        pane = self._pane
        here = chat is pane.dialogue.shown
        if pane.composer.text if here else chat.draft:
            self.lost[task] = attachments
            return
        chat.conversation.attachments += attachments
        if here:
            pane.composer.put(task)
        else:
            chat.draft = task

    async def _ask_first(self, request: Request, act: Callable[[], None], text: str) -> None:
        dear = await self._dear(request)
        if dear is None:
            act()
            self._pane.update()
        elif self._pane.composer.text == text:
            self._pending = (text, act)
            self._pane.composer.confirm(dear)

    async def _dear(self, request: Request) -> Estimate | None:
        """What a request may cost, if the operator wants to be asked for that much."""
        services, conversation = self._services, self._pane.conversation
        system = conversation.system.text if conversation.system else None
        decision = services.dispatcher.decide(request, system=system, conversation=conversation.id)
        limit = services.confirm_above_nano
        if limit is None or decision.tier is not Tier.API:
            return None
        model = conversation.models.get(decision.tier) or decision.model
        estimate = await services.estimator.estimate(request.prompt(system), decision.tier, model)
        high = estimate.high_nano
        return estimate if high is None or high > limit else None

    def _go(self, task: str, text: str) -> None:
        pane = self._pane
        if pane.composer.text == text:
            pane.composer.put("")
        pane.composer.prompt.remember(task)
        if self.changing is None:
            pane.dialogue.ask(task)
        else:
            pane.run_worker(
                self._send_changed(task, self.changing), group="chat-branch", exit_on_error=False
            )

    async def _send_changed(self, task: str, place: int) -> None:
        pane = self._pane
        try:
            await pane.kept.branch(place)
        except OSError as error:
            pane.composer.put(task)
            pane.composer.tell(str(error))
            return
        self.changing = None
        pane.dialogue.ask(task)
        pane.update()

    def _compare(self, task: str) -> None:
        pane = self._pane
        try:
            pair = self._services.comparer.pair(pane.conversation.request(task))
        except ValueError as error:
            pane.composer.tell(str(error))
            return
        pane.composer.prompt.remember(task)
        pane.composer.put("")
        blind = Blind(pair, pane.conversation.sent(), self._services.clock.now_ms())
        pane.post_message(pane.Compare(pane.dialogue.shown, blind))
