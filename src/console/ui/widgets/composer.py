"""Where a message or a command is written: the prompt, its menu, and the lines above it."""

from collections.abc import Awaitable, Callable, Sequence

from textual import work
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message

from console.services.chat import ChatServices
from console.services.conversation import Conversation
from console.services.estimate import Estimate
from console.ui import commands
from console.ui.type_ahead import KEYS_WAIT
from console.ui.widgets.aim import Aim
from console.ui.widgets.menu import Menu
from console.ui.widgets.prompt import Prompt

Offer = Callable[[commands.Command, str], Awaitable[Sequence[str]]]
"""What the argument of a command can be, given its beginning."""


class Composer(Vertical):
    """Completes commands as they are typed, and tells what was sent, or which command was meant."""

    DEFAULT_CSS = "Composer { height: auto; }"

    class Sent(Message):
        """A message is to be sent."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Commanded(Message):
        """A command is to be run."""

        def __init__(self, name: str, argument: str) -> None:
            super().__init__()
            self.name = name
            self.argument = argument

    class Changed(Message):
        """The text is another."""

    def __init__(self, services: ChatServices, offer: Offer, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.prompt = Prompt()
        self._aim = Aim(services)
        self._menu = Menu()
        self._offer = offer
        self._offered: Sequence[str] = ()
        self._set_aside: str | None = None
        self._dismissed: str | None = None

    def compose(self) -> ComposeResult:
        """What is attached and where it goes, the menu, the prompt."""
        yield self._aim
        yield self._menu
        yield self.prompt

    @property
    def text(self) -> str:
        """What is written."""
        return self.prompt.text

    def put(self, text: str) -> None:
        """Replace what is written."""
        self.prompt.put(text)

    def show(self, conversation: Conversation) -> None:
        """Show where the text would go in this conversation."""
        self._aim.show(self.text, conversation)

    def show_attached(self, conversation: Conversation) -> None:
        """Show what travels with the text; where it would go is for `show` to say."""
        self._aim.show_attached(conversation)

    def tell(self, sentence: str, style: str = "warn") -> None:
        """Say something until the text is changed."""
        self._aim.tell(sentence, self.text, style)

    def tell_of(self, text: str, sentence: str) -> None:
        """Say something of a text, if it is still the one that is written."""
        self._aim.tell(sentence, text)

    def confirm(self, estimate: Estimate) -> None:
        """Say what the text may cost if it is sent."""
        self._aim.confirm(estimate, self.text)

    def borrow(self, text: str) -> None:
        """Put a command in the prompt; what was there comes back when it is done."""
        self.prompt.focus()
        if not self.text.startswith("/"):
            self._set_aside = self.text
            self.put(text)

    def give_back(self) -> bool:
        """Put back what was in the prompt before a command was asked for by a key."""
        if self._set_aside is None:
            return False
        self.put(self._set_aside)
        self._set_aside = None
        return True

    def step_back(self) -> bool:
        """Give a draft back, or close the menu; false when there was neither."""
        if self.give_back():
            return True
        if not self._menu.choices:
            return False
        self._dismissed = self.text
        self._show_menu([])
        return True

    def on_text_area_changed(self) -> None:
        """Offer what the text can become."""
        text = self.text
        if text != self._dismissed:
            self._dismissed = None
        typed = commands.argument_of(text)
        if typed is None or not typed[0].offers:
            self.workers.cancel_group(self, "offer")
            self._offered = ()
        # What was offered for less of the text is all that can fit, until it is looked up again.
        self._choices(text)
        if typed is not None and typed[0].offers:
            self._look_up(text, *typed)
        self.post_message(self.Changed())

    def on_prompt_chosen(self, event: Prompt.Chosen) -> None:
        """Move through the menu."""
        event.stop()
        self._menu.move(event.by)

    def on_prompt_completed(self, event: Prompt.Completed) -> None:
        """Complete a command as far as it is certain, then with what is chosen."""
        event.stop()
        typed = commands.argument_of(self.text)
        if typed is not None and typed[0].offers and not self._menu.moved:
            self._look_up(self.text, *typed, complete=True)
        else:
            self._complete()

    def on_prompt_submitted(self, event: Prompt.Submitted) -> None:
        """Run a command, complete one that is not whole, or send a message."""
        event.stop()
        text = event.text
        choice = self._taken(text)
        if choice is not None and choice != text:
            self.put(choice)
            text = choice
        parsed = commands.parse(text)
        if parsed is None:
            self.post_message(self.Sent(text))
            return
        name, argument = parsed
        command = commands.BY_NAME.get(name)
        if command and command.needs and not argument:
            self.put(f"/{name} ")
            self.tell(f"/{name} needs {command.takes}.")
        else:
            self.post_message(self.Commanded(name, argument))

    def _taken(self, text: str) -> str | None:
        """The choice that Enter takes: one that was moved to, or the first of a cut command."""
        menu = self._menu
        if not menu.choices:
            return None
        known = commands.parse(text)
        if menu.moved or (known and known[0] not in commands.BY_NAME):
            return menu.choices[menu.chosen].text
        return None

    @work(group="offer", description=KEYS_WAIT, exclusive=True, exit_on_error=False)
    async def _look_up(
        self, text: str, command: commands.Command, start: str, *, complete: bool = False
    ) -> None:
        offered = await self._offer(command, start)
        if self.text == text:
            self._offered = offered
            self._choices(text)
            if complete:
                self._complete()

    def _complete(self) -> None:
        menu = self._menu
        if menu.moved:
            self.put(menu.choices[menu.chosen].text)
        else:
            self.put(commands.completed(self.text, menu.choices, menu.chosen))

    def _choices(self, text: str) -> None:
        found = [] if text == self._dismissed else commands.choices(text, self._offered)
        # What is written already is no choice.
        self._show_menu([] if [each.text.strip() for each in found] == [text.strip()] else found)

    def _show_menu(self, found: Sequence[commands.Choice]) -> None:
        self._menu.offer(found)
        self.prompt.choosing = bool(found)
