"""The operator's files: attachments, prompts, conversations, scenarios, copies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from console.core.chat import Attached, SystemPrompt
    from console.core.exchange import Exchange
    from console.core.kept import Kept, Listed
    from console.core.whatif.benchmark import Benchmark
    from console.core.whatif.scenario import Scenario


class Files(Protocol):
    """The files of this machine, as the operator names them."""

    def attach(self, pattern: str) -> Attached:
        """The files of a path or a pattern; raises OSError or ValueError with a sentence."""

    def complete(self, start: str) -> list[str]:
        """The paths that begin so, folders with a slash at the end."""

    def write(self, path: str, text: str) -> str:
        """Write a new file and say where; raises OSError or ValueError with a sentence."""


class Editor(Protocol):
    """The operator's own editor."""

    def edit(self, text: str) -> str:
        """The text as the operator left it; raises ValueError with a sentence."""


class Prompts(Protocol):
    """System prompts by name."""

    def names(self) -> list[str]:
        """The prompts there are."""

    def read(self, name: str) -> SystemPrompt:
        """A prompt by its name, or from a file by `@` and its path.

        Raises ValueError with a sentence when there is none.
        """

    def used(self, prompt: SystemPrompt) -> None:
        """Keep the text of a version that is about to be used."""


class ConversationStore(Protocol):
    """Conversations where they are kept; called from one thread only.

    Raises OSError with a sentence for the operator when the file cannot be used. What says whether
    a conversation is there is false, or None, when another console has deleted it.
    """

    notice: str | None
    """A sentence when something happened to the file at opening."""

    def listed(self, find: str, limit: int) -> list[Listed]:
        """Conversations that hold all words of `find`, the newest first."""

    def load(self, id: str) -> Kept | None:
        """The conversation whose id begins so, if it is the only one."""

    def pinned(self, id: str) -> str | None:
        """Why nothing of a conversation may leave the box, if so."""

    def begin(self, kept: Kept) -> None:
        """Write a new conversation, with what was said in it."""

    def choose(self, kept: Kept) -> bool:
        """Write which system prompt and models a conversation uses."""

    def pin(self, id: str, why: str | None, waived: frozenset[str] = frozenset()) -> bool:
        """Write that a conversation must stay on the box, or no longer, and for what."""

    def rename(self, id: str, title: str) -> bool:
        """Give a conversation another title."""

    def ask(self, id: str, exchange: Exchange) -> Exchange | None:
        """Write a message before it is sent, and give it its number."""

    def answer(self, exchange: Exchange, *, replaces: int | None = None) -> bool:
        """Write what came of a message; without any reply it is removed."""

    def forget(self, id: str) -> None:
        """Delete what was said in a conversation."""

    def delete(self, id: str) -> bool:
        """Delete a conversation."""

    def tasks(self, limit: int) -> list[str]:
        """The last different messages of all conversations, oldest first."""

    def close(self) -> None:
        """Close the file."""


class ScenarioShelf(Protocol):
    """Scenario files and exports; raises OSError or ValueError with a sentence."""

    def names(self) -> list[str]:
        """The saved scenarios."""

    def load(self, name: str) -> Scenario:
        """A saved scenario by name, or any file by path."""

    def save(self, name: str, scenario: Scenario) -> str:
        """Write a scenario; the path it has now."""

    def export(self, name: str, text: str) -> str:
        """Write an export; the path it has now."""

    def benchmark(self) -> Benchmark | None:
        """The load test that was imported last."""

    def keep_benchmark(self, path: str) -> Benchmark:
        """Import the load test in a file of AIPerf or GuideLLM."""

    def forget_benchmark(self) -> bool:
        """Forget the load test; false when there was none."""

    def policies(self) -> list[str]:
        """The operator's own replay policies, by name."""

    def policy(self, name: str) -> Mapping[str, Any]:
        """The tables of a replay policy, by name or from any file by path."""


class Copies(Protocol):
    """Files for texts that are copied."""

    def keep(self, text: str, now_ms: int) -> str:
        """Write a text into a new file, 0600; its path. Raises OSError."""
