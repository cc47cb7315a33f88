"""What a chat works with, in one piece."""

from collections.abc import Callable
from dataclasses import dataclass

from console.services.archive import Archive
from console.services.books import Books
from console.services.compare import Comparer
from console.services.dispatcher import Dispatcher
from console.services.estimate import Estimator
from console.services.health import Health
from console.services.ports import Clock, Files, Prompts


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatServices:
    """The services behind the chat pane.

    `confirm_above_nano` is what an API call may cost at most before the operator is asked; None
    never asks. `system` names the prompt that a new conversation begins with.
    """

    dispatcher: Dispatcher
    health: Health
    books: Books
    clock: Clock
    archive: Archive
    estimator: Estimator
    comparer: Comparer
    files: Files
    prompts: Prompts
    new_id: Callable[[], str]
    confirm_above_nano: int | None = None
    system: str | None = None
