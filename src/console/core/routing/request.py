"""A request as the router sees it: the task, what travels with it, and the operator's word."""

from dataclasses import dataclass

from console.core.chat import Image, Prompt, Turn
from console.core.tier import Tier


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A task, and all that travels with it.

    `attachments` is the text of files and pastes, `images` the pictures among them; `history` the
    conversation's earlier turns. `paths` are all files that travel along, the history's too, and
    `system_paths` those of the system prompt's file.
    `pinned` says in words why this must stay on the box (None: it need not).
    `forced` is the tier the operator asked for by hand; `waived` are reasons to stay that the
    operator has set aside, having said why.
    """

    task: str
    attachments: str = ""
    history: tuple[Turn, ...] = ()
    images: tuple[Image, ...] = ()
    paths: tuple[str, ...] = ()
    system_paths: tuple[str, ...] = ()
    pinned: str | None = None
    forced: Tier | None = None
    waived: frozenset[str] = frozenset()

    @property
    def context_chars(self) -> int:
        """Characters that travel with the task."""
        return len(self.attachments) + sum(len(turn.text) for turn in self.history)

    @property
    def vision(self) -> bool:
        """Whether a picture travels, with the task or in the history."""
        return bool(self.images) or any(turn.images for turn in self.history)

    @property
    def message(self) -> str:
        """The text of the new turn: the task, then its context if there is one."""
        if not self.attachments:
            return self.task
        return f"{self.task}\n\nContext: {self.attachments}"

    @property
    def turn(self) -> Turn:
        """The new turn, as it is sent and kept."""
        return Turn("user", self.message, self.images, self.paths)

    def prompt(self, system: str | None = None) -> Prompt:
        """What is sent to the chosen tier."""
        return Prompt(turns=(*self.history, self.turn), system=system)
