"""All services of one running console, as the front ends get them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from console.core.money import to_nano
from console.core.settings import Settings
from console.services.archive import Archive
from console.services.books import Books
from console.services.chat import ChatServices
from console.services.compare import Comparer
from console.services.dispatcher import Dispatcher
from console.services.electricity import Electricity
from console.services.estimate import Estimator
from console.services.health import Health
from console.services.meter import Meter
from console.services.ports import Clock, Copies, Editor, Files, Prompts
from console.services.sampler import Sampler

if TYPE_CHECKING:
    from console.services.calculator import Calculator


class State(Protocol):
    """What the operator left open, kept between runs; losing it is harmless."""

    def get(self, name: str) -> object:
        """A remembered value (JSON), or None."""

    def put(self, name: str, value: object) -> None:
        """Remember a value; never raises."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Console:
    """The services behind every front end; `demo` is true when everything is a stand-in.

    What a first screen does without is opened when it is first asked for.
    """

    settings: Settings
    clock: Clock
    sampler: Sampler
    meter: Meter
    electricity: Electricity
    books: Books
    dispatcher: Dispatcher
    health: Health
    state: State
    open_calculator: "Callable[[], Calculator]"
    comparer: Comparer
    files: Files
    prompts: Prompts
    editor: Editor
    archive: Archive
    estimator: Estimator
    copies: Copies
    new_id: Callable[[], str]
    host: str
    demo: bool = False

    @property
    def chat(self) -> ChatServices:
        """What the chat pane works with."""
        most = self.settings.chat_confirm_above_usd
        return ChatServices(
            dispatcher=self.dispatcher,
            health=self.health,
            books=self.books,
            clock=self.clock,
            archive=self.archive,
            estimator=self.estimator,
            comparer=self.comparer,
            files=self.files,
            prompts=self.prompts,
            new_id=self.new_id,
            confirm_above_nano=None if most is None else to_nano(most),
            system=self.settings.chat_system,
        )
